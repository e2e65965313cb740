"""What changed is written with what changes it, in one order, and kept for a while."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from sensor_hub.access.session import SignedIn, Stage
from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Reason
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import Outcome
from sensor_hub.model.change import Change, What
from sensor_hub.model.consent import EVERYTHING, Basis, Decision
from sensor_hub.model.entry import AbsenceTold, DeviceGone, PlacementTold, VisitTold
from sensor_hub.model.home import Absence
from sensor_hub.model.kind import Urgency
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Status
from sensor_hub.storage.database import Database
from sensor_hub.storage.ends import Unkept
from sensor_hub.storage.join_codes import JoinedGateway
from sensor_hub.storage.sessions import StoredSessions
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing, CoverageRow
from tests.storage.test_alert_book import CLEARED, RAISED, UPDATED, T

DAY = date(2026, 1, 5)
SILENCE = Silence("s1", "flat-*", T, T + 60, "Jo", "painters")


def told(stores: SqlStores, after: int = 0) -> list[tuple[str, str, str, str]]:
    found = stores.changes.after(after, 100)
    return [(each.what.value, each.home, each.about, each.detail) for each in found]


def test_what_becomes_of_an_alert_is_told_in_order(stores: SqlStores) -> None:
    for change in (RAISED, UPDATED):
        stores.alerts.record(change)
    stores.alerts.record(RAISED)
    stores.alerts.note("a1", T, act="told", who="jo", reason=Reason.RAISED.value)
    stores.alerts.note("a1", T, act="silenced", who="s1", reason=Reason.SILENCED.value)
    stores.alerts.note("a1", T, act="told", who="", reason=Reason.EXHAUSTED.value)
    stores.alerts.note("a1", T, act="told", who="", reason=Reason.NOBODY.value)
    stores.alerts.note("a1", T, act="told", who="", reason=Reason.CAN_WAIT.value)
    stores.alerts.acknowledge("a1", "Jo", T)
    stores.alerts.acknowledge("a1", "Sam", T)
    stores.alerts.note("a1", T, act="passed on", who="Jo", reason="")
    stores.alerts.lapse("a1", T)
    stores.alerts.record(CLEARED)
    stores.alerts.close("a1", Closing("Jo", Outcome.TRUE, ""), T)
    assert told(stores) == [
        ("alert.raised", "h1", "a1", "soon"),
        ("alert.updated", "h1", "a1", "urgent"),
        ("alert.told", "h1", "a1", "urgent"),
        ("alert.kept_back", "h1", "a1", "silenced"),
        ("alert.exhausted", "h1", "a1", "urgent"),
        ("alert.exhausted", "h1", "a1", "urgent"),
        ("alert.acknowledged", "h1", "a1", "urgent"),
        ("alert.passed_on", "h1", "a1", "urgent"),
        ("alert.lapsed", "h1", "a1", "urgent"),
        ("alert.cleared", "h1", "a1", "urgent"),
        ("alert.closed", "h1", "a1", "urgent"),
    ]
    assert {each.kind for each in stores.changes.after(0, 100)} == {"cold"}


def test_what_becomes_of_a_home_is_told(stores: SqlStores) -> None:
    stores.log.append("h1", AbsenceTold(T, Absence(T, T + 60)))
    stores.log.append("h1", VisitTold(T, T, T + 60))
    stores.log.append("h1", PlacementTold(T, "d1", Room.HALL))
    stores.log.append("h1", PlacementTold(T, "d2", Room.HALL, "Jo", "d1"))
    stores.log.append("h1", DeviceGone(T, "d2", "Jo"))
    for rows in (
        [CoverageRow("cold", "", "watching", "")],
        [CoverageRow("cold", "", "blind", "no thermometer is heard")],
        [CoverageRow("cold", "", "blind", "no thermometer is heard since yesterday")],
    ):
        stores.coverage.show("h1", T, rows)
    for state in ("online", "online", "offline"):
        stores.gateways.told("h1", T, Status(state, "b1", "1.0", T))
    stores.join_codes.note_joined(JoinedGateway("h1", "local/h1", T, "1.0"))
    stores.join_codes.note_removed("h1", T)
    stores.consents.add("h1", T, Decision(Basis.CONSENT, EVERYTHING, "", DAY, DAY), "Jo")
    assert [each[:4:3] for each in told(stores)] == [
        ("absence.told", ""),
        ("visit.told", ""),
        ("device.placed", "hall"),
        ("device.placed", "hall"),
        ("device.gone", "d2"),
        ("device.gone", ""),
        ("home.coverage", "seen"),
        ("home.coverage", "in part"),
        ("gateway.reached", ""),
        ("gateway.lost", ""),
        ("gateway.joined", ""),
        ("gateway.removed", ""),
        ("consent.changed", ""),
    ]


def test_silences_and_contacts_are_told(stores: SqlStores) -> None:
    stores.silences.add(SILENCE, T)
    stores.silences.add(SILENCE, T)
    stores.silences.end("s1", T + 1, "Jo")
    stores.silences.end("s1", T + 2, "Jo")
    notice = Notice("r1", "", "jo", Urgency.SOON, "title", "body")
    attempt = Attempt("r1", 1, Channel("jo", 1, "mailto://jo@example.org"))
    stores.outbox.add(notice, T, T)
    stores.outbox.start(attempt, T)
    stores.outbox.failed(attempt, T, "no such mailbox", None)
    assert told(stores) == [
        ("silence.set", "flat-*", "s1", ""),
        ("silence.ended", "flat-*", "s1", ""),
        ("contact.unreached", "", "jo", ""),
    ]


def test_who_may_look_and_whose_homes_are_is_told_to_the_hub_itself(stores: SqlStores) -> None:
    sessions = StoredSessions(stores.database, Unkept())
    sessions.begin(SignedIn("hash", "jo", Stage.FULL, T, T, T + 60, "127.0.0.1", ""))
    sessions.end("hash")
    stores.tenants.bind("h1", "elmham")
    stores.tenants.give("h1", "elmham")
    stores.tenants.give("h1", "oakshire")
    stores.tenants.forget("h1")
    assert told(stores) == [
        ("access", "", "", ""),
        ("tenancy", "h1", "", "elmham"),
        ("tenancy", "h1", "", "oakshire"),
        ("tenancy", "h1", "", ""),
    ]


def test_what_is_undone_is_not_told(stores: SqlStores) -> None:
    rung: list[int] = []
    stores.database.on_noted = lambda: rung.append(len(stores.changes.after(0, 100)))
    with suppress(RuntimeError), stores.database.transaction():
        stores.alerts.record(RAISED)
        raise RuntimeError
    stores.streams.move({("h1", "s"): 7})
    assert told(stores) == []
    assert rung == []
    with stores.database.transaction():
        stores.alerts.record(RAISED)
        stores.alerts.record(UPDATED)
    assert rung == [2]


def marks(found: list[Change]) -> list[tuple[int, int]]:
    return [(each.position, each.mark) for each in found]


def test_what_is_old_is_forgotten_but_for_the_last(stores: SqlStores) -> None:
    for number in range(7):
        stores.changes.note(What.HUB_STARTED, T + number)
    stores.tenants.bind("h1", "elmham")
    known = marks(stores.changes.after(0, 100))
    assert stores.changes.newest() == known[-1]
    gone = 0
    while some := stores.changes.forget(T + 4, 3):
        gone += some
    assert gone == 4
    assert marks(stores.changes.after(0, 100)) == known[4:]
    assert [stores.changes.is_kept(*each) for each in known[3:5]] == [False, True]
    assert not stores.changes.is_kept(known[4][0], known[4][1] ^ 1)
    while stores.changes.forget(T + 90, 3):
        pass
    assert marks(stores.changes.after(0, 100)) == known[-1:]


def test_positions_go_on_after_all_was_erased(database: Database, stores: SqlStores) -> None:
    stores.alerts.record(RAISED)
    before = stores.changes.newest()[0]
    with database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM change")
    stores.alerts.record(UPDATED)
    assert stores.changes.newest()[0] > before
