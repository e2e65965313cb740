"""Alerts about a whole home or the whole hub, over all homes: what inhibition and storms are judged by."""

from __future__ import annotations

from sensor_hub.alerts.inhibition import Cause, Causes
from sensor_hub.alerts.storm import Silent, Storm
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import Kind
from sensor_hub.storage.alert_book import CHANGE_COLUMNS, to_change
from sensor_hub.storage.database import Database, from_ms

LASTS = "handled IN ('open', 'acknowledged') AND cleared_ms IS NULL"


class SqliteWiderAlerts:
    """See `watch.ports.WiderAlerts`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def causes(self) -> Causes:
        """Those that last and that no person has closed."""
        select = f"SELECT kind, home, id, since_ms FROM alert WHERE kind IN (?, ?) AND {LASTS} ORDER BY since_ms, id"
        rows = self.database.raw.execute(select, (Kind.GATEWAY_SILENT, Kind.HOMES_SILENT)).fetchall()
        hub = tuple(Cause(id_, from_ms(ms)) for kind, _, id_, ms in rows if kind == Kind.HOMES_SILENT)
        homes = {home: Cause(id_, from_ms(ms)) for kind, home, id_, ms in rows if kind == Kind.GATEWAY_SILENT}
        return Causes(hub, homes)

    def silent(self) -> list[Silent]:
        """Homes that cannot be seen."""
        select = f"SELECT home, since_ms FROM alert WHERE kind = ? AND {LASTS} ORDER BY since_ms, id"
        rows = self.database.raw.execute(select, (Kind.GATEWAY_SILENT,))
        return [Silent(home, from_ms(since_ms)) for home, since_ms in rows]

    def last_storm(self) -> tuple[AlertChange, Storm] | None:
        """The last alert about many homes: its last change, and how it stands."""
        select = f"SELECT {CHANGE_COLUMNS} FROM alert_change WHERE kind = ? ORDER BY row DESC LIMIT 1"
        row = self.database.raw.execute(select, (Kind.HOMES_SILENT,)).fetchone()
        if row is None:
            return None
        change = to_change(row)
        state = "SELECT raised_ms, closed_by IS NOT NULL FROM alert WHERE id = ?"
        raised_ms, is_closed = self.database.raw.execute(state, (change.id,)).fetchone()
        lasts = change.state is not AlertState.CLEARED and not is_closed
        silent = change.evidence.get("silent_homes", 0)
        return change, Storm(change.since, from_ms(raised_ms), int(silent), lasts)
