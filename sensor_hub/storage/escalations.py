"""How far each alert has come along its policy, in SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS
from sensor_hub.model.moment import MINUTE
from sensor_hub.storage.alert_book import CHANGE_COLUMNS, to_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.outbox import REPEATABLE

OF_MOVE = "FROM notice WHERE notice.alert = alert.id AND made_ms >= stage_ms"
GIVEN_UP = f"(SELECT min(state = 'failed' OR (state = 'unknown' AND notice.urgency = 'urgent')) {OF_MOVE}) = 1"
"""Whether nothing of the last move was delivered or may still be: none where it has no notice."""
MAY_REPEAT = f"(SELECT max({REPEATABLE}) {OF_MOVE})"
COVERED_ON = 6 * MINUTE
"""What a wider alert covered has a tick's time to end with it."""
UNCOVERED = (
    "stage = 'covered' AND NOT EXISTS (SELECT 1 FROM alert AS wider WHERE wider.id = cause"
    " AND (wider.cleared_ms IS NULL OR wider.cleared_ms > ?) AND wider.closed_by IS NULL)"
)
UNSILENCED = (
    "stage = 'silenced' AND NOT EXISTS"
    " (SELECT 1 FROM silence WHERE silence.id = cause AND ended_ms IS NULL AND until_ms > ?)"
)
COLUMNS = "escalation.alert, number, policy, step, turn, stage, due_ms, cause"


class SqliteEscalations:
    """See `watch.ports.Escalations`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, escalation: Escalation, at: float) -> None:
        """Takes the place of where the alert was before."""
        each = escalation
        due_ms = None if each.due is None else to_ms(each.due)
        self.database.raw.execute(
            "INSERT OR REPLACE INTO escalation (alert, number, policy, step, turn, stage, due_ms, cause, stage_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (each.alert, each.number, each.policy, each.step, each.turn, each.stage, due_ms, each.cause, to_ms(at)),
        )

    def due(self, at: float, *, lapses_after: float) -> list[Pending]:
        """Open alerts whose next move is due, or whose last reached nobody, or that nothing keeps back any more.

        With them the urgent ones that were taken so long ago and last, and those that were exhausted, of which the last
        notice may not have arrived.
        """
        alarms = ", ".join(f"'{kind.value}'" for kind in sorted(ALARMS))
        select = (
            f"SELECT {COLUMNS}, CASE handled WHEN 'acknowledged' THEN acknowledged_by ELSE '' END,"
            f" {GIVEN_UP}, {MAY_REPEAT} FROM alert JOIN escalation ON escalation.alert = alert.id"
            f" WHERE (handled = 'open' AND (due_ms <= ? OR ({GIVEN_UP} AND (due_ms IS NOT NULL OR {MAY_REPEAT}))"
            f" OR ({UNCOVERED}) OR ({UNSILENCED})))"
            " OR (handled = 'acknowledged' AND urgency = 'urgent' AND acknowledged_ms <= ?"
            f" AND (cleared_ms IS NULL OR kind IN ({alarms}))) ORDER BY escalation.alert"
        )
        values = (to_ms(at), to_ms(at - COVERED_ON), to_ms(at), to_ms(at - lapses_after))
        return [
            Pending(_escalation(row), by, is_undelivered=not by and bool(given_up), may_repeat=bool(may_repeat))
            for *row, by, given_up, may_repeat in self.database.raw.execute(select, values)
        ]

    def of(self, alert: str) -> Escalation | None:
        """Where the alert is; None where it never was to be told."""
        select = f"SELECT {COLUMNS} FROM escalation WHERE alert = ?"
        row = self.database.raw.execute(select, (alert,)).fetchone()
        return None if row is None else _escalation(row)

    def since(self, alert: str) -> float:
        """When it came to where it is."""
        select = "SELECT stage_ms FROM escalation WHERE alert = ?"
        return from_ms(self.database.raw.execute(select, (alert,)).fetchone()[0])

    def is_open(self, alert: str) -> bool:
        """Whether nobody has taken it, and it is not closed."""
        select = "SELECT handled = 'open' FROM alert WHERE id = ?"
        row = self.database.raw.execute(select, (alert,)).fetchone()
        return row is not None and bool(row[0])

    def lost(self) -> Iterator[AlertChange]:
        """Alerts that nobody took and that interrupt, of which nothing says how far they have come."""
        select = (
            "SELECT id FROM alert WHERE handled = 'open' AND urgency != 'notice'"
            " AND NOT EXISTS (SELECT 1 FROM escalation WHERE escalation.alert = alert.id)"
        )
        for (alert,) in self.database.raw.execute(select).fetchall():
            yield self.change(alert)

    def change(self, alert: str) -> AlertChange:
        """The change that describes the alert as it stands: the last one that is not that it ended."""
        select = (
            f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE alert = ? AND state != 'cleared'"
            " ORDER BY number DESC LIMIT 1"
        )
        return to_change(self.database.raw.execute(select, (alert,)).fetchone())


def _escalation(row: Sequence[Any]) -> Escalation:
    """A row of `COLUMNS`."""
    alert, number, policy, step, turn, stage, due_ms, cause = row
    due = None if due_ms is None else from_ms(due_ms)
    return Escalation(alert, number, policy, step, turn, Stage(stage), due, cause)
