"""The ledger as people and programs read it, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sensor_hub.storage.database import Database, from_ms, to_ms

LINE_COLUMNS = (
    "delivery.row, delivery.at_ms, delivery.reference, notice.alert, alert.home, alert.kind, notice.purpose,"
    " notice.urgency, notice.contact, channel.label, delivery.state, delivery.provider_id, delivery.error"
)
FROM = (
    "FROM delivery JOIN notice ON notice.reference = delivery.reference LEFT JOIN alert ON alert.id = notice.alert"
    " LEFT JOIN channel ON channel.key = delivery.channel"
)


class LedgerLine(NamedTuple):
    """One thing that became of one notice. Texts are empty where there is nothing to say."""

    row: int
    at: float
    reference: str
    alert: str
    home: str
    kind: str
    purpose: str
    urgency: str
    contact: str
    channel: str
    state: str
    provider_id: str
    error: str


class SqliteLedger:
    def __init__(self, database: Database) -> None:
        self.database = database

    def lines(self, start: float, end: float, *, after: int = 0, limit: int = -1) -> Iterator[LedgerLine]:
        """Lines with start <= at < end behind the row `after`, in the order written; `limit` -1: all of them."""
        where = "WHERE delivery.row > ? AND delivery.at_ms >= ? AND delivery.at_ms < ? ORDER BY delivery.row LIMIT ?"
        return self._read(where, after, to_ms(start), to_ms(end), limit)

    def of_alert(self, alert: str) -> Iterator[LedgerLine]:
        """Everything that became of the alert's notices, and of those of others with which they were sent as one."""
        leaders = "SELECT leader FROM notice WHERE alert = ?1 AND leader IS NOT NULL"
        where = f"WHERE notice.alert = ?1 OR notice.reference IN ({leaders}) ORDER BY delivery.row"
        return self._read(where, alert)

    def of_notice(self, reference: str) -> Iterator[LedgerLine]:
        return self._read("WHERE delivery.reference = ? ORDER BY delivery.row", reference)

    def last_test(self, channel: str) -> Iterator[LedgerLine]:
        """What became of the last test or code that was sent by this channel."""
        newest = (
            "SELECT reference FROM notice WHERE channel = ? AND channel != '' AND purpose IN ('test', 'code')"
            " ORDER BY made_ms DESC, reference LIMIT 1"
        )
        return self._read(f"WHERE delivery.reference = ({newest}) ORDER BY delivery.row", channel)

    def forget(self, before: float, most: int) -> int:
        """Deletes at most so many notices that were settled before, of alerts that are closed, with all their lines.

        How many; and as many receipts and replies. Each call is one short transaction.
        """
        old = (
            "SELECT reference FROM notice LEFT JOIN alert ON alert.id = notice.alert WHERE state_ms < ?"
            " AND state NOT IN ('waiting', 'sending') AND (alert.id IS NULL OR handled = 'closed')"
            " AND NOT EXISTS (SELECT 1 FROM notice AS other WHERE other.leader = notice.reference) LIMIT ?"
        )
        with self.database.raw_transaction() as connection:
            references = connection.execute(old, (to_ms(before), most)).fetchall()
            connection.executemany("DELETE FROM delivery WHERE reference = ?", references)
            connection.executemany("DELETE FROM notice WHERE reference = ?", references)
            gone = [len(references)]
            for table in ("receipt", "reply"):
                rows = f"SELECT row FROM {table} WHERE received_ms < ? ORDER BY row LIMIT ?"
                delete = f"DELETE FROM {table} WHERE row IN ({rows})"
                gone.append(connection.execute(delete, (to_ms(before), most)).rowcount)
        return max(gone)

    def _read(self, where: str, *values: object) -> Iterator[LedgerLine]:
        for row, at_ms, *texts in self.database.raw.execute(f"SELECT {LINE_COLUMNS} {FROM} {where}", values):
            yield LedgerLine(row, from_ms(at_ms), *(each or "" for each in texts))
