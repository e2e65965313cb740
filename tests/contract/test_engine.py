"""What holds for every home, whatever happens in it."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.episodes import Episode, EpisodeKind
from firmware_sim.homes import generate_home
from sensor_hub.engine.view import EVERYONE
from sensor_hub.model.entry import Arrival, Entry, HubAway
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import GRID, HomeWatch
from tests.benchmarks.arrival_orders import batches, play, play_whole, with_repeats
from tests.homes import alert_line, arrival, by_arrival, lines, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
DAYS = 34
EVENTS = (
    Episode(EpisodeKind.LONG_LIE, START + 12 * DAY + 10 * HOUR, START + 12 * DAY + 20 * HOUR),
    Episode(EpisodeKind.DEAD_BATTERY, START + 15 * DAY, START + 17 * DAY),
    Episode(EpisodeKind.UPLINK_OUTAGE, START + 19 * DAY + 5 * HOUR, START + 20 * DAY + 9 * HOUR),
    Episode(EpisodeKind.BOILER_FAILURE, START + 23 * DAY, START + 25 * DAY),
    Episode(EpisodeKind.STUCK_THERMOMETER, START + 28 * DAY, START + 29 * DAY + 8 * HOUR),
)


FORGOTTEN = Absence(START + 25 * DAY, START + 31 * DAY)
"""The resident was to be away, and is at home."""


def _eventful() -> tuple[Home, list[Arrival]]:
    home, arrivals, _ = generate_home(7, DAYS, start=START, episodes=EVENTS)
    devices = tuple(replace(each, pet=each.has_activity and each.room is Room.LIVING) for each in home.devices)
    home = replace(home, devices=devices, absences=(FORGOTTEN,))
    seen: set[tuple[str, Metric, float]] = set()
    log = []
    for one in arrivals:
        key = (one.reading.device, one.reading.metric, one.reading.at)
        if key not in seen:
            seen.add(key)
            log.append(Arrival(one.received, one.reading))
    return home, log


HOME, LOG = _eventful()
EXPECTED = lines(HOME, LOG)


def test_the_eventful_home_is_found_out() -> None:
    kinds = {change.kind for change in raised(HOME, LOG) if change.urgency.interrupts}
    assert kinds >= {Kind.INACTIVITY, Kind.DEVICE_SILENT, Kind.GATEWAY_SILENT, Kind.COLD, Kind.SENSOR_FAULT}


def _before_the_same_tick(seed: int) -> list[Entry]:
    """The same readings before the same ticks, in other batches and another order."""
    chance = random.Random(seed)
    moved: list[Entry] = []
    for one in LOG:
        tick = (one.received // GRID + 1) * GRID
        moved.append(Arrival(chance.uniform(max(one.received, tick - GRID), tick - 0.001), one.reading))
    return by_arrival(moved)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_and_batches_between_two_ticks_change_nothing(seed: int) -> None:
    assert lines(HOME, _before_the_same_tick(seed)) == EXPECTED


@pytest.mark.parametrize("kills", [0, 10])
def test_repeats_and_kills_change_nothing(kills: int) -> None:
    """Through the hub's own log, which drops repeats; a killed hub goes on from its last snapshot."""
    chance = random.Random(kills)
    log = list(with_repeats(batches(LOG, chance), chance))
    places = {place: chance.randrange(place) for place in chance.sample(range(1, len(log)), kills)}
    ending = play(HOME, log, places)
    assert [alert_line(change) for change in ending.changes] == EXPECTED
    assert ending.state == play_whole(HOME, LOG).state


def test_snapshots_at_any_moment_give_the_same_answers() -> None:
    chance = random.Random(3)
    watch, told = HomeWatch.begin(HOME), []
    for position, entry in enumerate(LOG, 1):
        told += watch.feed(entry, position)
        if chance.random() < 0.002:
            watch = HomeWatch.restore(watch.snapshot())
    told += watch.tick_past((watch.state.received // GRID + 1) * GRID)
    assert [alert_line(change) for change in told] == EXPECTED


def test_detectors_that_are_asked_only_when_due_say_what_they_would_say_at_every_tick() -> None:
    """What is said at each tick is the same as if nobody could tell when to be asked again."""
    sparing, eager = HomeWatch.begin(HOME), HomeWatch.begin(HOME)
    for entry in LOG:
        told = sparing.feed(entry)
        told_eagerly = []
        moment = eager.state.ticked
        while moment is not None and moment + GRID <= entry.received:
            moment += GRID
            eager.engine.view.wake(EVERYONE)
            told_eagerly += eager.tick_past(moment)
        assert told == told_eagerly + eager.feed(entry)
        assert sparing.findings == eager.findings


def test_what_is_told_never_depends_on_what_comes_after() -> None:
    part = LOG[: len(LOG) * 6 // 10]
    until = part[-1].received
    early = [line for line in lines(HOME, part) if _at(line) < until]
    assert early == [line for line in EXPECTED if _at(line) < until]


def _at(line: str) -> float:
    return datetime.fromisoformat(json.loads(line)["at"]).timestamp()


def test_a_home_takes_at_most_64_kb_of_memory_and_40_kb_in_a_snapshot() -> None:
    watch = HomeWatch.begin(HOME)
    for entry in LOG:
        watch.feed(entry)
    snapshot = watch.snapshot()
    HomeWatch.restore(snapshot)
    gc.collect()
    tracemalloc.start()
    watches = [HomeWatch.restore(snapshot) for _ in range(20)]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] / len(watches)
    tracemalloc.stop()
    assert len(snapshot) <= 40_000
    assert size <= 64_000


def test_more_movement_inside_never_makes_a_silence_longer() -> None:
    """Where a silence is told, movement put into it tells it later or not at all."""
    home, fall = small_home(), START + 15 * DAY + 10 * HOUR
    log = [
        one
        for one in whole_log(home, START, fall + 9 * HOUR)
        if one.reading.metric is not Metric.MOTION or one.reading.at < fall
    ]
    told = raised(home, log)[0].at
    for hours in (0.5, 1.5, 2.5):
        stirred = by_arrival([*log, arrival(fall + hours * HOUR, "motion-hall", Metric.MOTION)])
        later = [alert.at for alert in raised(home, stirred) if alert.kind is Kind.INACTIVITY]
        assert all(at > told for at in later)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.floats(min_value=-20 * DAY, max_value=3 * DAY),
            st.floats(min_value=0, max_value=3 * DAY),
            st.sampled_from([device.id for device in small_home().devices] + ["stranger"]),
            st.sampled_from(list(Metric)),
            st.floats(min_value=-1e9, max_value=1e9) | st.sampled_from(["on", ""]),
        ),
        max_size=60,
    )
)
def test_no_reading_whatever_stops_a_watch(rows: list[tuple[float, float, str, Metric, float | str]]) -> None:
    log: list[Entry] = [
        Arrival(START + received, Reading(START + at, device, metric, value))
        for at, received, device, metric, value in rows
    ]
    log.append(HubAway(START + DAY, START, START + DAY))
    for line in lines(small_home(), by_arrival(log)):
        assert line.startswith("{")


def test_a_reading_from_the_future_is_a_fault_of_the_gateways_clock() -> None:
    home = small_home()
    log = whole_log(home, START, START + 2 * DAY)
    wrong = arrival(START + 3 * DAY, "motion-hall", Metric.MOTION, received=START + DAY)

    alerts = raised(home, by_arrival([*log, wrong]))

    assert [(alert.kind, alert.subject) for alert in alerts] == [(Kind.SENSOR_FAULT, "gateway")]
    assert "clock runs 47 h ahead" in alerts[0].summary
