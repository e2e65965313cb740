"""All alerts that are not closed, over all homes, as rounds list them."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from sensor_hub.alerts.escalation import Stage
from sensor_hub.alerts.open_alert import OpenAlert
from sensor_hub.model.alert import AlertState
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.alert_book import CHANGE, to_change
from sensor_hub.storage.database import Database
from sensor_hub.storage.tables.alerts import alert, alert_change, escalation
from sensor_hub.storage.terms import among, written

each = alert_change.alias("each")
LAST = and_(
    alert_change.c.alert == alert.c.id,
    alert_change.c.number
    == select(func.max(each.c.number))
    .where(each.c.alert == alert.c.id, each.c.state != written(AlertState.CLEARED))
    .correlate(alert)
    .scalar_subquery(),
)
OPEN = (
    select(*CHANGE, escalation.c.policy, alert.c.acknowledged_by, escalation.c.stage)
    .join_from(alert, alert_change, LAST)
    .outerjoin(escalation, escalation.c.alert == alert.c.id)
    .where(among(alert.c.handled, ["open", "acknowledged"]), alert.c.urgency != written(Urgency.NOTICE))
    .order_by(alert.c.id)
)


class SqlOpenAlerts:
    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self) -> list[OpenAlert]:
        """Those that interrupt people."""
        return [
            OpenAlert(to_change(change), policy=policy or "", taken_by=by or "", is_exhausted=stage == Stage.EXHAUSTED)
            for *change, policy, by, stage in self.database.connection.execute(OPEN)
        ]
