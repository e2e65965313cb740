"""An outside door at night: told from the first night on, unless it is usual here, expected, or cannot be judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import Arrival, Entry, VisitTold
from sensor_hub.model.finding import Blind, Learning, Unfitted
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.visit import Visit
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, heartbeats, moment, small_home, whole_log

START = moment("2026-01-05 12:00")
HOME = small_home()


def _door(at: float, device: str = "front-door") -> Arrival:
    return arrival(at, device, Metric.CONTACT)


def _night(day: int, clock: float) -> float:
    """The moment of the night after `day` days at which the clock shows `clock`."""
    return START + day * DAY + (clock + 12) % 24 * HOUR


def _told(log: list[Entry], home: object = HOME) -> list[AlertChange]:
    assert isinstance(home, type(HOME))
    return [c for c in changes(home, by_arrival(log)) if c.kind is Kind.DOOR_AT_NIGHT]


@pytest.mark.parametrize("day", [0, 14])
def test_going_out_at_night_is_told_within_minutes_and_ends_when_seen_inside(day: int) -> None:
    left = _night(day, 2.5)
    back = arrival(left + HOUR, "motion-living", Metric.MOTION)

    told = _told([*whole_log(HOME, START, START + (day + 1) * DAY), _door(left), back])

    assert [(c.state, c.urgency) for c in told] == [
        (AlertState.RAISED, Urgency.URGENT),
        (AlertState.CLEARED, Urgency.URGENT),
    ]
    assert 10 * MINUTE <= told[0].at - left <= 18 * MINUTE
    assert told[0].since == left
    assert told[0].summary.startswith("An outside door (front-door) moved at 02:30, and nobody was seen inside since")
    assert ("on 0 of 14 nights" in told[0].summary) == (day == 14)
    assert told[1].at - left <= HOUR + 10 * MINUTE


def test_who_is_seen_inside_after_the_door_has_not_gone() -> None:
    log = whole_log(HOME, START, START + 2 * DAY)
    left = _night(1, 3.0)
    assert _told([*log, _door(left), arrival(left + 8 * MINUTE, "motion-hall", Metric.MOTION)]) == []
    assert _told([*log, _door(left), arrival(left + 20, "motion-bedroom", Metric.MOTION)]) == []


def test_a_movement_in_the_hall_on_the_way_out_is_no_coming_back() -> None:
    left = _night(1, 3.0)
    hall = arrival(left + 20, "motion-hall", Metric.MOTION)
    assert _told([*whole_log(HOME, START, START + 2 * DAY), _door(left), hall])


def test_the_door_by_day_is_another_matter() -> None:
    log = [one for one in whole_log(HOME, START, START + DAY) if one.reading.metric is not Metric.MOTION]
    assert _told([*log, _door(START + 9 * HOUR)]) == []


def test_a_carer_who_leaves_at_ten_past_eleven_becomes_usual() -> None:
    doors: list[Entry] = [_door(_night(day, 23 + 1 / 6)) for day in range(20)]
    told = [c for c in _told([*whole_log(HOME, START, START + 21 * DAY), *doors]) if c.state is AlertState.RAISED]
    assert [int((c.at - START) // DAY) for c in told] == [0]


def test_where_doors_move_all_night_it_is_said_that_nothing_can_be_told() -> None:
    doors: list[Entry] = [_door(_night(day, 23.5 + day % 6)) for day in range(20)]
    watch = HomeWatch.begin(HOME)
    for entry in by_arrival([*whole_log(HOME, START, START + 20 * DAY), *doors]):
        watch.feed(entry)
    (finding,) = [one for one in watch.findings or [] if one.kind is Kind.DOOR_AT_NIGHT]
    assert isinstance(finding, Learning)
    assert "one more says nothing" in finding.reason


def test_wandering_night_after_night_is_told_night_after_night() -> None:
    log: list[Entry] = list(whole_log(HOME, START, START + 41 * DAY))
    nights: list[Entry] = [_door(_night(day, 2.5)) for day in (36, 37, 38)]
    told = [c for c in _told([*log, *nights]) if c.state is AlertState.RAISED]
    assert [int((c.at - START) // DAY) for c in told] == [36, 37, 38]


def test_people_who_are_expected_may_come_and_go() -> None:
    left = _night(8, 23.2)
    log: list[Entry] = [*whole_log(HOME, START, START + 9 * DAY), _door(left)]
    assert _told(log)
    assert _told([*log, VisitTold(left - HOUR, left - HOUR, left + 5 * MINUTE)]) == []
    assert _told(log, replace(HOME, visits=(Visit("night call", 23 * 60),))) == []
    assert _told(log, small_home(absences=(Absence(left - HOUR, left + 9 * HOUR),))) == []


def test_it_is_blind_where_the_rooms_or_the_door_cannot_be_seen() -> None:
    left = _night(8, 2.5)
    silent = [device.id for device in HOME.devices if device.id.startswith("motion")]
    log: list[Entry] = [
        *whole_log(HOME, START, _night(7, 22.0)),
        *heartbeats(HOME, _night(7, 22.0), START + 9 * DAY, silent=silent),
    ]
    assert _told([*log, _door(left)]) == []
    watch = HomeWatch.begin(HOME)
    for entry in by_arrival([*log, _door(left)]):
        if entry.received < left + HOUR:
            watch.feed(entry)
    (finding,) = [one for one in watch.findings or [] if one.kind is Kind.DOOR_AT_NIGHT]
    assert isinstance(finding, Blind)
    assert "cannot see inside" in finding.reason


def test_an_outage_that_begins_after_the_door_is_no_going_out() -> None:
    left = _night(8, 2.5)
    log: list[Entry] = [one for one in whole_log(HOME, START, START + 9 * DAY) if one.reading.at < left + MINUTE]
    assert _told([*log, _door(left)]) == []


def test_without_an_outside_door_it_is_not_fitted() -> None:
    home = replace(HOME, devices=tuple(one for one in HOME.devices if one.id != "front-door"))
    watch = HomeWatch.begin(home)
    watch.feed(arrival(START, "gateway", Metric.ONLINE))
    watch.tick_past(START + HOUR)
    reasons = {one.kind: one.reason for one in watch.findings or [] if isinstance(one, Unfitted)}
    assert reasons[Kind.DOOR_AT_NIGHT] == reasons[Kind.NO_RETURN] == "no contact sensor on an outside door"
