"""Notices that are sent as one: each is a row of its own, and shares what becomes of the first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.companions import SqlCompanions
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED, T

NAMES = ("a1", "a2", "a3")
CHANNEL = Contact("team", "console://").channels[0]


@pytest.fixture
def stores(database: Database) -> SqlStores:
    stores = SqlStores(database)
    for name in NAMES:
        stores.alerts.record(replace(RAISED, id=name))
        stores.alerts.add_notice(Notice(f"r-{name}", name, "team", Urgency.SOON, f"Today (ref r-{name})", "body"), T, T)
    stores.alerts.send_together([f"r-{name}" for name in NAMES])
    return stores


def due(stores: SqlStores) -> list[str]:
    return [each.notice.reference for each in stores.outbox.due("team", T)]


def states(stores: SqlStores) -> list[str]:
    return [state for (state,) in rows(stores, "SELECT state FROM notice ORDER BY reference")]


def along(stores: SqlStores, reference: str = "r-a1") -> list[str]:
    return [each.reference for each in SqlCompanions(stores.database).of(reference, T)]


def sent(stores: SqlStores, reference: str, number: int = 1) -> Attempt:
    """As the courier does it: the row says `sending` before the call."""
    attempt = Attempt(reference, number, CHANNEL)
    assert stores.outbox.start(attempt, T) is Start.GO
    return attempt


def test_only_the_first_is_due_and_the_others_go_along(stores: SqlStores) -> None:
    assert due(stores) == ["r-a1"]
    sent(stores, "r-a1")
    assert along(stores) == ["r-a2", "r-a3"]
    assert states(stores) == ["sending"] * 3


def test_what_becomes_of_the_first_becomes_of_all(stores: SqlStores) -> None:
    stores.outbox.failed(sent(stores, "r-a1"), T, "busy", T)
    assert (states(stores), due(stores)) == (["waiting"] * 3, ["r-a1"])
    stores.outbox.delivered(sent(stores, "r-a1", 2), T)
    assert states(stores) == ["delivered"] * 3
    assert due(stores) == []
    attempts = rows(stores, "SELECT DISTINCT attempts, error FROM notice")
    assert attempts == [(2, None)]


def test_one_that_somebody_took_does_not_go_along(stores: SqlStores) -> None:
    stores.alerts.acknowledge("a2", "Ann", T)
    assert states(stores) == ["waiting", "withheld", "waiting"]
    attempt = sent(stores, "r-a1")
    stores.alerts.close("a3", Closing("Ann", Outcome.TRUE), T)
    assert along(stores) == []
    stores.outbox.delivered(attempt, T)
    assert states(stores) == ["delivered", "withheld", "withheld"]


def test_where_the_first_is_withheld_the_next_leads(stores: SqlStores) -> None:
    stores.alerts.acknowledge("a1", "Ann", T)
    assert due(stores) == ["r-a2"]
    sent(stores, "r-a2")
    assert along(stores, "r-a2") == ["r-a3"]
    assert states(stores) == ["withheld", "sending", "sending"]


def test_one_that_may_have_arrived_goes_again_by_itself(stores: SqlStores) -> None:
    stores.outbox.unheard(sent(stores, "r-a1"), T, "no answer", None)
    assert states(stores) == ["unknown"] * 3
    assert stores.alerts.send_again("a3", T, T) == 1
    assert (states(stores), due(stores)) == (["unknown", "unknown", "waiting"], ["r-a3"])
    stores.outbox.delivered(Attempt("r-a1", 1, CHANNEL), T)
    assert states(stores) == ["delivered", "delivered", "waiting"], "it goes with the first no more"


def test_what_is_heard_late_of_the_first_ends_the_repeat_of_all(stores: SqlStores) -> None:
    stores.outbox.unheard(sent(stores, "r-a1"), T, "no answer", T)
    stores.outbox.arrived("r-a1", CHANNEL.key, T)
    assert states(stores) == ["arrived"] * 3
    assert due(stores) == []


def test_the_ledger_of_each_says_what_became_of_it(stores: SqlStores) -> None:
    attempt = sent(stores, "r-a1")
    stores.alerts.acknowledge("a3", "Ann", T)
    assert along(stores) == ["r-a2"]
    stores.outbox.delivered(attempt, T + 1, "its name there")
    lines = rows(stores, "SELECT reference, state FROM delivery WHERE state != 'waiting' ORDER BY row")
    told: dict[str, list[str]] = {}
    for reference, state in lines:
        told.setdefault(reference, []).append(state)
    assert told == {
        "r-a1": ["sending", "delivered"],
        "r-a2": ["sending", "delivered"],
        "r-a3": ["sending", "withheld"],
    }
    named = "SELECT reference, provider_id FROM delivery WHERE provider_id IS NOT NULL"
    assert rows(stores, named) == [("r-a1", "its name there")]


def test_an_alerts_ledger_has_what_became_of_the_notice_that_led_its_own(stores: SqlStores) -> None:
    assert {line.reference for line in stores.ledger.of_alert("a2")} == {"r-a1", "r-a2"}
    assert {line.reference for line in stores.ledger.of_alert("a1")} == {"r-a1"}
