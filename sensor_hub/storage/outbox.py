"""Notices on their way to people: a row says `sending` before the call and `delivered` after the service took it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sensor_hub.alerts.delivery import Delivery, NoticeState, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.kind import ALARMS, Urgency
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ledger import enter

NOTICE_COLUMNS = "reference, alert, contact, urgency, title, body, attempts, is_again"
MOST_DUE = 50
STOPPED = "the hub stopped while it was sent"
RESTORED = "it may have been sent after the backup that the hub goes on from"


class SqliteOutbox:
    """See `dispatch.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def due(self, contact: str, wall: float) -> list[Delivery]:
        """What waits for this contact and may be tried at the real moment `wall`, the urgent first."""
        select = (
            f"SELECT {NOTICE_COLUMNS} FROM notice WHERE state = 'waiting' AND contact = ? AND next_ms <= ?"
            " ORDER BY urgency = 'urgent' DESC, next_ms, reference LIMIT ?"
        )
        rows = self.database.connection.execute(select, (contact, to_ms(wall), MOST_DUE))
        return [
            Delivery(Notice(ref, alert, to, Urgency(urgency), title, body), attempts, bool(again))
            for ref, alert, to, urgency, title, body, attempts, again in rows
        ]

    def next_due(self, contact: str) -> float | None:
        """The real moment at which something may be tried next."""
        select = "SELECT min(next_ms) FROM notice WHERE state = 'waiting' AND contact = ?"
        next_ms = self.database.connection.execute(select, (contact,)).fetchone()[0]
        return None if next_ms is None else from_ms(next_ms)

    def start(self, reference: str, at: float) -> Start:
        """Waiting → sending; or → withheld, where nobody has to hear of it any more."""
        select = (
            "SELECT alert.kind, alert.handled, alert.closed_by, alert.cleared_ms"
            " FROM notice JOIN alert ON alert.id = notice.alert WHERE reference = ? AND state = 'waiting'"
        )
        with self.database.transaction() as connection:
            row = connection.execute(select, (reference,)).fetchone()
            start = Start.GONE if row is None else _judge(*row)
            if start is Start.GO:
                enter(connection, reference, NoticeState.SENDING, at)
                connection.execute("UPDATE notice SET attempts = attempts + 1 WHERE reference = ?", (reference,))
            elif start is not Start.GONE:
                enter(connection, reference, NoticeState.WITHHELD, at, start.value)
        return start

    def delivered(self, reference: str, at: float) -> None:
        """A service took it."""
        with self.database.transaction() as connection:
            enter(connection, reference, NoticeState.DELIVERED, at)

    def failed(self, reference: str, at: float, error: str, retry_at: float | None) -> None:
        """It was not taken: waits until the real moment `retry_at`, or is given up (None)."""
        with self.database.transaction() as connection:
            enter(connection, reference, NoticeState.FAILED if retry_at is None else NoticeState.WAITING, at, error)
            if retry_at is not None:
                connection.execute("UPDATE notice SET next_ms = ? WHERE reference = ?", (to_ms(retry_at), reference))

    def unheard(self, reference: str, at: float, error: str, retry_at: float | None) -> None:
        """Whether it arrived is not known. An urgent one goes again at `retry_at`, marked, but only once for this.

        Where it did arrive, a third and a fourth would only tell people that the hub cannot be relied on.
        """
        select = "SELECT urgency = 'urgent' AND NOT is_again FROM notice WHERE reference = ?"
        with self.database.transaction() as connection:
            enter(connection, reference, NoticeState.UNKNOWN, at, error)
            goes_again = connection.execute(select, (reference,)).fetchone()[0]
            if goes_again and retry_at is not None:
                _go_again(connection, reference, at, error)
                connection.execute("UPDATE notice SET next_ms = ? WHERE reference = ?", (to_ms(retry_at), reference))

    def recover(self, at: float, why: str = STOPPED) -> tuple[int, int]:
        """Settles what was being sent when the hub stopped: whether it arrived is unknown.

        The urgent goes again, marked; the rest waits for a person's look. How many of each.
        """
        select = "SELECT reference, urgency FROM notice WHERE state = 'sending'"
        with self.database.transaction() as connection:
            rows: Sequence[tuple[str, str]] = connection.execute(select).fetchall()
            urgent = [reference for reference, urgency in rows if urgency == Urgency.URGENT]
            for reference, _ in rows:
                enter(connection, reference, NoticeState.UNKNOWN, at, why)
            for reference in urgent:
                _go_again(connection, reference, at, why)
        return len(urgent), len(rows) - len(urgent)

    def restored(self, at: float) -> tuple[int, int]:
        """Settles what had not arrived when a backup was made, for a hub that goes on from it; as `recover` does."""
        with self.database.transaction() as connection:
            rows = connection.execute("SELECT reference FROM notice WHERE state = 'waiting'").fetchall()
            for (reference,) in rows:
                enter(connection, reference, NoticeState.SENDING, at, RESTORED)
            return self.recover(at, RESTORED)


def _go_again(connection: sqlite3.Connection, reference: str, at: float, error: str) -> None:
    """Unknown → waiting, marked as one that may have arrived."""
    enter(connection, reference, NoticeState.WAITING, at, error)
    connection.execute("UPDATE notice SET is_again = 1 WHERE reference = ?", (reference,))


def _judge(kind: str, handled: str, closed_by: str | None, cleared_ms: int | None) -> Start:
    if handled == "acknowledged" or closed_by is not None:
        return Start.TAKEN
    if kind not in ALARMS and (cleared_ms is not None or handled == "closed"):
        return Start.ENDED
    return Start.GO
