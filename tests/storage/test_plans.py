"""What is asked all the time, or of years, is found by an index: it stays quick for a thousand homes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Select, event

from sensor_hub.storage import (
    alert_book,
    escalations,
    ledger,
    ledger_reads,
    outbox,
    receipts,
    replies,
    reviews,
    silences,
    wider,
)
from sensor_hub.storage.stores import SqlStores
from tests.storage.stores import open_fresh

BY_INDEX: dict[str, Select[Any]] = {
    "an alert's home": alert_book.HOME,
    "what waits of an alert": alert_book.WAITING,
    "alerts that are due": escalations.DUE,
    "an alert's last change": escalations.LAST_CHANGE,
    "who leads next": ledger.NEXT,
    "an alert's ledger": ledger_reads.OF_ALERT,
    "a notice's ledger": ledger_reads.OF_NOTICE,
    "the last test": ledger_reads.LAST_TEST,
    "notices that are due": outbox.DUE,
    "the next that is due": outbox.NEXT_DUE,
    "what was being sent": outbox.STUCK,
    "what was tried": outbox.TRIED,
    "receipts of known notices": receipts.KEPT,
    "who was told by a channel": replies.LAST_TOLD,
    "what was raised": reviews.RAISED,
    "what nobody answered": reviews.EXHAUSTED,
    "what a silence held back": silences.HELD_BACK,
    "wider alerts": wider.CAUSES,
    "the last storm": wider.LAST_STORM,
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path_factory.mktemp("plans"))
    yield stores
    stores.database.close()


@pytest.mark.parametrize("what", BY_INDEX)
def test_it_is_found_without_going_through_a_whole_table(stores: SqlStores, what: str) -> None:
    plan: list[str] = []

    def explain(_: object, cursor: sqlite3.Cursor, statement: str, values: tuple[object, ...], *_rest: object) -> None:
        plan.extend(step for *_, step in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    event.listen(stores.database.engine, "before_cursor_execute", explain)
    try:
        parameters = BY_INDEX[what].compile().binds.values()
        stores.database.connection.execute(
            BY_INDEX[what], {each.key: [1] if each.expanding else 1 for each in parameters}
        )
    finally:
        event.remove(stores.database.engine, "before_cursor_execute", explain)
    assert [step for step in plan if step.startswith("SCAN") and "USING" not in step] == [], plan
