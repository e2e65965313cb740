"""What comes at a set time comes once, also on the days of clock changes."""

from __future__ import annotations

import pytest

from sensor_hub.alerts.timetable import Timetable
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import LONDON, moment

MONDAYS = Timetable(8 * 60, LONDON, frozenset({0}))


def test_the_last_time_is_the_one_that_has_come() -> None:
    monday = moment("2026-01-05 08:00")
    assert MONDAYS.last(monday) == monday
    assert MONDAYS.last(monday - 1) == monday - 7 * DAY
    assert MONDAYS.last(monday + 7 * DAY - 1) == monday


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_daily_one_within_the_hour_of_a_clock_change_comes_once(day: str) -> None:
    """At 01:30, which is skipped in spring and comes twice in autumn."""
    daily, midnight = Timetable(90, LONDON), moment(f"{day} 00:00")
    times = sorted({daily.last(midnight + step * 600) for step in range(23 * 6)})
    assert len(times) == 2, "yesterday's and today's"
    assert times[1] == midnight + {"2026-03-29": 1.0, "2026-10-25": 1.5}[day] * HOUR
