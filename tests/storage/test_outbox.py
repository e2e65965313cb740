from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sensor_hub.alerts.channel import Channel, Tried
from sensor_hub.alerts.delivery import Attempt, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.storage.alert_book import SqlAlertBook
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing
from tests.storage.stores import rows
from tests.storage.test_alert_book import CLEARED, RAISED, T

CHANNEL = Channel("team", 1, "console://")
OTHER = Channel("team", 2, "json://127.0.0.1")


@pytest.fixture
def stores(database: Database) -> SqlStores:
    stores = SqlStores(database)
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(notice("r1"), T, T)
    return stores


def notice(reference: str, urgency: Urgency = Urgency.SOON, contact: str = "team") -> Notice:
    return Notice(reference, "a1", contact, urgency, f"Today: cold (ref {reference})", "body")


def attempt(reference: str, number: int = 1, channel: Channel = CHANNEL) -> Attempt:
    return Attempt(reference, number, channel)


def state(stores: SqlStores, reference: str = "r1") -> str:
    ((state,),) = rows(stores, f"SELECT state FROM notice WHERE reference = '{reference}'")
    return str(state)


def ledger(stores: SqlStores) -> list[str]:
    return [state for (state,) in rows(stores, "SELECT state FROM delivery ORDER BY row")]


def test_a_notice_is_sending_before_and_delivered_after(stores: SqlStores) -> None:
    assert [each.notice.reference for each in stores.outbox.due("team", T)] == ["r1"]
    assert stores.outbox.start(attempt("r1"), T) is Start.GO
    assert state(stores) == "sending"
    assert stores.outbox.start(attempt("r1"), T) is Start.GONE
    stores.outbox.delivered(attempt("r1"), T + 1)
    assert ledger(stores) == ["waiting", "sending", "delivered"]
    assert stores.outbox.due("team", T + 9) == []
    assert stores.outbox.next_due("team") is None


def test_the_same_notice_made_again_is_nothing(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.delivered(attempt("r1"), T + 1)
    stores.alerts.add_notice(notice("r1"), T + 2, T + 2)
    assert state(stores) == "delivered"


def test_a_failure_waits_for_its_next_attempt(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.failed(attempt("r1"), T, "no answer", T + 60)
    assert stores.outbox.due("team", T + 59) == []
    assert stores.outbox.next_due("team") == T + 60
    assert [each.attempts for each in stores.outbox.due("team", T + 60)] == [1]
    stores.outbox.start(attempt("r1", 2), T + 60)
    stores.outbox.failed(attempt("r1", 2), T + 60, "no answer", None)
    assert ledger(stores) == ["waiting", "sending", "waiting", "sending", "failed"]


def test_nobody_hears_of_an_alert_that_somebody_took(stores: SqlStores) -> None:
    """All that waits is withheld with the acknowledgement, not only when its turn comes."""
    stores.alerts.add_notice(notice("r2"), T, T + 3600)
    stores.alerts.acknowledge("a1", "Ann", T)
    assert [state(stores, "r1"), state(stores, "r2")] == ["withheld", "withheld"]
    assert ledger(stores) == ["waiting", "waiting", "withheld", "withheld"]
    assert stores.outbox.start(attempt("r1"), T + 1) is Start.GONE


def test_nobody_hears_of_an_alert_that_ended_before(stores: SqlStores) -> None:
    stores.alerts.record(CLEARED)
    assert state(stores) == "withheld"


@pytest.mark.parametrize(
    ("act", "start"),
    [
        (lambda alerts: alerts.acknowledge("a1", "Ann", T), Start.TAKEN),
        (lambda alerts: alerts.close("a1", Closing("Ann", Outcome.FALSE), T), Start.TAKEN),
        (lambda alerts: alerts.record(CLEARED), Start.ENDED),
    ],
)
def test_one_that_was_being_sent_and_failed_is_not_tried_again(
    stores: SqlStores, act: Callable[[SqlAlertBook], object], start: Start
) -> None:
    stores.outbox.start(attempt("r1"), T)
    act(stores.alerts)
    assert state(stores) == "sending"
    stores.outbox.failed(attempt("r1"), T + 1, "busy", T + 2)
    assert stores.outbox.start(attempt("r1"), T + 2) is start
    assert state(stores) == "withheld"


def test_what_waited_when_the_alert_was_taken_is_not_sent_when_that_lapses(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.alerts.acknowledge("a1", "Ann", T)
    stores.outbox.failed(attempt("r1"), T + 1, "busy", T + 3601)
    stores.alerts.lapse("a1", T + 3600)
    assert stores.outbox.start(attempt("r1"), T + 3601) is Start.GONE
    row = stores.registry.alert("a1")
    assert row is not None
    assert (row.handled, row.acknowledged_by) == ("open", None)


def test_what_was_being_sent_when_the_hub_stopped_is_found_with_its_channel(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1", channel=OTHER), T)
    ((delivery, key),) = stores.outbox.stuck()
    assert (delivery.notice.reference, delivery.attempts, key) == ("r1", 1, OTHER.key)


def test_one_that_may_have_arrived_goes_by_another_channel_marked(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.unheard(attempt("r1"), T + 1, "no answer", T + 1)
    (again,) = stores.outbox.due("team", T + 1)
    assert again.marked().title == "Today: cold (again, ref r1)"
    assert again.tried == {CHANNEL.key: Tried(1, is_unheard=True)}
    stores.outbox.start(attempt("r1", 2, OTHER), T + 2)
    stores.outbox.refused(attempt("r1", 2, OTHER), T + 3, "no such number", None)
    assert state(stores) == "unknown"
    assert ledger(stores) == ["waiting", "sending", "unknown", "waiting", "sending", "refused", "unknown"]


def test_without_another_channel_it_stays_unknown_until_nobody_else_can_be_told(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.unheard(attempt("r1"), T + 1, "no answer", None)
    assert state(stores) == "unknown"
    assert stores.alerts.send_again("a1", T + 2, T + 2) == 1
    stores.outbox.start(attempt("r1", 2), T + 2)
    stores.outbox.unheard(attempt("r1", 2), T + 3, "no answer", None)
    assert stores.alerts.send_again("a1", T + 4, T + 4) == 0
    assert state(stores) == "unknown"


def test_an_answer_that_is_heard_late_ends_the_repeat(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.unheard(attempt("r1"), T + 1, "no answer", T + 1)
    stores.outbox.start(attempt("r1", 2, OTHER), T + 2)
    stores.outbox.delivered(attempt("r1"), T + 3)
    assert state(stores) == "sending"
    stores.outbox.failed(attempt("r1", 2, OTHER), T + 4, "busy", T + 5)
    assert state(stores) == "delivered"


def test_a_channel_that_refuses_is_broken_until_it_takes_something_or_is_changed(stores: SqlStores) -> None:
    stores.channels.set_up([CHANNEL, OTHER])
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.refused(attempt("r1"), T + 1, "no such number", T + 1)
    (broken,) = stores.channels.broken(untold=True)
    assert (broken.contact, broken.label, broken.why) == ("team", "1 (console)", "no such number")
    assert stores.outbox.due("team", T + 1)[0].broken == {CHANNEL.key}
    stores.channels.told(CHANNEL.key, T + 1)
    assert stores.channels.broken(untold=True) == []
    stores.alerts.add_notice(notice("r2"), T, T)
    stores.outbox.start(attempt("r2"), T + 2)
    stores.outbox.delivered(attempt("r2"), T + 2)
    assert stores.channels.broken() == []
    stores.outbox.start(attempt("r1", 2), T + 3)
    stores.outbox.refused(attempt("r1", 2), T + 3, "no such number", None)
    assert state(stores) == "failed"
    stores.channels.set_up([OTHER])
    stores.channels.set_up([CHANNEL])
    assert stores.channels.broken() == []


def test_a_contact_whose_last_notice_was_given_up_is_known_until_one_arrives(stores: SqlStores) -> None:
    stores.outbox.start(attempt("r1"), T)
    stores.outbox.failed(attempt("r1"), T + 1, "no such recipient", None)
    assert list(stores.registry.unreached(T)) == [("team", T + 1, "no such recipient")]
    assert list(stores.registry.unreached(T + 2)) == []
    stores.alerts.add_notice(notice("r2"), T + 5, T + 5)
    assert list(stores.registry.unreached(T)) == [("team", T + 1, "no such recipient")]
    stores.outbox.start(attempt("r2"), T + 6)
    stores.outbox.delivered(attempt("r2"), T + 6)
    assert list(stores.registry.unreached(T)) == []


def test_the_urgent_goes_first_and_others_contacts_are_not_mixed_in(stores: SqlStores) -> None:
    stores.alerts.add_notice(notice("r2", Urgency.URGENT), T, T)
    stores.alerts.add_notice(notice("r3", Urgency.URGENT, "other"), T, T)
    assert [each.notice.reference for each in stores.outbox.due("team", T)] == ["r2", "r1"]


def test_an_alarm_is_told_and_stays_open_even_where_it_is_over(stores: SqlStores) -> None:
    stores.alerts.record(replace(RAISED, id="a2", kind=Kind.SMOKE))
    stores.alerts.add_notice(replace(notice("r2"), alert="a2"), T, T)
    stores.alerts.record(replace(CLEARED, id="a2", kind=Kind.SMOKE, number=2))

    assert stores.outbox.start(attempt("r2"), T + 901) is Start.GO
    assert [row.id for row in stores.registry.open_alerts() if row.kind == Kind.SMOKE] == ["a2"]
