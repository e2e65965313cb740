"""Not up when nearly always up: what is told, when it ends, and what is no late rising."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from sensor_hub.model.alert import AlertState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Blind, Finding, Learning, Unfitted
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
LATE = START + 29 * DAY
HOME = small_home()


def _in_bed(days: Iterable[int], until: float, *, home: Home = HOME, last: int = 30) -> list[Arrival]:
    """Ordinary days, but on these nobody is up before `until` o'clock; two turns in bed in between."""
    lain = [(START + day * DAY + 3 * HOUR, START + day * DAY + until * HOUR) for day in days]
    log = [
        one
        for one in whole_log(home, START, START + last * DAY)
        if one.reading.metric is not Metric.MOTION or not any(a <= one.reading.at < b for a, b in lain)
    ]
    turns = [arrival(a + hours * HOUR, "motion-bedroom", Metric.MOTION) for a, _ in lain for hours in (2.0, 4.6)]
    return by_arrival([*log, *turns])


def _findings(home: Home, log: list[Arrival], until: float) -> dict[Kind, Finding]:
    watch = HomeWatch.begin(home)
    for one in log:
        if one.received < until:
            watch.feed(one)
    watch.tick_past(until)
    return {finding.kind: finding for finding in watch.findings or []}


def test_a_late_morning_is_told_and_ends_with_getting_up() -> None:
    told = [c for c in changes(HOME, _in_bed([29], 11.0)) if c.kind is Kind.LATE_RISING]

    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.SOON),
        (AlertState.CLEARED, Urgency.SOON),
    ]
    assert 8.5 * HOUR <= told[0].at - LATE <= 9.5 * HOUR
    assert 11.0 * HOUR <= told[1].at - LATE <= 12.0 * HOUR
    assert "usually up by" in told[0].summary
    assert "hardly ever as late as this (28 mornings)" in told[0].summary
    assert "Last movement: 07:36 in the bedroom" in told[0].summary


def test_ordinary_mornings_are_not_told() -> None:
    assert raised(HOME, whole_log(HOME, START, START + 30 * DAY)) == []


@pytest.mark.parametrize(("day", "told"), [(5, []), (10, [Urgency.NOTICE]), (29, [Urgency.SOON])])
def test_few_days_say_less(day: int, told: list[Urgency]) -> None:
    alerts = raised(HOME, _in_bed([day], 11.0, last=day + 1))
    assert [alert.urgency for alert in alerts if alert.kind is Kind.LATE_RISING] == told


def test_a_silence_that_is_told_already_is_not_told_twice() -> None:
    log = [
        one for one in _in_bed([], 0.0) if one.reading.metric is not Metric.MOTION or one.reading.at < LATE - 7 * HOUR
    ]
    assert [alert.kind for alert in raised(HOME, log)] == [Kind.INACTIVITY]


def test_it_is_not_told_where_it_could_not_be_seen() -> None:
    dead = ("motion-kitchen", "motion-living", "motion-hall")
    log = [one for one in _in_bed([29], 23.9) if one.reading.device not in dead or one.reading.at < LATE]

    assert Kind.LATE_RISING not in {alert.kind for alert in raised(HOME, log)}
    assert isinstance(_findings(HOME, log, LATE + 10 * HOUR)[Kind.LATE_RISING], Blind)


def test_it_is_not_told_of_somebody_away_or_who_may_be_out() -> None:
    away = small_home(absences=(Absence(LATE - 2 * HOUR, LATE + 14 * HOUR),))
    log = _in_bed([29], 11.0)
    assert Kind.LATE_RISING not in {alert.kind for alert in raised(away, log)}

    out = by_arrival([*_in_bed([29], 11.0), arrival(LATE + 8.3 * HOUR, "front-door", Metric.CONTACT)])
    assert Kind.LATE_RISING not in {alert.kind for alert in raised(HOME, out)}
    assert isinstance(_findings(HOME, out, LATE + 10 * HOUR)[Kind.LATE_RISING], Blind)


def test_a_new_routine_becomes_usual() -> None:
    log = _in_bed(range(20, 41), 11.0, last=42)
    told = [round((alert.at - START) // DAY) for alert in raised(HOME, log) if alert.kind is Kind.LATE_RISING]
    assert told[0] == 20
    assert len(told) <= 8
    assert told[-1] < 30


def test_who_rises_at_any_hour_is_not_judged() -> None:
    log = [
        one
        for day in range(30)
        for one in _in_bed([day], 6.0 + day % 7)
        if START + day * DAY <= one.reading.at < START + (day + 1) * DAY
    ]
    finding = _findings(HOME, log, LATE + 10 * HOUR)[Kind.LATE_RISING]
    assert isinstance(finding, Learning)
    assert "too different times" in finding.reason


def test_the_first_week_is_learned_and_several_residents_are_not_judged() -> None:
    log = _in_bed([], 0.0, last=4)
    assert _findings(HOME, log, START + 3.5 * DAY)[Kind.LATE_RISING] == Learning(
        Kind.LATE_RISING, "", "3 of 7 mornings learned"
    )
    assert isinstance(_findings(small_home(residents=2), log, START + 3.5 * DAY)[Kind.LATE_RISING], Unfitted)
