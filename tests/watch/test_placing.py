"""A device placed at the gateway, on a page or by the file: the last word holds, also after a restart and replayed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sensor_hub.access.chronology import Act as Noted
from sensor_hub.access.chronology import entry_of
from sensor_hub.keeping.export import export_home
from sensor_hub.model.description import MOST_DEVICES
from sensor_hub.model.entry import DeviceGone, HomeSet, PlacementTold
from sensor_hub.model.home import Device, read_home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Placed, Room
from sensor_hub.model.wire import Status
from sensor_hub.storage.chronology import Wanted
from sensor_hub.watch.downlink_ports import DevicesStand
from sensor_hub.watch.items import Place, Replace, StatusCame, TakeAway
from sensor_hub.watch.placing import FULL_HOME
from sensor_hub.watch.ports import Taken
from sensor_hub.watch.replay import read_log, replay
from sensor_hub.watch.storing import OTHER_TENANT
from tests.homes import small_home
from tests.watch.test_worker import START, Rig

HOME = small_home()
NEW = "0x00158d0001ff0009"


@dataclass
class Told:
    """What was to be sent down, last."""

    rooms: Mapping[str, Placed] = field(default_factory=dict)
    pets: tuple[str, ...] = ()
    gone: Mapping[str, float] = field(default_factory=dict)
    applied: int = -1
    times: int = 0

    def tell(self, tenant: str, home: str, standing: DevicesStand, *, applied: int) -> None:
        assert (tenant, home) == ("local", HOME.id)
        self.rooms, self.pets, self.gone = standing.rooms, standing.pets, standing.gone
        self.applied, self.times = applied, self.times + 1


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [HOME], START)
    yield rig
    rig.stores.database.close()


def said(rig: Rig, placed: Mapping[str, tuple[Room, float]], **more: object) -> StatusCame:
    """A status that says what was placed at the gateway, and when."""
    values = {"state": "online", "boot": "b1", "version": "1", "at": rig.time.at} | more
    rooms = {device: room.value for device, (room, _) in placed.items()}
    moments = {device: at for device, (_, at) in placed.items()}
    status = Status(**values, placed=rooms, placed_at=moments)  # type: ignore[arg-type]
    return StatusCame(HOME.id, status, rig.answers.append, "local")


def placements(rig: Rig) -> list[tuple[str, Room]]:
    return [(entry.device, entry.room) for entry in rig.entries() if isinstance(entry, PlacementTold)]


def room(rig: Rig, device: str) -> Room | None:
    """Where the watch has it, which must be where the log has it."""
    home = rig.worker.watches.watched[HOME.id].watch.home
    described = rig.stores.log.description(HOME.id)
    assert described is not None
    assert described.home() == home
    return next((each.room for each in home.devices if each.id == device), None)


def test_what_is_placed_at_the_gateway_is_told_once_and_watched(rig: Rig) -> None:
    rig.time.at += 60
    rig.take(rig.batch([Reading(START + 50, NEW, Metric.TEMPERATURE, 14.0)]))
    for _ in range(3):
        rig.take(said(rig, {NEW: (Room.BEDROOM, START + 55)}))
        rig.time.at += 60
    assert placements(rig) == [(NEW, Room.BEDROOM)]
    assert room(rig, NEW) is Room.BEDROOM
    device = rig.worker.watches.watched[HOME.id].watch.home.devices[-1]
    assert device == Device(NEW, Room.BEDROOM, frozenset({Metric.TEMPERATURE}))
    rig.take(rig.batch([Reading(rig.time.at, NEW, Metric.BATTERY, 90.0)], after=1, upto=2))
    assert Metric.BATTERY in rig.worker.watches.watched[HOME.id].watch.home.devices[-1].metrics
    assert room(rig, NEW) is Room.BEDROOM


def test_the_later_word_holds_whichever_came_first(rig: Rig) -> None:
    rig.time.at += HOUR
    place = Place(HOME.id, "motion-hall", Room.STUDY, "Jo")
    rig.take(place)
    assert place.done.result() is Taken.DONE
    rig.time.at += 60
    rig.take(said(rig, {"motion-hall": (Room.KITCHEN, START + 60)}))
    assert room(rig, "motion-hall") is Room.STUDY, "it was placed there before, while the two could not speak"
    rig.take(said(rig, {"motion-hall": (Room.DINING, rig.time.at)}))
    assert room(rig, "motion-hall") is Room.DINING
    rig.time.at += 60
    rig.take(Place(HOME.id, "motion-hall", Room.LIVING, "Jo"))
    rig.take(said(rig, {"motion-hall": (Room.DINING, rig.time.at - 60)}), said(rig, {}, state="offline"))
    assert room(rig, "motion-hall") is Room.LIVING, "an older word said again undoes nothing"


def test_a_gateway_whose_clock_is_ahead_does_not_undo_the_page_for_ever(rig: Rig) -> None:
    told = Told()
    rig.worker.tell_gateways(told)
    ahead = rig.time.at + 20 * MINUTE
    rig.take(said(rig, {NEW: (Room.KITCHEN, ahead)}))
    rig.time.at += 60
    rig.take(Place(HOME.id, NEW, Room.HALL, "Jo"))
    rig.take(said(rig, {NEW: (Room.KITCHEN, ahead)}))
    assert room(rig, NEW) is Room.HALL
    assert told.rooms[NEW] == Placed(Room.HALL, ahead), "so that the gateway takes it"


def test_the_gateway_is_told_until_it_knows(rig: Rig) -> None:
    told = Told()
    rig.worker.tell_gateways(told)
    rig.time.at += 60
    rig.take(said(rig, {}, settings={"version": 4, "refused": {}}))
    assert told.applied == 4
    assert told.rooms["motion-hall"] == Placed(Room.HALL, START)
    assert "gateway" not in told.rooms, "it is no sensor"
    known = {device: (each.room, each.at) for device, each in told.rooms.items()}
    rig.take(said(rig, known))
    assert told.times == 1
    rig.take(Place(HOME.id, NEW, Room.HALL, "Jo"))
    assert (told.times, told.rooms[NEW].room) == (2, Room.HALL)


def test_the_gateway_is_told_where_a_pet_moves_until_it_says_so(rig: Rig) -> None:
    told = Told()
    rig.worker.tell_gateways(told)
    devices = tuple(replace(each, pet=each.id == "motion-hall") for each in HOME.devices)
    rig.homes = [replace(HOME, devices=devices)]
    rig.crash(in_order=True)
    rig.worker.open()
    rig.worker.tell_gateways(told)
    known = {each.id: (each.room, START) for each in HOME.devices if each.id != "gateway"}
    rig.take(said(rig, known, settings={"version": 4, "refused": {}}))
    assert (told.times, told.pets) == (1, ("motion-hall",))
    rig.take(said(rig, known, settings={"version": 5, "refused": {}, "pets": ["motion-hall"]}))
    assert told.times == 1
    rig.homes = [HOME]
    rig.crash(in_order=True)
    rig.worker.open()
    rig.worker.tell_gateways(told)
    rig.take(said(rig, known, settings={"version": 5, "refused": {}, "pets": ["motion-hall"]}))
    assert (told.times, told.pets) == (2, ())


def test_a_restart_a_crash_and_an_edited_file_keep_what_was_placed(rig: Rig) -> None:
    rig.time.at += 60
    rig.take(Place(HOME.id, "motion-hall", Room.STUDY, "Jo"), said(rig, {NEW: (Room.BEDROOM, START + 30)}))
    for in_order in (True, False):
        rig.crash(in_order=in_order)
        rig.worker.open()
        assert (room(rig, "motion-hall"), room(rig, NEW)) == (Room.STUDY, Room.BEDROOM)
    rig.homes = [replace(HOME, residents=2)]
    rig.crash(in_order=True)
    rig.worker.open()
    assert isinstance(rig.entries()[-1], HomeSet)
    assert (room(rig, "motion-hall"), room(rig, NEW)) == (Room.STUDY, Room.BEDROOM)
    assert rig.worker.watches.watched[HOME.id].watch.home.residents == 2


def test_a_replay_of_the_log_judges_what_was_placed_as_the_hub_did(rig: Rig, tmp_path: Path) -> None:
    rig.take(said(rig, {NEW: (Room.BEDROOM, START)}))
    readings = [Reading(START + 600 * n, NEW, Metric.TEMPERATURE, 10.0 + 0.1 * (n % 5)) for n in range(1, 145)]
    readings += [Reading(START + 300 * n, "gateway", Metric.ONLINE, 1.0) for n in range(1, 288)]
    for number, reading in enumerate(sorted(readings, key=lambda each: each.at)):
        rig.time.at = reading.at + 1
        rig.take(rig.batch([reading], after=number, upto=number + 1))
    rig.time.at = START + DAY
    rig.worker.tick()
    changes = list(rig.stores.alerts.changes_of_home(HOME.id))
    assert Kind.COLD in {change.kind for change in changes}
    export_home(rig.stores, HOME.id, tmp_path / "out", judged_only=True)
    log = read_log(tmp_path / "out" / "readings.jsonl.gz", lambda error: pytest.fail(str(error)))
    assert list(replay(read_home(tmp_path / "out" / "home.toml"), log)) == changes


def test_a_home_takes_so_many_devices_and_no_more(rig: Rig) -> None:
    many = {f"d{number}": (Room.HALL, START) for number in range(MOST_DEVICES)}
    rig.take(said(rig, many))
    assert len(placements(rig)) == MOST_DEVICES - len(HOME.devices)
    assert rig.stores.rejections.counts(HOME.id)[FULL_HOME] == len(HOME.devices)
    full, unknown = Place(HOME.id, "one-more", Room.HALL, "Jo"), Place("nobody", NEW, Room.HALL, "Jo")
    rig.take(full, unknown, moved := Place(HOME.id, "d0", Room.STUDY, "Jo"))
    assert (full.done.result(), unknown.done.result()) == (Taken.FULL, Taken.UNKNOWN)
    assert moved.done.result() is Taken.DONE


def test_the_first_tenant_that_a_home_is_heard_of_keeps_it(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.take(replace(rig.batch([Reading(START, "motion-hall", Metric.MOTION, 1.0)]), tenant="local"))
    stranger = replace(rig.batch([Reading(START + 1, "motion-hall", Metric.MOTION, 1.0)], upto=2), tenant="other")
    with caplog.at_level(logging.WARNING):
        rig.take(stranger)
        rig.take(stranger)
    assert [answer.upto for answer in rig.answers] == [1], "the other one is not answered: it keeps what it has"
    assert rig.stores.rejections.counts(HOME.id) == {OTHER_TENANT: 2}
    assert len([record for record in caplog.records if "another tenant" in record.message]) == 1
    wanted = Wanted(tenant="local", act=Noted.REFUSED)
    (noted,) = (entry_of(row) for row in rig.stores.chronology.newest(wanted, limit=9))
    assert (noted.who, noted.role, noted.home) == (f"other/{HOME.id}", "gateway", HOME.id)
    rig.stores.tenants.forget(HOME.id)
    rig.take(stranger)
    assert rig.stores.tenants.of(HOME.id) == "other"


def test_two_boots_in_turn_are_a_copy_and_are_told_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def hear(boot: str, **more: object) -> None:
        rig.time.at += 10
        rig.take(said(rig, {}, boot=boot, **more))

    with caplog.at_level(logging.WARNING):
        for boot in ("b1", "b2", "b2", "b3"):
            hear(boot)
        hear("b2", state="offline")
        hear("b2", at=START)
        assert rig.stores.gateways.cloned_at(HOME.id) is None, "restarts, a late last will and a late status"
        for boot in ("b2", "b3", "b2"):
            hear(boot)
    assert rig.stores.gateways.cloned_at(HOME.id) == rig.time.at
    assert len([record for record in caplog.records if "two gateways" in record.message]) == 1


def rooms_of(rig: Rig) -> dict[str, Room]:
    return {each.id: each.room for each in rig.worker.watches.watched[HOME.id].watch.home.devices}


def test_a_replaced_device_is_gone_on_both_sides_over_crashes(rig: Rig) -> None:
    rig.worker.tell_gateways(told := Told())
    known = {each.id: (each.room, START) for each in HOME.devices if each.id != "gateway"}
    rig.time.at += 60
    rig.take(said(rig, known), swap := Replace(HOME.id, "motion-hall", NEW, "Jo"))
    assert swap.done.result() is Taken.DONE
    assert told.gone.keys() == {"motion-hall"}
    assert NEW in told.rooms
    assert "motion-hall" not in told.rooms
    for in_order in (True, False):
        rig.crash(in_order=in_order)
        rig.worker.open()
        rig.worker.tell_gateways(told)
        assert (room(rig, "motion-hall"), room(rig, NEW)) == (None, Room.HALL)
        assert len(rooms_of(rig)) == len(HOME.devices)
    times = told.times
    rig.take(said(rig, known))
    assert (room(rig, "motion-hall"), told.times) == (None, times + 1), "it said so before, and is told again"
    rig.take(said(rig, {"motion-hall": (Room.STUDY, rig.time.at + 60)}))
    assert room(rig, "motion-hall") is None, "a gateway's clock may be ahead"
    rig.time.at += 90
    rig.take(said(rig, {"motion-hall": (Room.STUDY, rig.time.at)}))
    assert room(rig, "motion-hall") is Room.STUDY, "somebody put it up again in the home"


def test_a_replacement_that_makes_no_sense_is_not_done(rig: Rig) -> None:
    acts = [
        Replace(HOME.id, "motion-hall", "motion-kitchen", "Jo"),
        Replace(HOME.id, "motion-hall", "motion-hall", "Jo"),
        Replace(HOME.id, "motion-hall", "gateway", "Jo"),
        Replace(HOME.id, "gateway", NEW, "Jo"),
        Replace(HOME.id, "nobody", NEW, "Jo"),
        Replace("nowhere", "motion-hall", NEW, "Jo"),
        TakeAway(HOME.id, "gateway", "Jo"),
        TakeAway(HOME.id, "nobody", "Jo"),
    ]
    rig.take(*acts)
    assert [each.done.result() for each in acts] == [Taken.TAKEN, *[Taken.UNKNOWN] * 7]
    again = [Replace(HOME.id, "motion-hall", NEW, "Jo") for _ in range(2)]
    rig.take(*again)
    assert [each.done.result() for each in again] == [Taken.DONE] * 2
    away = [TakeAway(HOME.id, NEW, "Jo") for _ in range(2)]
    rig.take(*away)
    assert [each.done.result() for each in away] == [Taken.DONE, Taken.UNKNOWN]
    acts_told = [entry for entry in rig.entries() if isinstance(entry, PlacementTold | DeviceGone)]
    assert [(type(each), each.device) for each in acts_told] == [(PlacementTold, NEW), (DeviceGone, NEW)]
    rig.take(Place(HOME.id, "motion-hall", Room.HALL, "Jo"))
    assert rooms_of(rig) == {each.id: each.room for each in HOME.devices}


def test_of_two_who_say_where_a_device_stands_at_once_the_second_is_told_so(rig: Rig) -> None:
    def version(device: str) -> int:
        described = rig.stores.log.description(HOME.id)
        assert described is not None
        return described.version(device)

    for device in ("motion-hall", NEW):
        seen = version(device)
        moves = [Place(HOME.id, device, room, "Jo", seen) for room in (Room.STUDY, Room.BEDROOM)]
        rig.take(*moves, late := TakeAway(HOME.id, device, "Sam", seen))
        assert [each.done.result(0) for each in (*moves, late)] == [Taken.DONE, Taken.STALE, Taken.STALE]
        assert rooms_of(rig)[device] is Room.STUDY
        assert version(device) > seen
        rig.take(away := TakeAway(HOME.id, device, "Sam", version(device)))
        assert away.done.result(0) is Taken.DONE
