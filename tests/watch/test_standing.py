"""A device replaced by another, and one that was taken away: what was learned goes on, nothing is quietly unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sensor_hub.alerts.episodes import Episodes
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.entry import Arrival, DeviceGone, Entry, HomeSet, PlacementTold
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.watch.home_watch import HomeWatch
from tests.homes import arrival, by_arrival, changes, lines, moment, raised, small_home, whole_log

START = moment("2026-01-05 00:00")
OLD, NEW = "motion-living", "0x00158d0001ff0009"
SWAPPED = START + 20 * DAY + 10 * HOUR + 4 * MINUTE
END = START + 24 * DAY
FELL = START + 22 * DAY + 11 * HOUR


def with_a_fall(log: Iterable[Arrival]) -> list[Arrival]:
    """Nobody moves any more from a moment on."""
    return [each for each in log if each.reading.at < FELL or each.reading.metric is not Metric.MOTION]


def from_new(log: Iterable[Arrival], old: str = OLD, new: str = NEW, at: float = SWAPPED) -> list[Arrival]:
    """From a moment on the new device says what the old one would have said."""
    return [
        each._replace(reading=replace(each.reading, device=new))
        if each.reading.device == old and each.reading.at > at
        else each
        for each in log
    ]


def swap(device: str, by_device: str, room: Room, at: float) -> PlacementTold:
    return PlacementTold(at, by_device, room, "Jo", device)


def told(log: Iterable[Entry], home: Home | None = None) -> list[str]:
    return lines(home or small_home(), by_arrival(log))


def watched(home: Home, log: Iterable[Entry]) -> HomeWatch:
    watch = HomeWatch.begin(home)
    for entry in by_arrival(log):
        watch.feed(entry)
    return watch


def blind(findings: Iterable[Finding] | None, kind: Kind) -> list[Blind]:
    return [each for each in findings or () if isinstance(each, Blind) and each.kind is kind]


def of_kind(found: Iterable[AlertChange], kind: Kind) -> list[AlertChange]:
    return [each for each in found if each.kind is kind]


def test_with_another_sensor_in_its_place_the_alerts_are_the_same() -> None:
    log = with_a_fall(whole_log(small_home(), START, END))
    as_ever = told(log)
    swapped = told([*from_new(log), swap(OLD, NEW, Room.LIVING, SWAPPED)])
    assert any('"inactivity"' in line for line in as_ever)
    assert [line.replace(NEW, OLD) for line in swapped] == as_ever


def test_what_the_old_one_said_before_counts_also_where_it_comes_later() -> None:
    log = whole_log(small_home(), START, END)
    late = [
        each._replace(received=SWAPPED + HOUR) if SWAPPED - HOUR < each.reading.at < SWAPPED + HOUR / 2 else each
        for each in log
    ]
    swapped = [*from_new(late), swap(OLD, NEW, Room.LIVING, SWAPPED)]
    here, there = watched(small_home(), late).engine.state, watched(small_home(), swapped).engine.state
    assert there.hazard == replace(here.hazard, breakers=there.hazard.breakers)
    assert {NEW if one == OLD else one: n for one, n in here.hazard.breakers.items()} == there.hazard.breakers


def test_and_without_what_was_learned_they_would_not_be() -> None:
    """The same new sensor, placed as one that nothing is known of: its days compare with none before."""
    log = from_new(with_a_fall(whole_log(small_home(), START, END)))
    placed = watched(small_home(), [*log, PlacementTold(SWAPPED, NEW, Room.LIVING, "Jo")]).engine.state
    kept = watched(small_home(), [*log, swap(OLD, NEW, Room.LIVING, SWAPPED)]).engine.state
    assert len(placed.daily.rows) < len(kept.daily.rows)


def test_the_silence_of_the_old_one_ends_and_says_why() -> None:
    home, broke = small_home(), SWAPPED - DAY
    log = [each for each in whole_log(home, START, END) if each.reading.device != OLD or each.reading.at < broke]
    log += [each for each in from_new(whole_log(home, START, END)) if each.reading.device == NEW]
    found = of_kind(changes(home, by_arrival([*log, swap(OLD, NEW, Room.LIVING, SWAPPED)])), Kind.DEVICE_SILENT)
    assert [(each.subject, each.state) for each in found] == [(OLD, AlertState.RAISED), (OLD, AlertState.CLEARED)]
    assert found[1].at == SWAPPED
    words = f"The sensor in the living room ({OLD}) was replaced by {NEW}, which is watched in its place."
    assert found[1].summary == words


def test_a_new_one_that_is_never_heard_is_told_of_and_undone_it_is_as_before() -> None:
    home = small_home()
    log = [each for each in whole_log(home, START, END) if each.reading.device != OLD or each.reading.at < SWAPPED]
    back = SWAPPED + DAY
    log += [each for each in whole_log(home, START, END) if each.reading.device == OLD and each.reading.at > back]
    acts = [swap(OLD, NEW, Room.LIVING, SWAPPED), swap(NEW, OLD, Room.LIVING, back)]
    found = of_kind(changes(home, by_arrival([*log, *acts])), Kind.DEVICE_SILENT)
    assert [(each.subject, each.state) for each in found] == [(NEW, AlertState.RAISED), (NEW, AlertState.CLEARED)]
    assert found[0].since == SWAPPED
    assert f"({NEW}) was never heard since 10:04;" in found[0].summary
    watch = watched(home, [*log, *acts])
    assert watch.home == home
    assert NEW not in watch.engine.state.bits


def test_a_snapshot_in_between_changes_nothing() -> None:
    log: list[Entry] = by_arrival(
        [*from_new(whole_log(small_home(), START, END)), swap(OLD, NEW, Room.LIVING, SWAPPED)]
    )
    log = by_arrival([*log, DeviceGone(SWAPPED + DAY, "climate-living", "Jo")])
    straight, watch = HomeWatch.begin(small_home()), HomeWatch.begin(small_home())
    for entry in log:
        there = straight.feed(entry)
        if SWAPPED - HOUR < entry.received < SWAPPED + 2 * DAY and not isinstance(entry, Arrival):
            watch = HomeWatch.restore(watch.snapshot())
        assert watch.feed(entry) == there
        if not isinstance(entry, Arrival):
            watch = HomeWatch.restore(watch.snapshot())
    assert watch.snapshot() == straight.snapshot()
    assert watch.engine.state.taken.keys() == {"climate-living"}


def test_what_nothing_else_shows_is_said_aloud_and_is_not_over() -> None:
    home = small_home()
    cold = [
        each._replace(reading=replace(each.reading, value=13.5))
        if each.reading.metric is Metric.TEMPERATURE and each.reading.at > SWAPPED - 12 * HOUR
        else each
        for each in whole_log(home, START, END)
    ]
    gone = [DeviceGone(SWAPPED, "climate-living", "Jo"), DeviceGone(SWAPPED + 60, "climate-bedroom", "Jo")]
    log = [each for each in cold if "climate" not in each.reading.device or each.reading.at < SWAPPED]
    found = of_kind(changes(home, by_arrival([*log, *gone])), Kind.COLD)
    assert [each.state for each in found][-1] is not AlertState.CLEARED
    watch = watched(home, [*log, *gone])
    (missed,) = blind(watch.findings, Kind.COLD)
    assert missed.reason.startswith("the sensor in the bedroom (climate-bedroom) was taken away on Sun 25 Jan 10:05, ")
    # What was never seen here is no news.
    assert not blind(watch.findings, Kind.DAMP)
    for device in ("climate-living", "climate-bedroom"):
        watch.feed(PlacementTold(END, device, Room.LIVING, "Jo"))
    watch.tick_past(END + 10 * MINUTE)
    assert not watch.engine.state.taken


def test_cold_in_a_room_is_not_over_when_its_thermometer_is_taken_away_and_another_room_is_warm() -> None:
    home, room = small_home(), "climate-living"
    log = [
        each._replace(reading=replace(each.reading, value=12.5))
        if each.reading.device == room and each.reading.at > SWAPPED - 12 * HOUR
        else each
        for each in whole_log(home, START, END)
        if each.reading.device != room or each.reading.at < SWAPPED
    ]
    gone = DeviceGone(SWAPPED, room, "Jo")
    told_of = of_kind(changes(home, by_arrival([*log, gone])), Kind.COLD)
    assert [each.state for each in told_of] == [AlertState.RAISED]
    watch = watched(home, [*log, gone])
    (missed,) = blind(watch.findings, Kind.COLD)
    assert missed.reason.startswith(f"the sensor in the living room ({room}) was taken away on Sun 25 Jan 10:04, ")
    watch.feed(arrival(END, "0x00158d0001ff0008", Metric.TEMPERATURE, 20.0))
    watch.feed(PlacementTold(END + 1, "0x00158d0001ff0008", Room.LIVING, "Jo"))
    (ended,) = of_kind(watch.tick_past(END + 2 * HOUR), Kind.COLD)
    assert ended.state is AlertState.CLEARED


def test_nobody_waits_for_a_device_that_was_taken_away() -> None:
    home = small_home()
    log = [each for each in whole_log(home, START, END) if each.reading.device != OLD or each.reading.at < SWAPPED]
    found = raised(home, by_arrival([*log, DeviceGone(SWAPPED, OLD, "Jo")]))
    assert not of_kind(found, Kind.DEVICE_SILENT)


def test_a_file_that_leaves_it_out_ends_the_matter() -> None:
    home = small_home()
    watch = watched(home, [*whole_log(home, START, START + DAY), DeviceGone(START + DAY, OLD, "Jo")])
    assert OLD in watch.engine.state.taken
    watch.feed(HomeSet(START + DAY + HOUR, replace(home, devices=tuple(d for d in home.devices if d.id != OLD))))
    assert not watch.engine.state.taken
    assert not watch.state.description.gone


def test_an_alarm_of_a_device_that_is_gone_is_told() -> None:
    home = small_home()
    watch = watched(home, [*whole_log(home, START, START + DAY), DeviceGone(START + DAY, OLD, "Jo")])
    assert watch.feed(Arrival(START + DAY + 9, Reading(START + DAY + 8, OLD, Metric.SOS, 1.0)))
    assert watch.feed(arrival(START + DAY + 20, OLD, Metric.MOTION)) == []


def test_what_stands_about_a_place_goes_on_under_its_id() -> None:
    episodes = Episodes("h")
    damp = Deviation(Kind.DAMP, OLD, Urgency.SOON, START, "damp")
    flat = Deviation(Kind.BATTERY_LOW, OLD, Urgency.NOTICE, START, "flat")
    first = episodes.settle([damp, flat], START)
    episodes.hand_over(OLD, NEW)
    over = episodes.end_of_device(OLD, "replaced", START + 1)
    assert [(each.kind, each.state, each.summary) for each in over] == [
        (Kind.BATTERY_LOW, AlertState.CLEARED, "replaced")
    ]
    assert episodes.settle([replace(damp, subject=NEW)], START + 300) == []
    (ended,) = episodes.settle([], START + 600)
    assert (ended.id, ended.state) == (next(each.id for each in first if each.kind is Kind.DAMP), AlertState.CLEARED)
