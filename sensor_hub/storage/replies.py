"""Text messages that came in, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sensor_hub.alerts.reply import Reply
from sensor_hub.storage.database import Database, from_ms, to_ms


class ReplyRow(NamedTuple):
    """`contact` and `alert` are empty where there is none."""

    at: float
    number: str
    contact: str
    text: str
    alert: str
    became: str


class ToldNotice(NamedTuple):
    """A notice that went to a contact."""

    reference: str
    alert: str
    contact: str


class SqliteReplies:
    def __init__(self, database: Database) -> None:
        self.database = database

    def became_of(self, reply: Reply) -> str | None:
        """What became of this reply when it came before; None: it is new."""
        select = "SELECT became FROM reply WHERE source = ? AND provider_id = ?"
        row = self.database.raw.execute(select, (reply.source, reply.provider_id)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, reply: Reply, at: float, *, told: ToldNotice | None, contact: str, became: str) -> None:
        """Writes down what became of it."""
        insert = (
            "INSERT OR IGNORE INTO reply (received_ms, source, provider_id, number, text, contact, alert, became)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        alert = "" if told is None else told.alert
        values = (to_ms(at), reply.source, reply.provider_id, reply.number, reply.text, contact, alert, became)
        with self.database.raw_transaction() as connection:
            connection.execute(insert, values)

    def last_told(self, channels: Collection[str], since: float) -> ToldNotice | None:
        """The last notice of an alert that went, or may have gone, by one of these channels since then."""
        marks = ", ".join("?" * len(channels))
        select = (
            "SELECT notice.reference, alert, contact FROM delivery JOIN notice USING (reference)"
            f" WHERE delivery.channel IN ({marks}) AND delivery.at_ms >= ? AND delivery.state = 'sending'"
            " AND purpose = 'alert' ORDER BY delivery.row DESC LIMIT 1"
        )
        row = self.database.raw.execute(select, (*channels, to_ms(since))).fetchone()
        return None if row is None else ToldNotice(*row)

    def told(self, reference: str, contacts: Collection[str], since: float) -> ToldNotice | None:
        """The alert's notice of this reference, where it went to one of these contacts and was made since then."""
        marks = ", ".join("?" * len(contacts))
        select = (
            "SELECT reference, alert, contact FROM notice WHERE reference = ? AND purpose = 'alert' AND made_ms >= ?"
            f" AND contact IN ({marks})"
        )
        row = self.database.raw.execute(select, (reference, to_ms(since), *contacts)).fetchone()
        return None if row is None else ToldNotice(*row)

    def newest(self, limit: int) -> list[ReplyRow]:
        select = "SELECT received_ms, number, contact, text, alert, became FROM reply ORDER BY row DESC LIMIT ?"
        rows = self.database.raw.execute(select, (limit,))
        return [ReplyRow(from_ms(at_ms), *rest) for at_ms, *rest in rows]
