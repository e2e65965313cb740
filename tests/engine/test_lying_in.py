"""How long a silence must last: by night until later than ever, by day the less rare the longer it lasts."""

from __future__ import annotations

import math

import pytest

from sensor_hub.engine.detectors.inactivity import SURPRISE, rarity
from sensor_hub.engine.state import HazardState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home()


def _still(since: float, until: float, log: list[Arrival]) -> list[Arrival]:
    """The same with nobody moving from `since` to `until`."""
    moved = (Metric.MOTION, Metric.CONTACT)
    return [one for one in log if one.reading.metric not in moved or not since <= one.reading.at < until]


def _told(day: int, clock: float) -> float | None:
    """O'clock at which a silence is told that begins at `clock` on that day."""
    midnight = START + day * DAY
    log = _still(midnight + clock * HOUR, midnight + DAY, list(whole_log(HOME, START, midnight + DAY)))
    at = [alert.at for alert in raised(HOME, log) if alert.kind is Kind.INACTIVITY]
    return (at[0] - midnight) / HOUR if at else None


def test_until_a_fortnight_is_known_who_is_silent_since_the_night_may_lie_in_until_ten() -> None:
    told = _told(10, 3.0)
    assert told is not None
    assert 10.0 <= told <= 10.25


def test_then_until_so_much_later_than_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _told(20, 3.0)
    assert told is not None
    assert told < 10.0
    monkeypatch.setattr("sensor_hub.engine.detectors.inactivity.LATER_THAN_EVER", 16)
    assert _told(20, 3.0) == pytest.approx(8.25 + 4.0, abs=0.3)


def test_who_was_up_is_not_waited_for_so_long() -> None:
    told = _told(10, 7.6)
    assert told is not None
    assert told < 12.0


def test_where_silences_are_rarely_over_soon_a_long_one_by_day_needs_less_surprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def quiet(day: int) -> float:
        midnight = START + day * DAY
        log = list(whole_log(HOME, START, midnight + DAY))
        # Anybody is seen every other hour only.
        log = [one for one in log if one.reading.metric is not Metric.MOTION or int(one.reading.at // HOUR) % 2 == 0]
        log = _still(midnight + 8.5 * HOUR, midnight + DAY, log)
        return min((a.at - midnight) / HOUR for a in raised(HOME, log) if a.kind is Kind.INACTIVITY)

    sooner = quiet(20)
    monkeypatch.setattr("sensor_hub.engine.detectors.inactivity.MOST_RELIEF", 0.0)
    assert sooner < quiet(20) - 0.4


def test_how_rare_a_silence_is_said_to_be_follows_what_was_measured() -> None:
    learned = HazardState(silences=15.0, hour_days=1.0)
    assert rarity(learned, 5.0) == pytest.approx(math.exp(5.0) / 15.0)
    assert 30 < rarity(learned, SURPRISE) < 90
    assert rarity(learned, 10.0) < 2 * rarity(learned, SURPRISE)
