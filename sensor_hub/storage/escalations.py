"""How far each alert has come along its policy, in SQLite."""

from __future__ import annotations

from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS
from sensor_hub.storage.alert_book import CHANGE_COLUMNS, to_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.outbox import REPEATABLE

OF_MOVE = "FROM notice WHERE notice.alert = alert.id AND made_ms >= stage_ms"
GIVEN_UP = f"(SELECT min(state = 'failed' OR (state = 'unknown' AND notice.urgency = 'urgent')) {OF_MOVE}) = 1"
"""Whether nothing of the last move was delivered or may still be: none where it has no notice."""
MAY_REPEAT = f"(SELECT max({REPEATABLE}) {OF_MOVE})"
COLUMNS = f"escalation.alert, number, policy, step, turn, stage, due_ms, {MAY_REPEAT}"


class SqliteEscalations:
    """See `watch.ports.Escalations`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, escalation: Escalation, at: float) -> None:
        """Takes the place of where the alert was before."""
        each = escalation
        due_ms = None if each.due is None else to_ms(each.due)
        self.database.connection.execute(
            "INSERT OR REPLACE INTO escalation (alert, number, policy, step, turn, stage, due_ms, stage_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (each.alert, each.number, each.policy, each.step, each.turn, each.stage, due_ms, to_ms(at)),
        )

    def due(self, at: float, *, lapses_after: float) -> list[Pending]:
        """Open alerts whose next move is due, or whose last reached nobody; urgent ones taken so long ago that last.

        With them those that were exhausted, of which the last notice may not have arrived.
        """
        alarms = ", ".join(f"'{kind.value}'" for kind in sorted(ALARMS))
        select = (
            f"SELECT {COLUMNS}, CASE handled WHEN 'acknowledged' THEN acknowledged_by ELSE '' END, {GIVEN_UP}"
            " FROM alert JOIN escalation ON escalation.alert = alert.id"
            f" WHERE (handled = 'open' AND (due_ms <= ? OR ({GIVEN_UP} AND (due_ms IS NOT NULL OR {MAY_REPEAT}))))"
            " OR (handled = 'acknowledged' AND urgency = 'urgent' AND acknowledged_ms <= ?"
            f" AND (cleared_ms IS NULL OR kind IN ({alarms}))) ORDER BY escalation.alert"
        )
        rows = self.database.connection.execute(select, (to_ms(at), to_ms(at - lapses_after)))
        return [
            Pending(
                Escalation(
                    alert, number, policy, step, turn, Stage(stage), None if due_ms is None else from_ms(due_ms)
                ),
                by,
                is_undelivered=not by and bool(is_given_up),
                may_repeat=bool(may_repeat),
            )
            for alert, number, policy, step, turn, stage, due_ms, may_repeat, by, is_given_up in rows
        ]

    def change(self, alert: str) -> AlertChange:
        """The change that describes the alert as it stands: the last one that is not that it ended."""
        select = (
            f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE alert = ? AND state != 'cleared'"
            " ORDER BY number DESC LIMIT 1"
        )
        return to_change(self.database.connection.execute(select, (alert,)).fetchone())
