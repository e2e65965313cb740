"""A resident who lies still is told of in hours, with the reason."""

from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from tests.homes import moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")


def test_stillness_on_a_learned_morning_pages_within_five_hours() -> None:
    home = small_home()
    fall = START + 20 * DAY + 10 * HOUR
    log = [
        one
        for one in whole_log(home, START, fall + 12 * HOUR)
        if one.reading.metric != "motion" or one.reading.at < fall
    ]

    alerts = raised(home, log)

    assert [alert.kind for alert in alerts] == [Kind.INACTIVITY]
    assert alerts[0].urgency is Urgency.URGENT
    assert 2.5 * HOUR <= alerts[0].at - fall <= 5 * HOUR
    assert alerts[0].summary.startswith("No movement since 09:")
    assert "Usually there is movement between 10:00 and 11:00 (20 of 20 days)" in alerts[0].summary


def test_on_the_first_day_only_the_fixed_net_sounds() -> None:
    home = small_home()
    fall = START + 10 * HOUR
    log = [
        one
        for one in whole_log(home, START, fall + 16 * HOUR)
        if one.reading.metric != "motion" or one.reading.at < fall
    ]

    alerts = raised(home, log)

    assert [alert.kind for alert in alerts] == [Kind.INACTIVITY]
    assert 11.5 * HOUR <= alerts[0].at - fall <= 13 * HOUR


def test_ordinary_weeks_are_quiet() -> None:
    home = small_home()
    assert raised(home, whole_log(home, START, START + 28 * DAY)) == []
