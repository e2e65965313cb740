"""What is not agreed with the resident is not watched, and leaves nothing behind in what the watch knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache

import pytest

from sensor_hub.engine.agreement import HELD
from sensor_hub.engine.state import EngineState
from sensor_hub.model.consent import EVERYTHING, RESTS_ON, Data
from sensor_hub.model.entry import Arrival, Entry, ScopeSet, entry_row, parse_entry
from sensor_hub.model.finding import Blind, Deviation, NotAgreed
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import ALARMS, Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.watch.home_watch import HomeWatch
from sensor_hub.watch.replay import replay
from tests.homes import arrival, by_arrival, moment, small_home, whole_log

START = moment("2026-01-05 00:00")
AGREED = START + 9 * DAY + 10 * HOUR
END = AGREED + 3 * DAY
HOME = small_home()
CLIMATE = frozenset({Data.CLIMATE})
SHOWS_MOVEMENT = {Metric.MOTION, Metric.CONTACT}


@cache
def before() -> bytes:
    watch = HomeWatch.begin(HOME)
    feed(watch, whole_log(HOME, START, AGREED))
    return watch.snapshot()


def feed(watch: HomeWatch, log: Iterable[Entry]) -> list[str]:
    return [change.kind.value for entry in log for change in watch.feed(entry)]


def after(home: Home = HOME, *, sends: str = "everything") -> list[Arrival]:
    log = [one for one in whole_log(home, START, END) if one.reading.at > AGREED]
    if sends == "climate":
        keeps = {device.id for device in home.devices if SHOWS_MOVEMENT.isdisjoint(device.metrics)}
        log = [one for one in log if one.reading.device in keeps]
    return log


def agree(scope: frozenset[Data]) -> HomeWatch:
    watch = HomeWatch.restore(before())
    watch.feed(ScopeSet(AGREED, scope))
    return watch


def kinds_of(watch: HomeWatch, form: type) -> set[Kind]:
    return {finding.kind for finding in watch.findings or () if isinstance(finding, form)}


def test_what_is_not_agreed_is_said_to_be_so_and_raises_no_alert() -> None:
    watch = agree(CLIMATE)

    assert feed(watch, after(sends="climate")) == []

    declined = {kind for kind, data in RESTS_ON.items() if not data & CLIMATE} - {Kind.VISIT_MISSED}
    assert kinds_of(watch, NotAgreed) >= declined
    assert not kinds_of(watch, Deviation) | kinds_of(watch, Blind)
    assert Kind.COLD not in kinds_of(watch, NotAgreed)
    reasons = {one.kind: one.reason for one in watch.findings or () if isinstance(one, NotAgreed)}
    assert reasons[Kind.INACTIVITY] == "movement and doors not agreed"


def test_what_still_comes_of_it_changes_nothing() -> None:
    with_it, without = agree(CLIMATE), agree(CLIMATE)

    feed(with_it, after())
    feed(without, [one for one in after() if one.reading.metric not in SHOWS_MOVEMENT])

    assert with_it.snapshot() == without.snapshot()


def test_nothing_that_movement_taught_is_left() -> None:
    watch, new = agree(CLIMATE), HomeWatch.begin(HOME)
    new.feed(ScopeSet(AGREED, CLIMATE))

    assert agree(EVERYTHING).engine.state.hazard.days >= 9
    for name in HELD[Data.MOVEMENT]:
        assert getattr(watch.engine.state, name) == getattr(new.engine.state, name), name
    assert set(watch.engine.pack().devices) == {"climate-living", "climate-bedroom", "gateway"}
    assert not any(watch.engine.pack().heard)


def test_what_is_remembered_is_sorted_by_what_it_came_from() -> None:
    """A new part of the state must be put where it is forgotten, or here."""
    of_no_data = {
        *("begun_at", "frontier", "heard_at", "devices", "newest", "heard", "active", "temperatures", "day_ends"),
        *("day_began", "absences", "visits_told", "false_pages", "tried", "outcomes", "future_since", "future_at"),
        *("future_ahead", "future_latest", "late_began", "late_at", "taken", "unfitted"),
    }
    held = {name for names in HELD.values() for name in names}
    assert {each.name for each in fields(EngineState)} == held | of_no_data
    assert not held & of_no_data


def test_climate_that_is_withdrawn_is_forgotten_and_movement_goes_on() -> None:
    watch = agree(EVERYTHING - CLIMATE)
    state = watch.engine.state

    assert feed(watch, [one for one in after() if one.reading.metric is not Metric.TEMPERATURE]) == []

    assert sum(state.usual_weight) == 0
    assert not state.thermal.nights
    assert not any(known.channels for known in state.devices.values())
    assert Kind.COLD in kinds_of(watch, NotAgreed)
    assert state.hazard.days >= 9


def test_a_home_where_nothing_is_agreed_is_not_silent() -> None:
    watch = agree(frozenset())

    assert watch.tick_past(END) == []
    assert kinds_of(watch, NotAgreed) >= set(RESTS_ON) - {Kind.VISIT_MISSED}


def test_an_alert_that_rests_on_it_ends() -> None:
    watch = HomeWatch.restore(before())
    fallen = [one for one in after() if one.reading.metric not in SHOWS_MOVEMENT and one.reading.at < AGREED + DAY]
    assert "inactivity" in feed(watch, fallen)

    changes = [*watch.feed(ScopeSet(AGREED + DAY, CLIMATE)), *watch.tick_past(AGREED + DAY + 10 * MINUTE)]

    assert [(change.kind, change.state.value) for change in changes] == [(Kind.INACTIVITY, "cleared")]


def test_who_agrees_again_is_watched_from_then_on() -> None:
    watch = agree(CLIMATE)
    feed(watch, after(sends="climate"))
    watch.feed(ScopeSet(END, EVERYTHING))
    log = [one for one in whole_log(HOME, START, END + 3 * DAY) if one.reading.at > END]

    assert feed(watch, log) == []

    assert not kinds_of(watch, NotAgreed) | kinds_of(watch, Blind) - {Kind.SMOKE}
    assert watch.engine.state.hazard.days <= 3


@pytest.mark.parametrize("scope", [EVERYTHING - {Data.ALARMS}, EVERYTHING])
def test_an_alarm_is_told_only_where_alarms_are_agreed(scope: frozenset[Data]) -> None:
    watch = agree(scope)
    told = watch.feed(arrival(AGREED + MINUTE, "button", Metric.SOS))
    told += watch.feed(arrival(AGREED + MINUTE, "other-button", Metric.BUTTON, "emergency"))

    assert len(told) == (2 if Data.ALARMS in scope else 0)


def test_the_log_gives_the_same_alerts_again_however_it_is_cut() -> None:
    log: list[Entry] = [*whole_log(HOME, START, AGREED), ScopeSet(AGREED, CLIMATE), *after()]
    log = by_arrival(log)
    whole = list(replay(HOME, iter(log)))
    watch, changes = HomeWatch.begin(HOME), []
    for number, entry in enumerate(log):
        changes += watch.feed(entry, number)
        if number % 5000 == 0:
            watch = HomeWatch.restore(watch.snapshot())
    assert changes == whole[: len(changes)]


def test_it_is_a_line_of_entries_jsonl() -> None:
    entry = ScopeSet(AGREED, frozenset({Data.DOORS, Data.MOVEMENT}))
    row = entry_row(entry)
    assert row == {"received": AGREED, "entry": "settings", "scope": ["movement", "doors"]}
    assert parse_entry(row, where="line 1") == entry
    assert set(ALARMS) <= set(Metric)
