"""The formulas of a cooling room, against rooms that cool by them."""

import math
import random

import pytest

from sensor_hub.engine.thermal import Decay, Fall, fit, hours_until, supply, time_constant


def _decay(tau: float, *, start: float = 20.0, outdoors: float = 4.0, noise: float = 0.0, seed: int = 1) -> Decay:
    chance = random.Random(seed)
    hours = [quarter / 4 for quarter in range(24)]
    values = [outdoors + (start - outdoors) * math.exp(-hour / tau) + chance.gauss(0, noise) for hour in hours]
    return Decay(hours, [round(value, 2) for value in values], outdoors)


@pytest.mark.parametrize("tau", [8.0, 25.0, 60.0, 120.0])
def test_a_night_without_heat_gives_its_time_constant(tau: float) -> None:
    assert fit(_decay(tau)) == pytest.approx(tau, rel=0.02)


def test_noise_and_one_wild_value_hardly_matter() -> None:
    decay = _decay(30.0, noise=0.05)
    wild = [*decay.values]
    wild[10] += 2.0

    assert fit(decay) == pytest.approx(30.0, rel=0.1)
    assert fit(Decay(decay.hours, wild, decay.outdoors)) in (None, pytest.approx(30.0, rel=0.1))


@pytest.mark.parametrize(
    "decay",
    [
        _decay(30.0, start=6.5),
        _decay(2000.0),
        Decay([0, 1, 2, 3, 4], [18.0, 18.5, 19.0, 19.5, 20.0], 5.0),
        Decay([0, 1, 2, 3, 4, 5], [20.0, 18.0, 20.0, 18.0, 20.0, 19.0], 5.0),
    ],
    ids=["too near to outdoors", "hardly falls", "rises", "no line"],
)
def test_a_night_that_is_no_decay_is_refused(decay: Decay) -> None:
    assert fit(decay) is None


def test_the_time_constant_needs_five_nights_that_agree() -> None:
    assert time_constant([30.0, 31.0, 29.0, 30.0]) is None
    assert time_constant([30.0, 31.0, 29.0, 30.0, 200.0]) == 30.0
    assert time_constant([5.0, 20.0, 80.0, 160.0, 320.0]) is None


def test_a_room_without_heat_is_supplied_with_nothing() -> None:
    assert supply(-15 / 30, 20.0, 5.0, 30.0) == pytest.approx(0.0)
    assert supply(0.0, 20.0, 5.0, 30.0) == pytest.approx(0.5)


def test_the_crossing_is_where_the_decay_passes() -> None:
    tau, outdoors, start = 30.0, 4.0, 18.0
    rate = -(start - outdoors) / tau

    hours = hours_until(16.0, Fall(start, outdoors, outdoors, rate), tau)

    assert outdoors + (start - outdoors) * math.exp(-hours / tau) == pytest.approx(16.0)


def test_a_room_with_other_warmth_settles_and_may_never_get_there() -> None:
    free = hours_until(16.0, Fall(17.0, 4.0, 4.0, -13 / 30), 30.0)
    assert hours_until(16.0, Fall(17.0, 4.0, 4.0, -0.2), 30.0) > free
    assert hours_until(16.0, Fall(17.0, 4.0, 4.0, -0.02), 30.0) == math.inf
    assert hours_until(16.0, Fall(17.0, 4.0, 4.0, 0.1), 30.0) == math.inf
    assert hours_until(16.0, Fall(15.0, 4.0, 4.0, -0.1), 30.0) == 0.0


def test_a_room_that_falls_faster_than_it_did_gets_there_sooner() -> None:
    usual = hours_until(16.0, Fall(18.0, 4.0, 4.0, -14 / 30), 30.0)
    assert hours_until(16.0, Fall(18.0, 4.0, 4.0, -14 / 15), 30.0) == pytest.approx(usual / 2)


def test_a_milder_day_to_come_puts_the_crossing_off() -> None:
    cold = hours_until(16.0, Fall(18.0, 1.0, 1.0, -17 / 30), 30.0)
    assert hours_until(16.0, Fall(18.0, 1.0, 8.0, -17 / 30), 30.0) > cold
