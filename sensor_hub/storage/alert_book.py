"""Alerts in SQLite: their changes, where each stands, what people did, and the notices that go with a change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sensor_hub.alerts.delivery import NoticeState, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Before
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import ALARMS, Kind, Urgency
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ledger import Line, enter
from sensor_hub.storage.outbox import add_notice, send_again
from sensor_hub.watch.ports import Closing, Recorded, Taken

CHANGE_COLUMNS = "alert, number, home, kind, subject, urgency, state, at_ms, since_ms, summary, evidence"


class SqliteAlertBook:
    """See `watch.ports.AlertBook`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record(self, change: AlertChange) -> Recorded | None:
        """Writes the change and what it makes of the alert; None where it was made before."""
        evidence = json.dumps(dict(change.evidence), ensure_ascii=False)
        row = (change.id, change.number, change.home, change.kind, change.subject, change.urgency, change.state)
        rest = (to_ms(change.at), to_ms(change.since), change.summary, evidence)
        marks = ", ".join("?" * 11)
        with self.database.raw_transaction() as connection:
            before = connection.execute(
                "SELECT urgency, cleared_ms, handled FROM alert WHERE id = ?", (change.id,)
            ).fetchone()
            insert = f"INSERT OR IGNORE INTO alert_change ({CHANGE_COLUMNS}) VALUES ({marks})"
            if connection.execute(insert, row + rest).rowcount == 0:
                return None
            if change.state is AlertState.CLEARED:
                self._clear(change)
            else:
                self._stand(change, evidence)
        if before is None:
            return Recorded(Before(None))
        urgency, cleared_ms, handled = before
        return Recorded(Before(None if cleared_ms is not None else Urgency(urgency), handled == "acknowledged"))

    def _stand(self, change: AlertChange, evidence: str) -> None:
        """The condition holds. An alert that had closed is open again; one that somebody took stays theirs."""
        self.database.raw.execute(
            "INSERT INTO alert (id, home, kind, subject, urgency, since_ms, raised_ms, summary, evidence, handled)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (id) DO UPDATE SET urgency = excluded.urgency,"
            " summary = excluded.summary, evidence = excluded.evidence, cleared_ms = NULL",
            (
                *(change.id, change.home, change.kind, change.subject, change.urgency),
                *(to_ms(change.since), to_ms(change.at), change.summary, evidence),
            ),
        )
        if change.state is AlertState.RAISED:
            self.database.raw.execute(
                "UPDATE alert SET handled = 'open', closed_by = NULL, closed_ms = NULL, outcome = NULL, note = NULL,"
                " acknowledged_by = NULL, acknowledged_ms = NULL WHERE id = ? AND handled = 'closed'",
                (change.id,),
            )

    def _clear(self, change: AlertChange) -> None:
        """The condition ended: that closes the alert if nobody took it, unless it is an alarm: somebody has to look."""
        at_ms = to_ms(change.at)
        connection = self.database.raw
        connection.execute("UPDATE alert SET cleared_ms = ? WHERE id = ?", (at_ms, change.id))
        if change.kind not in ALARMS:
            close = "UPDATE alert SET handled = 'closed', closed_ms = ? WHERE id = ? AND handled = 'open'"
            connection.execute(close, (at_ms, change.id))
            self._withhold(change.id, change.at, Start.ENDED)

    def add_notice(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts it in the outbox, waiting; one with the same reference stays as it is."""
        add_notice(self.database.raw, notice, made_at, due_at)

    def send_together(self, references: Sequence[str]) -> None:
        """These are sent as one notice, in this order, as long as none of them was sent."""
        update = "UPDATE notice SET leader = ?, place = ? WHERE reference = ? AND state = 'waiting' AND attempts = 0"
        for place, reference in enumerate(references[1:], 1):
            self.database.raw.execute(update, (references[0], place, reference))

    def note(self, alert: str, at: float, *, act: str, who: str, reason: str) -> None:
        """Adds a line to the alert's history."""
        insert = "INSERT INTO alert_act (alert, at_ms, act, who, reason) VALUES (?, ?, ?, ?, ?)"
        self.database.raw.execute(insert, (alert, to_ms(at), act, who, reason))

    def home_of(self, alert: str) -> str | None:
        """The alert's home; None where there is no such alert."""
        row = self.database.raw.execute("SELECT home FROM alert WHERE id = ?", (alert,)).fetchone()
        return None if row is None else str(row[0])

    def owner(self, alert: str) -> str | None:
        """Who has taken it; None where nobody has it now."""
        select = "SELECT acknowledged_by FROM alert WHERE id = ? AND handled = 'acknowledged'"
        row = self.database.raw.execute(select, (alert,)).fetchone()
        return None if row is None else str(row[0])

    def acknowledge(self, alert: str, by: str, at: float) -> Taken:
        """Open → acknowledged."""
        update = (
            "UPDATE alert SET handled = 'acknowledged', acknowledged_by = ?, acknowledged_ms = ?"
            " WHERE id = ? AND handled = 'open'"
        )
        return self._act(alert, update, (by, to_ms(at), alert), ("acknowledged", by, at))

    def close(self, alert: str, closing: Closing, at: float) -> Taken:
        """→ closed, by a person, once."""
        update = (
            "UPDATE alert SET handled = 'closed', closed_by = ?, closed_ms = ?, outcome = ?, note = ?"
            " WHERE id = ? AND (handled != 'closed' OR closed_by IS NULL)"
        )
        values = (closing.by, to_ms(at), closing.outcome, closing.note, alert)
        return self._act(alert, update, values, (f"closed as {closing.outcome.value}", closing.by, at))

    def lapse(self, alert: str, at: float) -> None:
        """Acknowledged → open: nobody has it any more; or closed, where its condition has ended meanwhile.

        What still waited when it was taken is not sent.
        """
        alarms = ", ".join(f"'{kind.value}'" for kind in sorted(ALARMS))
        with self.database.raw_transaction() as connection:
            self._withhold(alert, at, Start.TAKEN)
            connection.execute(
                "UPDATE alert SET handled = 'open', acknowledged_by = NULL, acknowledged_ms = NULL"
                " WHERE id = ? AND handled = 'acknowledged'",
                (alert,),
            )
            connection.execute(
                "UPDATE alert SET handled = 'closed', closed_ms = ? WHERE id = ? AND handled = 'open'"
                f" AND cleared_ms IS NOT NULL AND kind NOT IN ({alarms})",
                (to_ms(at), alert),
            )

    def send_again(self, alert: str, at: float, due_at: float) -> int:
        """What is not known to have arrived of the alert's notices goes again, each once. How many."""
        with self.database.raw_transaction() as connection:
            return send_again(connection, alert, at, due_at)

    def _withhold(self, alert: str, at: float, why: Start) -> None:
        """Waiting → withheld, for all notices of the alert."""
        connection = self.database.raw
        select = "SELECT reference FROM notice WHERE alert = ? AND state = 'waiting'"
        for (reference,) in connection.execute(select, (alert,)).fetchall():
            enter(connection, reference, NoticeState.WITHHELD, at, Line(why.value))

    def _act(self, alert: str, update: str, values: tuple[object, ...], told: tuple[str, str, float]) -> Taken:
        act, by, at = told
        with self.database.raw_transaction() as connection:
            if connection.execute(update, values).rowcount == 1:
                self.note(alert, at, act=act, who=by, reason="")
                self._withhold(alert, at, Start.TAKEN)
                return Taken.DONE
        return Taken.UNKNOWN if self.home_of(alert) is None else Taken.TAKEN

    def changes_of_home(self, home: str) -> Iterator[AlertChange]:
        """Every change of the home's alerts, in the order made."""
        select = f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE home = ? ORDER BY row"
        return map(to_change, self.database.raw.execute(select, (home,)))

    def changes_of_alert(self, alert: str) -> list[AlertChange]:
        select = f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE alert = ? ORDER BY number"
        return [to_change(row) for row in self.database.raw.execute(select, (alert,))]


def to_change(row: tuple[str, int, str, str, str, str, str, int, int, str, str]) -> AlertChange:
    """A row of `CHANGE_COLUMNS`."""
    id_, number, home, kind, subject, urgency, state, at_ms, since_ms, summary, evidence = row
    return AlertChange(
        id=id_,
        number=number,
        home=home,
        kind=Kind(kind),
        subject=subject,
        urgency=Urgency(urgency),
        state=AlertState(state),
        at=from_ms(at_ms),
        since=from_ms(since_ms),
        summary=summary,
        evidence=json.loads(evidence),
    )
