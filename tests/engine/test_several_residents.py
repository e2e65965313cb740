"""Of a home of several residents nothing is told that is about one of them, and the page says why."""

import pytest

from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Unfitted
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
HOME = small_home(residents=2)
FALL = START + 20 * DAY + 10 * HOUR
OF_THE_HOME = {Kind.INACTIVITY, Kind.DOOR_AT_NIGHT}
OF_A_PERSON = {
    Kind.LATE_RISING,
    Kind.NIGHT_ACTIVITY,
    Kind.SLEEP_DISTURBANCE,
    Kind.NO_RETURN,
    Kind.TOILETING_INCREASE,
    Kind.TOILETING_DECREASE,
    Kind.LOW_INTAKE,
    Kind.ROUTINE_CHANGE,
    Kind.ACTIVITY_DECLINE,
}
"""Nights up, counts of visits, hours of rising and of coming back, the pattern of a day: whose?"""


def _log(until: float) -> list[Arrival]:
    return [one for one in whole_log(HOME, START, until) if one.reading.metric != "motion" or one.reading.at < FALL]


def _watch(log: list[Arrival]) -> HomeWatch:
    watch = HomeWatch.begin(HOME)
    for entry in log:
        watch.feed(entry)
    return watch


def test_no_kind_that_is_about_one_person_is_judged_or_learned() -> None:
    watch = _watch(_log(FALL))
    said = {f.kind: f for f in watch.findings or () if f.kind in OF_A_PERSON}

    assert said.keys() == OF_A_PERSON
    assert all(isinstance(finding, Unfitted) for finding in said.values())
    reasons = [f.reason for f in said.values() if isinstance(f, Unfitted) and f.kind is not Kind.LOW_INTAKE]
    assert all(reason.startswith("several residents: ") for reason in reasons)
    assert {habit.counted.n for habit in watch.engine.state.habits.values()} == {0.0}


def test_nobody_moving_is_told_of_the_home() -> None:
    assert [one.kind for one in raised(HOME, _log(FALL + 8 * HOUR))] == [Kind.INACTIVITY]


@pytest.mark.parametrize("outage", [False, True])
def test_two_who_use_the_bathroom_more_are_told_neither_now_nor_afterwards(outage: bool) -> None:
    came = START + 14 * DAY
    guests = [arrival(came + n * 1200, "motion-bathroom", Metric.MOTION) for n in range(3 * 72)]
    log = [*_log(came + 4 * DAY), *guests]
    if outage:
        back = came + 3.5 * DAY
        log = [Arrival(max(back, one.received), one.reading) if one.reading.at >= came + HOUR else one for one in log]

    kinds = {one.kind for one in raised(HOME, by_arrival(log))}

    assert not kinds & OF_A_PERSON
