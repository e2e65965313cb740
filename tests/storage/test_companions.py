"""Notices that are sent as one: each is a row of its own, and shares what becomes of the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.companions import SqliteCompanions
from sensor_hub.storage.stores import SqliteStores
from sensor_hub.watch.ports import Closing
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T

NAMES = ("a1", "a2", "a3")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqliteStores]:
    stores = open_fresh(tmp_path)
    for name in NAMES:
        stores.alerts.record(replace(RAISED, id=name))
        stores.alerts.add_notice(Notice(f"r-{name}", name, "team", Urgency.SOON, f"Today (ref r-{name})", "body"), T, T)
    stores.alerts.send_together([f"r-{name}" for name in NAMES])
    yield stores
    stores.database.close()


def due(stores: SqliteStores) -> list[str]:
    return [each.notice.reference for each in stores.outbox.due("team", T)]


def states(stores: SqliteStores) -> list[str]:
    return [row[0] for row in stores.database.raw.execute("SELECT state FROM notice ORDER BY reference")]


def along(stores: SqliteStores, reference: str = "r-a1") -> list[str]:
    return [each.reference for each in SqliteCompanions(stores.database).of(reference, T)]


def sent(stores: SqliteStores, reference: str) -> None:
    """As the courier does it: the row says `sending` before the call."""
    stores.database.raw.execute("UPDATE notice SET state = 'sending' WHERE reference = ?", (reference,))


def test_only_the_first_is_due_and_the_others_go_along(stores: SqliteStores) -> None:
    assert due(stores) == ["r-a1"]
    sent(stores, "r-a1")
    assert along(stores) == ["r-a2", "r-a3"]
    assert states(stores) == ["sending"] * 3


def test_what_becomes_of_the_first_becomes_of_all(stores: SqliteStores) -> None:
    sent(stores, "r-a1")
    stores.database.raw.execute("UPDATE notice SET state = 'waiting', attempts = 1 WHERE reference = 'r-a1'")
    assert (states(stores), due(stores)) == (["waiting"] * 3, ["r-a1"])
    stores.database.raw.execute("UPDATE notice SET state = 'delivered' WHERE reference = 'r-a1'")
    assert states(stores) == ["delivered"] * 3
    assert due(stores) == []


def test_one_that_somebody_took_does_not_go_along(stores: SqliteStores) -> None:
    stores.alerts.acknowledge("a2", "Ann", T)
    assert states(stores) == ["waiting", "withheld", "waiting"]
    sent(stores, "r-a1")
    stores.alerts.close("a3", Closing("Ann", Outcome.TRUE), T)
    assert along(stores) == []
    stores.database.raw.execute("UPDATE notice SET state = 'delivered' WHERE reference = 'r-a1'")
    assert states(stores) == ["delivered", "withheld", "withheld"]


def test_where_the_first_is_withheld_the_next_leads(stores: SqliteStores) -> None:
    stores.alerts.acknowledge("a1", "Ann", T)
    assert due(stores) == ["r-a2"]
    sent(stores, "r-a2")
    assert along(stores, "r-a2") == ["r-a3"]
    assert states(stores) == ["withheld", "sending", "sending"]


def test_one_that_may_have_arrived_goes_again_by_itself(stores: SqliteStores) -> None:
    sent(stores, "r-a1")
    stores.database.raw.execute("UPDATE notice SET state = 'unknown' WHERE reference = 'r-a1'")
    stores.database.raw.execute("UPDATE notice SET state = 'waiting', is_again = 1 WHERE reference = 'r-a3'")
    assert due(stores) == ["r-a3"]


def test_the_ledger_of_each_says_what_became_of_it(stores: SqliteStores) -> None:
    attempt = Attempt("r-a1", 1, Contact("team", "console://").channels[0])
    assert stores.outbox.start(attempt, T) is Start.GO
    stores.alerts.acknowledge("a3", "Ann", T)
    assert along(stores) == ["r-a2"]
    stores.outbox.delivered(attempt, T + 1, "its name there")
    rows = stores.database.raw.execute("SELECT reference, state FROM delivery WHERE state != 'waiting' ORDER BY row")
    told: dict[str, list[str]] = {}
    for reference, state in rows:
        told.setdefault(reference, []).append(state)
    assert told == {
        "r-a1": ["sending", "delivered"],
        "r-a2": ["sending", "delivered"],
        "r-a3": ["sending", "withheld"],
    }
