"""The ledger is read by pages, and forgotten a little at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.model.alert import Outcome
from sensor_hub.model.moment import DAY
from sensor_hub.storage import ledger_reads
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.ports import Closing
from tests.storage.stores import rows
from tests.storage.test_alert_book import RAISED, T
from tests.storage.test_outbox import CHANNEL, attempt, notice


@pytest.fixture
def stores(database: Database) -> SqlStores:
    stores = SqlStores(database)
    stores.alerts.record(RAISED)
    stores.alerts.add_notice(notice("r1"), T, T)
    stores.channels.set_up([CHANNEL])
    stores.outbox.start(attempt("r1"), T + 1)
    stores.outbox.delivered(attempt("r1"), T + 2, "id-1")
    return stores


def test_a_line_says_what_became_of_which_notice_to_whom_by_which_channel(stores: SqlStores) -> None:
    *_, last = stores.ledger.of_notice("r1")
    assert (last.at, last.state, last.contact, last.channel) == (T + 2, "delivered", "team", "1 (console)")
    assert (last.alert, last.home, last.kind, last.purpose) == ("a1", "h1", "cold", "alert")
    assert (last.provider_id, last.error) == ("id-1", "")


def test_lines_are_read_by_pages_within_a_time(stores: SqlStores) -> None:
    first, second = stores.ledger.lines(T, T + 9, limit=2)
    (third,) = stores.ledger.lines(T, T + 9, after=second.row, limit=2)
    assert [first.state, second.state, third.state] == ["waiting", "sending", "delivered"]
    assert [line.state for line in stores.ledger.lines(T + 1, T + 2)] == ["sending"]


def test_all_lines_are_read_page_after_page(stores: SqlStores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_reads, "PAGE", 2)
    assert [line.state for line in stores.ledger.lines(T, T + 9)] == ["waiting", "sending", "delivered"]


def test_lines_are_those_of_some_homes_and_of_none(stores: SqlStores) -> None:
    stores.alerts.add_notice(replace(notice("r2"), alert=""), T, T)
    of_theirs = stores.ledger.lines(T, T + 9, homes=["h1"])
    assert sorted(line.reference for line in of_theirs) == ["r1", "r1", "r1", "r2"]
    assert [line.reference for line in stores.ledger.lines(T, T + 9, homes=["h2"], limit=2)] == ["r2"]


def test_notices_of_closed_alerts_are_forgotten_in_small_steps_and_others_stay(stores: SqlStores) -> None:
    stores.alerts.record(replace(RAISED, id="a2"))
    for number in range(2, 6):
        stores.alerts.add_notice(replace(notice(f"r{number}"), alert="a2"), T, T)
    stores.receipts.add(Receipt("plain", "nobody's", Reached.ARRIVED), T)
    stores.alerts.close("a2", Closing("Ann", Outcome.FALSE), T + 3)
    later = T + 30 * DAY
    assert stores.ledger.forget(T, 3) == 0
    steps: list[int] = []

    while not steps or steps[-1]:
        steps.append(stores.ledger.forget(later, 3))
    assert steps == [3, 1, 0]
    select = "SELECT reference FROM notice UNION SELECT DISTINCT reference FROM delivery"
    assert rows(stores, select) == [("r1",)], "its alert is open"
    assert rows(stores, "SELECT count(*) FROM receipt") == [(0,)]
