"""On the day of 23 hours and on the day of 25 people do as they always do, and nobody is told anything."""

import pytest

from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import moment, raised, small_home, whole_log

SPRING, AUTUMN = moment("2026-03-29 12:00"), moment("2025-10-26 12:00")


@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["the clocks go forward", "the clocks go back"])
def test_ordinary_days_around_a_clock_change_are_quiet(change: float) -> None:
    home = small_home()
    assert raised(home, whole_log(home, change - 21 * DAY, change + 7 * DAY)) == []


@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["the clocks go forward", "the clocks go back"])
def test_a_fall_on_the_day_of_the_change_is_still_told(change: float) -> None:
    home = small_home()
    fall = change - 2 * HOUR
    log = [
        one
        for one in whole_log(home, change - 21 * DAY, fall + 8 * HOUR)
        if one.reading.metric != "motion" or one.reading.at < fall
    ]

    alerts = raised(home, log)

    assert [alert.kind for alert in alerts] == [Kind.INACTIVITY]
    assert 2.5 * HOUR <= alerts[0].at - fall <= 6 * HOUR
