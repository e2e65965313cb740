"""How far each alert has come along its policy, in SQLite."""

from __future__ import annotations

from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS
from sensor_hub.storage.alert_book import CHANGE_COLUMNS, to_change
from sensor_hub.storage.database import Database, from_ms, to_ms

GIVEN_UP = "(SELECT min(state = 'failed') FROM notice WHERE notice.alert = alert.id AND made_ms >= stage_ms) = 1"
"""Whether nothing of the last move was delivered or may still be: none where it has no notice."""
COLUMNS = "escalation.alert, number, policy, step, turn, stage, due_ms"


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
        """Open alerts whose next move is due, or whose last reached nobody; urgent ones taken so long ago that last."""
        alarms = ", ".join(f"'{kind.value}'" for kind in sorted(ALARMS))
        select = (
            f"SELECT {COLUMNS}, CASE handled WHEN 'acknowledged' THEN acknowledged_by ELSE '' END, due_ms > ?"
            " FROM alert JOIN escalation ON escalation.alert = alert.id"
            f" WHERE (handled = 'open' AND (due_ms <= ? OR (due_ms > ? AND {GIVEN_UP})))"
            " OR (handled = 'acknowledged' AND urgency = 'urgent' AND acknowledged_ms <= ?"
            f" AND (cleared_ms IS NULL OR kind IN ({alarms}))) ORDER BY escalation.alert"
        )
        values = (to_ms(at), to_ms(at), to_ms(at), to_ms(at - lapses_after))
        rows = self.database.connection.execute(select, values)
        return [
            Pending(
                Escalation(
                    alert, number, policy, step, turn, Stage(stage), None if due_ms is None else from_ms(due_ms)
                ),
                by,
                is_undelivered=not by and bool(is_early),
            )
            for alert, number, policy, step, turn, stage, due_ms, by, is_early in rows
        ]

    def change(self, alert: str) -> AlertChange:
        """The change that describes the alert as it stands: the last one that is not that it ended."""
        select = (
            f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE alert = ? AND state != 'cleared'"
            " ORDER BY number DESC LIMIT 1"
        )
        return to_change(self.database.connection.execute(select, (alert,)).fetchone())
