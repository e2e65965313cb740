"""What services told later of notices that they took: kept, whether or not the notice is known."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.storage.database import Database, to_ms


class KeptReceipt(NamedTuple):
    """One that was not applied yet, and the notice and channel that it is about."""

    row: int
    receipt: Receipt
    reference: str
    channel: str


class SqliteReceipts:
    """See `dispatch.receipts.ReceiptStore`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, receipt: Receipt, at: float) -> None:
        """Keeps it; the same again is nothing."""
        insert = (
            "INSERT OR IGNORE INTO receipt (received_ms, source, provider_id, reached, detail, is_permanent)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        each = receipt
        values = (to_ms(at), each.source, each.provider_id, each.reached, each.detail, each.is_permanent)
        with self.database.raw_transaction() as connection:
            connection.execute(insert, values)

    def kept(self) -> list[KeptReceipt]:
        """Those of notices that are known, oldest first: a receipt may come before the answer that it follows."""
        select = (
            "SELECT receipt.row, source, receipt.provider_id, reached, detail, is_permanent, delivery.reference,"
            " delivery.channel, max(delivery.row) FROM receipt JOIN delivery"
            " ON delivery.provider_id = receipt.provider_id AND delivery.state IN ('delivered', 'unknown')"
            " WHERE receipt.reference IS NULL GROUP BY receipt.row"
        )
        return [
            KeptReceipt(row, Receipt(source, id_, Reached(reached), detail, bool(permanent)), reference, channel)
            for row, source, id_, reached, detail, permanent, reference, channel, _ in self._read(select)
        ]

    def applied(self, row: int, reference: str) -> None:
        """What it says of this notice is in the ledger."""
        with self.database.raw_transaction() as connection:
            connection.execute("UPDATE receipt SET reference = ? WHERE row = ?", (reference, row))

    def _read(self, select: str) -> list[tuple[int, str, str, str, str, int, str, str, int]]:
        rows: sqlite3.Cursor = self.database.raw.execute(select)
        return rows.fetchall()
