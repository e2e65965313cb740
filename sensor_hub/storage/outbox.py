"""Notices on their way to people: a row says `sending` before the call and `delivered` after the service took it."""

from __future__ import annotations

import sqlite3
from typing import Any

from sensor_hub.alerts.channel import Tried
from sensor_hub.alerts.delivery import Attempt, Delivery, NoticeState, Start
from sensor_hub.alerts.notice import Notice, Purpose
from sensor_hub.model.kind import ALARMS, Urgency
from sensor_hub.storage.channels import mark_broken, mend
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ledger import Line, enter, note

NOTICE_COLUMNS = "reference, alert, contact, urgency, title, body, purpose, channel, attempts, is_again"
MOST_DUE = 50
REPEATABLE = (
    "(notice.state = 'unknown' AND (SELECT count(*) = count(DISTINCT channel) FROM delivery"
    " WHERE delivery.reference = notice.reference AND delivery.state = 'unknown'))"
)
"""Whether it may have arrived, and no channel was tried again for that."""
RESTORED = "it may have been sent after the backup that the hub goes on from"


class SqliteOutbox:
    """See `dispatch.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def due(self, contact: str, wall: float) -> list[Delivery]:
        """What waits for this contact and may be tried at the real moment `wall`, the urgent first."""
        return self._deliveries(
            "state = 'waiting' AND leader IS NULL AND contact = ? AND next_ms <= ?"
            " ORDER BY urgency = 'urgent' DESC, next_ms, reference LIMIT ?",
            (contact, to_ms(wall), MOST_DUE),
        )

    def add(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts one in that is not an alert's."""
        with self.database.raw_transaction() as connection:
            add_notice(connection, notice, made_at, due_at)

    def next_due(self, contact: str) -> float | None:
        """The real moment at which something may be tried next."""
        select = "SELECT min(next_ms) FROM notice WHERE state = 'waiting' AND leader IS NULL AND contact = ?"
        next_ms = self.database.raw.execute(select, (contact,)).fetchone()[0]
        return None if next_ms is None else from_ms(next_ms)

    def stuck(self) -> list[tuple[Delivery, str]]:
        """What was being sent when the hub stopped, each with its channel's key."""
        select = "SELECT channel FROM delivery WHERE reference = ? AND state = 'sending' ORDER BY row DESC LIMIT 1"
        found = self._deliveries("state = 'sending' ORDER BY reference", ())
        rows = (self.database.raw.execute(select, (each.notice.reference,)).fetchone() for each in found)
        return [(each, "" if row is None else row[0]) for each, row in zip(found, rows, strict=True)]

    def find(self, reference: str) -> Delivery | None:
        """The notice with this reference, whatever became of it."""
        return next(iter(self._deliveries("reference = ?", (reference,))), None)

    def start(self, attempt: Attempt, at: float) -> Start:
        """Waiting → sending; or → withheld, where nobody has to hear of it any more."""
        select = (
            "SELECT alert.id, alert.kind, alert.handled, alert.closed_by, alert.cleared_ms"
            " FROM notice LEFT JOIN alert ON alert.id = notice.alert WHERE reference = ? AND state = 'waiting'"
        )
        reference = attempt.reference
        with self.database.raw_transaction() as connection:
            row = connection.execute(select, (reference,)).fetchone()
            start = Start.GONE if row is None else _judge(*row)
            if start is Start.GO:
                enter(connection, reference, NoticeState.SENDING, at, Line(channel=attempt.channel.key))
                connection.execute("UPDATE notice SET attempts = ? WHERE reference = ?", (attempt.number, reference))
            elif start is not Start.GONE:
                enter(connection, reference, NoticeState.WITHHELD, at, Line(start.value))
        return start

    def delivered(self, attempt: Attempt, at: float, provider_id: str | None = None) -> None:
        """A service took it. That may be heard late, when the notice was thought not to be known of or to go again."""
        line = Line(channel=attempt.channel.key, provider_id=provider_id)
        with self.database.raw_transaction() as connection:
            mend(connection, attempt.channel.key)
            state, number = self._standing(connection, attempt.reference)
            is_open = state in {NoticeState.UNKNOWN, NoticeState.WAITING, NoticeState.FAILED}
            if is_open or (state is NoticeState.SENDING and number == attempt.number):
                enter(connection, attempt.reference, NoticeState.DELIVERED, at, line)
            else:
                note(connection, attempt.reference, NoticeState.DELIVERED, at, line)

    def failed(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """It was not taken: waits until the real moment `retry_at`, or is given up (None)."""
        with self.database.raw_transaction() as connection:
            if self._is_being_sent(connection, attempt):
                self._go_on(connection, attempt, at, error, retry_at)

    def refused(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """The channel never takes it: it is broken until it takes one, or another address stands in its place."""
        with self.database.raw_transaction() as connection:
            note(connection, attempt.reference, NoticeState.REFUSED, at, Line(error, attempt.channel.key))
            mark_broken(connection, attempt.channel, at, error)
            if self._is_being_sent(connection, attempt):
                self._go_on(connection, attempt, at, error, retry_at)

    def unheard(
        self, attempt: Attempt, at: float, error: str, retry_at: float | None, provider_id: str | None = None
    ) -> None:
        """Whether it arrived is not known. It goes by another channel at `retry_at`, marked; or stays unknown.

        By the same channel it does not go again: where it did arrive, a third and a fourth would only tell people that
        the hub cannot be relied on.
        """
        reference = attempt.reference
        with self.database.raw_transaction() as connection:
            if not self._is_being_sent(connection, attempt):
                return
            line = Line(error, attempt.channel.key, provider_id)
            if _is_settled(connection, reference, at):
                note(connection, reference, NoticeState.UNKNOWN, at, line)
                return
            enter(connection, reference, NoticeState.UNKNOWN, at, line)
            if retry_at is not None:
                _go_again(connection, reference, at, retry_at, error)

    def arrived(self, reference: str, channel: str, at: float) -> None:
        """A service that took it says that the person has it."""
        with self.database.raw_transaction() as connection:
            state, _ = self._standing(connection, reference)
            is_over = state in {NoticeState.SENDING, NoticeState.WITHHELD, NoticeState.ARRIVED}
            (note if is_over else enter)(connection, reference, NoticeState.ARRIVED, at, Line(channel=channel))

    def bounced(self, reference: str, channel: str, at: float, error: str, retry_at: float | None) -> None:
        """A service that took it says that it did not arrive. By another channel at `retry_at`, or given up.

        That ends nothing where the notice has gone, or goes, by another channel meanwhile.
        """
        with self.database.raw_transaction() as connection:
            line = Line(error, channel)
            note(connection, reference, NoticeState.BOUNCED, at, line)
            state, _ = self._standing(connection, reference)
            if state is not NoticeState.DELIVERED or _taken_by(connection, reference):
                return
            enter(connection, reference, NoticeState.FAILED if retry_at is None else NoticeState.WAITING, at, line)
            if retry_at is not None:
                _wait_until(connection, reference, retry_at)

    def broken(self, attempt: Attempt, at: float, error: str) -> None:
        """The channel takes nothing any more, as was heard after it had taken the notice."""
        with self.database.raw_transaction() as connection:
            mark_broken(connection, attempt.channel, at, error)

    def restored(self, at: float) -> None:
        """Settles what had not gone when a backup was made, for a hub that goes on from it: it may have gone since.

        The urgent goes again, marked; the rest waits for a person's look.
        """
        with self.database.raw_transaction() as connection:
            rows = connection.execute("SELECT reference, urgency FROM notice WHERE state = 'waiting'").fetchall()
            for reference, urgency in rows:
                enter(connection, reference, NoticeState.UNKNOWN, at, Line(RESTORED))
                if urgency == Urgency.URGENT:
                    _go_again(connection, reference, at, at, RESTORED)

    def _deliveries(self, where: str, values: tuple[object, ...]) -> list[Delivery]:
        connection = self.database.raw
        rows = connection.execute(f"SELECT {NOTICE_COLUMNS} FROM notice WHERE {where}", values).fetchall()
        return [_delivery(connection, *row) for row in rows]

    def _standing(self, connection: sqlite3.Connection, reference: str) -> tuple[NoticeState | None, int]:
        """The notice's state, and the number of its last attempt."""
        row = connection.execute("SELECT state, attempts FROM notice WHERE reference = ?", (reference,)).fetchone()
        return (None, 0) if row is None else (NoticeState(row[0]), row[1])

    def _is_being_sent(self, connection: sqlite3.Connection, attempt: Attempt) -> bool:
        """Whether this attempt is the last one, and nothing has been said of it before."""
        return self._standing(connection, attempt.reference) == (NoticeState.SENDING, attempt.number)

    def _go_on(
        self, connection: sqlite3.Connection, attempt: Attempt, at: float, error: str, retry_at: float | None
    ) -> None:
        """To the next attempt; or to what is known after the last one."""
        reference, line = attempt.reference, Line(error, attempt.channel.key)
        if _is_settled(connection, reference, at):
            return
        if retry_at is not None:
            enter(connection, reference, NoticeState.WAITING, at, line)
            _wait_until(connection, reference, retry_at)
        else:
            select = "SELECT is_again FROM notice WHERE reference = ?"
            may_have_arrived = connection.execute(select, (reference,)).fetchone()[0]
            state = NoticeState.UNKNOWN if may_have_arrived else NoticeState.FAILED
            enter(connection, reference, state, at, line)


def add_notice(connection: sqlite3.Connection, notice: Notice, made_at: float, due_at: float) -> None:
    """Puts it in, to be sent from the real moment `due_at` on; one with the same reference stays as it is."""
    columns = "reference, alert, contact, urgency, title, body, purpose, channel, state, next_ms, made_ms, state_ms"
    texts = (notice.reference, notice.alert, notice.contact, notice.urgency, notice.title, notice.body)
    values = (*texts, notice.purpose, notice.channel, to_ms(due_at), to_ms(made_at), to_ms(made_at))
    insert = f"INSERT OR IGNORE INTO notice ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)"
    if connection.execute(insert, values).rowcount:
        note(connection, notice.reference, NoticeState.WAITING, made_at)


def send_again(connection: sqlite3.Connection, alert: str, at: float, due_at: float) -> int:
    """What is not known to have arrived of an alert's notices goes again, each once, though by the same channel."""
    select = f"SELECT reference FROM notice WHERE alert = ? AND {REPEATABLE}"
    references = [reference for (reference,) in connection.execute(select, (alert,))]
    for reference in references:
        _go_again(connection, reference, at, due_at, "nobody else could be told")
    return len(references)


def _go_again(connection: sqlite3.Connection, reference: str, at: float, due_at: float, error: str) -> None:
    """Unknown → waiting, marked as one that may have arrived."""
    enter(connection, reference, NoticeState.WAITING, at, Line(error))
    connection.execute("UPDATE notice SET is_again = 1 WHERE reference = ?", (reference,))
    _wait_until(connection, reference, due_at)


def _wait_until(connection: sqlite3.Connection, reference: str, due_at: float) -> None:
    connection.execute("UPDATE notice SET next_ms = ? WHERE reference = ?", (to_ms(due_at), reference))


def _is_settled(connection: sqlite3.Connection, reference: str, at: float) -> bool:
    """Whether it arrived after all, by an attempt of which that was heard late: then that is the notice's state."""
    select = "SELECT 1 FROM delivery WHERE reference = ? AND state = 'arrived' LIMIT 1"
    has_arrived = connection.execute(select, (reference,)).fetchone() is not None
    if not has_arrived and not _taken_by(connection, reference):
        return False
    state = NoticeState.ARRIVED if has_arrived else NoticeState.DELIVERED
    update = "UPDATE notice SET state = ?, state_ms = ?, error = NULL WHERE reference = ?"
    connection.execute(update, (state, to_ms(at), reference))
    return True


def _taken_by(connection: sqlite3.Connection, reference: str) -> set[str]:
    """The channels whose service took the notice, and has not said that it did not arrive."""
    select = (
        "SELECT channel FROM delivery WHERE reference = ?1 AND state = 'delivered'"
        " EXCEPT SELECT channel FROM delivery WHERE reference = ?1 AND state = 'bounced'"
    )
    return {channel for (channel,) in connection.execute(select, (reference,))}


def _delivery(connection: sqlite3.Connection, *row: Any) -> Delivery:
    """A row of `NOTICE_COLUMNS`."""
    reference, alert, contact, urgency, title, body, purpose, channel, attempts, is_again = row
    notice = Notice(reference, alert, contact, Urgency(urgency), title, body, Purpose(purpose), channel)
    tried = (
        "SELECT channel, sum(state = 'sending'), max(state IN ('refused', 'bounced')), max(state = 'unknown')"
        " FROM delivery WHERE reference = ? AND channel != '' GROUP BY channel"
    )
    broken = "SELECT key FROM channel WHERE contact = ? AND broken_ms IS NOT NULL"
    return Delivery(
        notice,
        attempts,
        bool(is_again),
        {
            key: Tried(tries, bool(is_refused), bool(is_unheard))
            for key, tries, is_refused, is_unheard in connection.execute(tried, (reference,))
        },
        frozenset(key for (key,) in connection.execute(broken, (contact,))),
    )


def _judge(alert: str | None, kind: str, handled: str, closed_by: str | None, cleared_ms: int | None) -> Start:
    if alert is None:
        # A test, say: nobody can take it.
        return Start.GO
    if handled == "acknowledged" or closed_by is not None:
        return Start.TAKEN
    if kind not in ALARMS and (cleared_ms is not None or handled == "closed"):
        return Start.ENDED
    return Start.GO
