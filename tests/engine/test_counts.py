import pytest

from sensor_hub.engine.counts import (
    FIRM_WINDOWS,
    NEEDED_WINDOWS,
    NIGHT,
    is_firm,
    judge_window,
    learn_window,
    unusual,
    usual_range,
)
from sensor_hub.engine.state import CountState
from sensor_hub.model.moment import DAY


def _learned(counts: list[int]) -> CountState:
    state = CountState()
    for number, count in enumerate(counts):
        _window(state, number, count)
    return state


def _window(state: CountState, number: int, count: int, prior: float = 2.0) -> float:
    z = unusual(state, count, prior)
    judge_window(state, float(number), count, z)
    learn_window(state, count, z)
    return z


def test_the_usual_is_not_unusual_and_more_is_more_unusual() -> None:
    state = _learned([2, 3, 2, 2, 3, 2, 3, 2, 2, 3, 2, 3, 2, 2])
    scores = [unusual(state, count, 2.0) for count in range(8)]
    assert scores == sorted(scores)
    assert abs(scores[2]) < 1
    assert scores[5] > 2
    assert usual_range(state) == (2, 3)


def test_counts_of_so_small_a_spread_are_not_judged_by_a_poisson_tail() -> None:
    """Five visits where two or three are usual: one in twenty by Poisson, far rarer for this person."""
    state = _learned([2, 3] * 10)
    assert unusual(state, 5, 2.0) > 2.3


def test_one_odd_night_is_no_episode_and_two_are() -> None:
    state = _learned([2, 3] * 10)
    _window(state, 100, 9)
    assert state.rising_since is None
    _window(state, 101, 6)
    assert state.rising_since == 101.0


@pytest.mark.parametrize(("odd", "since"), [(11, "rising_since"), (0, "falling_since")])
def test_an_episode_ends_when_the_usual_is_back(odd: int, since: str) -> None:
    state = _learned([4, 5] * 10)
    for number in range(3):
        _window(state, 100 + number, odd, 4.5)
    assert getattr(state, since) is not None
    for number in range(8):
        _window(state, 200 + number, 4 + number % 2, 4.5)
    assert getattr(state, since) is None


def test_nothing_is_said_before_a_week_is_learned() -> None:
    state = _learned([2] * (NEEDED_WINDOWS - 1))
    _window(state, 100, 12)
    assert state.rise == 0.0


def test_nights_up_must_be_odder_than_visits_and_two_are_enough_if_they_are() -> None:
    for counts, told in (((10, 9), True), ((5, 6), False)):
        state = _learned([2, 3] * 10)
        for number, count in enumerate(counts):
            judge_window(state, number * DAY, count, unusual(state, count, 2.0), NIGHT)
        assert (state.rising_since is not None) == told, counts


@pytest.mark.parametrize(("known", "firm"), [(FIRM_WINDOWS - 2, False), (FIRM_WINDOWS - 1, True)])
def test_what_began_when_little_was_known_stays_a_line_in_the_review(known: int, firm: bool) -> None:
    state = CountState()
    for number in range(known + 8):
        count = 2 + number % 2 if number < known else 9
        z = unusual(state, count, 2.0)
        judge_window(state, number * DAY, count, z)
        learn_window(state, count, z)
    assert state.rising_since == (known + 1) * DAY
    assert is_firm(state, state.rising_since) == firm
