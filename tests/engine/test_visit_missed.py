"""Expected care visits: seen at the door, missed, or not to be seen."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import Arrival, Entry, HomeSet, VisitTold
from sensor_hub.model.finding import Blind, Finding, Learning, Unfitted
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.visit import Visit
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, moment, small_home, whole_log

START = moment("2026-01-05 00:00")
DAYS = 9
MORNING = Visit("morning", 8 * 60 + 30)
HOME = replace(small_home(), visits=(MORNING,))
LAST = START + (DAYS - 1) * DAY


def _log(*, missed: range | tuple[int, ...] = (DAYS - 1,)) -> list[Entry]:
    """Somebody comes every morning at about half past eight, but not on the days `missed`."""
    came = [START + day * DAY + 8.5 * HOUR + (day % 3 - 1) * 20 * MINUTE for day in range(DAYS) if day not in missed]
    doors = [arrival(at + stay, "front-door", Metric.CONTACT) for at in came for stay in (0.0, 30 * MINUTE)]
    return [*whole_log(HOME, START, START + DAYS * DAY), *doors]


def _told(log: list[Entry], home: Home = HOME) -> list[AlertChange]:
    return [c for c in changes(home, by_arrival(log)) if c.kind is Kind.VISIT_MISSED]


def _finding(log: list[Entry], until: float, home: Home = HOME) -> Finding | None:
    watch = HomeWatch.begin(home)
    for entry in by_arrival(log):
        if entry.received < until:
            watch.feed(entry)
    watch.tick_past(until)
    return next((one for one in watch.findings or [] if one.kind is Kind.VISIT_MISSED), None)


def test_a_missed_visit_is_told_and_ends_when_somebody_comes_late() -> None:
    late = arrival(LAST + 11 * HOUR, "front-door", Metric.CONTACT)

    told = _told([*_log(), late])

    assert [(c.state, c.subject, c.urgency) for c in told] == [
        (AlertState.RAISED, "morning", Urgency.SOON),
        (AlertState.CLEARED, "morning", Urgency.SOON),
    ]
    assert 0 <= told[0].at - (LAST + 9.25 * HOUR) <= 10 * MINUTE
    assert told[0].summary == (
        "Visit “morning” not seen: no outside door moved between 07:45 and 09:15, all of it seen. "
        "Before that somebody came on 8 of 8 times."
    )
    assert told[1].at - LAST <= 11 * HOUR + 10 * MINUTE


def test_visits_that_were_seen_or_told_are_not_missed() -> None:
    assert _told(_log(missed=())) == []
    assert _told([*_log(), VisitTold(LAST + 10 * HOUR, LAST + 8 * HOUR, LAST + 9 * HOUR)])[0].state is AlertState.RAISED
    assert _told([*_log(), VisitTold(LAST + 7 * HOUR, LAST + 8 * HOUR, LAST + 9 * HOUR)]) == []


def test_only_the_days_of_the_visit_are_expected() -> None:
    # 13 January 2026, the last day, is a Tuesday.
    assert _told(_log(), replace(HOME, visits=(replace(MORNING, days=(0, 2, 3, 4, 5, 6)),))) == []
    assert len(_told(_log(), replace(HOME, visits=(replace(MORNING, days=(1,)),)))) == 1


def test_nobody_is_expected_where_the_resident_is_away_or_no_visit_is_described() -> None:
    empty = [
        one for one in _log() if not isinstance(one, Arrival) or one.reading.metric != "motion" or one.received < LAST
    ]
    assert _told(empty, replace(HOME, absences=(Absence(LAST, LAST + DAY),))) == []
    assert isinstance(_finding(_log(), LAST + 10 * HOUR, small_home()), Unfitted)


def test_it_is_blind_while_the_door_cannot_be_seen() -> None:
    log = [one for one in _log() if not _is_of(one, "front-door") or one.received < LAST + 5 * HOUR]
    assert _told(log) == []
    assert isinstance(_finding(log, LAST + 9.5 * HOUR), Blind)
    without = replace(HOME, devices=tuple(one for one in HOME.devices if one.id != "front-door"))
    assert isinstance(_finding(_log(), LAST + 9.5 * HOUR, without), Unfitted)


def _is_of(entry: Entry, device: str) -> bool:
    return isinstance(entry, Arrival) and entry.reading.device == device


def test_a_visit_in_an_outage_is_judged_once_it_is_seen() -> None:
    stops, starts = LAST + 8 * HOUR, LAST + 12 * HOUR
    log: list[Entry] = []
    for one in _log(missed=()):
        assert isinstance(one, Arrival)
        held = stops <= one.reading.at < starts
        log.append(Arrival(starts + (one.reading.at - stops) / 100, one.reading) if held else one)

    assert _told(log) == []
    assert isinstance(_finding(log, LAST + 9.5 * HOUR), Blind)
    assert _finding(log, LAST + 13 * HOUR) is None


def test_visits_that_are_hardly_ever_seen_are_not_told_day_after_day() -> None:
    log = _log(missed=range(DAYS))
    assert len([c for c in _told(log) if c.state is AlertState.RAISED]) == 3
    finding = _finding(log, LAST + 10 * HOUR)
    assert isinstance(finding, Learning)
    assert "Seen at the door on 0 of 9 times" in finding.reason


def test_a_visit_that_is_moved_is_expected_at_its_new_time_only() -> None:
    moved = replace(HOME, visits=(Visit("morning", 17 * 60),))
    told = _told([*_log(), HomeSet(LAST + 7 * HOUR, moved)])
    assert [c.at - LAST > 17 * HOUR for c in told[:1]] == [True]
    assert _told([*_log(), HomeSet(LAST + 7 * HOUR, small_home())]) == []
