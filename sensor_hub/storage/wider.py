"""Alerts about a whole home or the whole hub, over all homes: what inhibition and storms are judged by."""

from __future__ import annotations

from sqlalchemy import Text, and_, bindparam, select

from sensor_hub.alerts.inhibition import Cause, Causes
from sensor_hub.alerts.storm import Silent, Storm
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import Kind
from sensor_hub.storage.alert_book import CHANGE, to_change
from sensor_hub.storage.database import Database, from_ms
from sensor_hub.storage.tables.alerts import alert, alert_change
from sensor_hub.storage.terms import among, written

LASTS = and_(among(alert.c.handled, ["open", "acknowledged"]), alert.c.cleared_ms.is_(None))
WIDER = [Kind.GATEWAY_SILENT, Kind.HOMES_SILENT]
CAUSES = (
    select(alert.c.kind, alert.c.home, alert.c.id, alert.c.since_ms)
    .where(among(alert.c.kind, WIDER), LASTS)
    .order_by(alert.c.since_ms, alert.c.id)
)
SILENT = (
    select(alert.c.home, alert.c.since_ms)
    .where(alert.c.kind == written(Kind.GATEWAY_SILENT), LASTS)
    .order_by(alert.c.since_ms, alert.c.id)
)
LAST_STORM = (
    select(*CHANGE)
    .where(alert_change.c.kind == written(Kind.HOMES_SILENT))
    .order_by(alert_change.c.row.desc())
    .limit(1)
)
STATE = select(alert.c.raised_ms, alert.c.closed_by).where(alert.c.id == bindparam("its_id", type_=Text))


class SqlWiderAlerts:
    """See `watch.ports.WiderAlerts`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def causes(self) -> Causes:
        """Those that last and that no person has closed."""
        rows = self.database.connection.execute(CAUSES).all()
        hub = tuple(Cause(id_, from_ms(ms)) for kind, _, id_, ms in rows if kind == Kind.HOMES_SILENT)
        homes = {home: Cause(id_, from_ms(ms)) for kind, home, id_, ms in rows if kind == Kind.GATEWAY_SILENT}
        return Causes(hub, homes)

    def silent(self) -> list[Silent]:
        """Homes that cannot be seen."""
        return [Silent(home, from_ms(since_ms)) for home, since_ms in self.database.connection.execute(SILENT)]

    def last_storm(self) -> tuple[AlertChange, Storm] | None:
        """The last alert about many homes: its last change, and how it stands."""
        row = self.database.connection.execute(LAST_STORM).first()
        if row is None:
            return None
        change = to_change(row)
        raised_ms, closed_by = self.database.connection.execute(STATE, {"its_id": change.id}).one()
        lasts = change.state is not AlertState.CLEARED and closed_by is None
        silent = change.evidence.get("silent_homes", 0)
        return change, Storm(change.since, from_ms(raised_ms), int(silent), lasts)
