"""What the pages are told, from what the worker stored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Reason
from sensor_hub.desk.acts import BusyError, QueuedActs
from sensor_hub.desk.reads import StoredReads
from sensor_hub.history.port import Bin, Window
from sensor_hub.model.alert import HUB, Outcome
from sensor_hub.model.kind import HOME_KINDS, Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay
from sensor_hub.model.wire import Status
from sensor_hub.watch.consent_ports import Withdrawal
from sensor_hub.watch.items import Place, StatusCame, TellStay
from sensor_hub.watch.worker import MOST_WAITING
from sensor_hub.web.alert_page import view_history
from sensor_hub.web.gateway_said import GatewayRow, UnplacedRow
from sensor_hub.web.ports import Among, Answer, ClosedMark, DeliveryState, Handled, Sight, UnreachedRow
from tests.homes import small_home, whole_log
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import CLEARED, RAISED
from tests.storage.test_outbox import attempt
from tests.watch.test_worker import START, Rig, motion, raise_one


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [small_home()], START)
    yield rig
    rig.stores.database.close()


@pytest.fixture
def reads(rig: Rig) -> StoredReads:
    return StoredReads(rig.stores, rig.homes, lambda: True)


HOME = small_home().id


def test_a_home_that_was_just_added(rig: Rig, reads: StoredReads) -> None:
    (row,) = reads.homes()
    assert (row.home, row.last_heard, dict(row.heard), row.gateway) == (small_home(), None, {}, None)
    assert reads.home("nobody") is None
    assert reads.ready()
    assert not StoredReads(rig.stores, rig.homes, lambda: False).ready()


def test_homes_page_by_page_without_those_that_are_erased(tmp_path: Path) -> None:
    stores = open_fresh(tmp_path)
    names = [f"flat-{number}" for number in (9, 12, 3, 7, 1)]
    reads = StoredReads(stores, [replace(small_home(), id=name) for name in names], lambda: True)
    stores.erasures.ask_whole(Withdrawal("flat-3", frozenset(), 0, START, "Jo"), "moved away")
    pages = [[row.home.id for row in reads.homes_after(after, limit=2)] for after in ("", "flat-12", "flat-9")]
    assert pages == [["flat-1", "flat-12"], ["flat-7", "flat-9"], []]
    assert [row.home.id for row in reads.homes(["flat-9", "flat-3", "oak-2", "flat-1"])] == ["flat-1", "flat-9"]
    stores.database.close()


def test_what_was_heard_and_what_stands_nowhere(rig: Rig, reads: StoredReads) -> None:
    stray = Reading(START - 5, "stray", Metric.TEMPERATURE, 20.0)
    rig.take(rig.batch([motion(START - 60), motion(START - 10), stray]))
    row = reads.home(HOME)
    assert row is not None
    assert (row.last_heard, dict(row.heard)) == (START - 5, {"motion-hall": START - 10})
    assert list(row.unplaced) == [UnplacedRow("stray", START - 5, ["temperature"])]


def test_where_devices_stand_and_who_is_away_is_as_it_was_told_last(rig: Rig, reads: StoredReads) -> None:
    stray = Reading(START - 5, "stray", Metric.TEMPERATURE, 20.0)
    rig.take(rig.batch([stray]))
    before = reads.homes()[0]
    rig.take(Place(HOME, "stray", Room.STUDY, "Ann"))
    rig.take(TellStay(HOME, Stay.ABSENCE, START, START + 3600, "Ann", is_new=True))
    (row,) = reads.homes()
    assert not before.stays.of(Stay.ABSENCE)
    assert len(row.stays.of(Stay.ABSENCE)) == 1
    assert [device.room for device in row.home.devices if device.id == "stray"] == [Room.STUDY]
    assert not row.unplaced


def test_coverage_names_every_kind_once_it_was_ticked(rig: Rig, reads: StoredReads) -> None:
    rig.time.at += 5 * MINUTE
    rig.worker.tick()
    row = reads.home(HOME)
    assert row is not None
    assert {each.kind for each in row.coverage} == set(HOME_KINDS)
    assert any(each.sight is not Sight.WATCHING for each in row.coverage)
    assert all(each.reason for each in row.coverage if each.sight is not Sight.WATCHING)


def test_what_the_gateway_said_last(rig: Rig, reads: StoredReads) -> None:
    status = Status("online", "b1", "1.0", START, "jumped", {"s1": 3, "s2": 4}, START - 60, {"not JSON": 2})
    rig.take(StatusCame(HOME, status, rig.answers.append, "local"))
    row = reads.home(HOME)
    assert row is not None
    assert row.gateway == GatewayRow(True, START, "jumped", "1.0", 7, START - 60, {"not JSON": 2})


def test_charts(rig: Rig, reads: StoredReads) -> None:
    hour = START - 2 * HOUR
    warm = [Reading(hour + 60 * n, "climate-living", Metric.TEMPERATURE, 20.0 + n) for n in range(3)]
    moves = [motion(hour + 60), replace(motion(hour + 120), value=0.0), motion(hour + HOUR)]
    rig.take(rig.batch([*warm, *moves]))
    window = Window(hour, hour + HOUR, 3600)
    assert reads.movement(HOME, window) == [Bin("motion-hall", hour, 1.0)]
    assert reads.temperature(HOME, window) == [Bin("climate-living", hour, 21.0)]
    assert reads.readings(HOME, window) == [Bin("climate-living", hour, 3.0), Bin("motion-hall", hour, 2.0)]
    assert reads.movement("nobody", window) == []


def test_an_alert_and_its_history(rig: Rig, reads: StoredReads) -> None:
    rig.take(*(rig.batch([one.reading]) for one in whole_log(rig.homes[0], START, START + 60)))
    for _ in range(24):
        rig.time.at += 5 * MINUTE
        rig.worker.tick()
    (row, *_) = [row for row in reads.open_alerts() if row.kind is Kind.GATEWAY_SILENT]
    history = reads.alert(row.id)
    assert history is not None
    assert (history.alert, history.changes[0].summary) == (row, row.summary)
    assert [(each.contact, each.state) for each in history.deliveries] == [("fitter", DeliveryState.WAITING)]
    assert [(each.contacts, each.reason) for each in history.decisions] == [
        ("", Reason.GATHERED.value),
        ("fitter", Reason.RAISED.value),
    ]
    reference = rig.stores.outbox.due("fitter", rig.time.at)[0].notice.reference
    rig.stores.outbox.start(attempt(reference), rig.time.at)
    rig.stores.outbox.failed(attempt(reference), rig.time.at, "no answer", rig.time.at + 60)
    history = reads.alert(row.id)
    assert history is not None
    assert [(each.state, each.error, each.attempts) for each in history.deliveries] == [
        (DeliveryState.FAILED, "no answer", 1)
    ]
    assert reads.alert("none") is None
    assert [each.id for each in reads.home_alerts(HOME, since=rig.time.at)] == [each.id for each in reads.open_alerts()]


def test_pages_of_closed_alerts(rig: Rig, reads: StoredReads) -> None:
    for number in range(5):
        for change in (RAISED, CLEARED):
            rig.stores.alerts.record(replace(change, id=f"a{number}", home=HOME))
    first = reads.closed_alerts(limit=3)
    assert first[-1].closed_at is not None
    rest = reads.closed_alerts(limit=3, after=ClosedMark(first[-1].closed_at, first[-1].id))
    assert [row.id for row in (*first, *rest)] == ["a4", "a3", "a2", "a1", "a0"]
    assert {row.handled for row in first} == {Handled.CLOSED}


def test_alerts_of_some_homes_are_found_among_many(rig: Rig, reads: StoredReads) -> None:
    for home in ("a", "b", HUB):
        rig.stores.alerts.record(replace(RAISED, id=f"{home}-open", home=home))
        for change in (RAISED, CLEARED):
            rig.stores.alerts.record(replace(change, id=f"{home}-closed", home=home))
    assert {row.id for row in reads.open_alerts(Among(["a", HUB]))} == {"a-open", f"{HUB}-open"}
    assert [row.id for row in reads.closed_alerts(limit=9, among=Among(["b"]))] == ["b-closed"]
    assert len(reads.closed_alerts(limit=9)) == 3
    assert reads.closed_alerts(limit=9, among=Among(kinds=[Kind.SMOKE])) == []


def test_of_two_people_who_act_at_once_one_is_first_and_both_are_told(rig: Rig, reads: StoredReads) -> None:
    alert = raise_one(rig)
    rig.crash()
    rig.worker.start()
    acts = QueuedActs(rig.worker)
    with ThreadPoolExecutor(2) as people:
        told = list(people.map(lambda who: acts.acknowledge(alert, by=who), ["Ann", "Bob"]))
    assert sorted(answer.name for answer in told) == ["DONE", "TAKEN"]
    assert acts.close(alert, by="Ann", outcome=Outcome.FALSE, note="a window was open") is Answer.DONE
    assert acts.acknowledge("none", by="Ann") is Answer.UNKNOWN
    rig.worker.stop(10)
    row = rig.stores.registry.alert(alert)
    assert row is not None
    assert (row.outcome, row.note) == ("false", "a window was open")


def test_an_act_for_which_there_is_no_room_fails_at_once(rig: Rig) -> None:
    item = rig.batch([motion(START)])
    while rig.worker.offer(item):
        pass
    assert rig.worker._queue.qsize() == MOST_WAITING
    with pytest.raises(BusyError):
        QueuedActs(rig.worker).acknowledge("a1", by="Ann")


def test_a_channel_that_takes_nothing_is_named_although_its_contact_is_reached(rig: Rig, reads: StoredReads) -> None:
    first = Channel("team", 1, "console://")
    rig.stores.alerts.record(RAISED)
    rig.stores.alerts.add_notice(Notice("r1", "a1", "team", RAISED.urgency, "Today", "body"), START, START)
    rig.stores.outbox.start(Attempt("r1", 1, first), START)
    rig.stores.outbox.refused(Attempt("r1", 1, first), START, "no such number", START)
    assert reads.unreached(since=0) == [UnreachedRow("team", START, "no such number", "1 (console)")]


def test_who_passed_an_alert_on_is_in_its_history(rig: Rig, reads: StoredReads) -> None:
    rig.stores.alerts.record(RAISED)
    rig.stores.alerts.note("a1", START, act="passed on", who="ann (by text message)", reason="")
    history = reads.alert("a1")
    assert history is not None
    assert "Passed on by ann (by text message)" in [event.what for event in view_history(history, None, START).events]
