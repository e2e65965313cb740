"""All alerts that are not closed, over all homes, as rounds list them."""

from __future__ import annotations

from sensor_hub.alerts.open_alert import OpenAlert
from sensor_hub.storage.alert_book import CHANGE_COLUMNS, to_change
from sensor_hub.storage.database import Database

COLUMNS = ", ".join(f"alert_change.{column}" for column in CHANGE_COLUMNS.split(", "))
LAST = (
    "alert_change.alert = alert.id AND alert_change.number = (SELECT max(number) FROM alert_change AS each"
    " WHERE each.alert = alert.id AND each.state != 'cleared')"
)


class SqliteOpenAlerts:
    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self) -> list[OpenAlert]:
        """Those that interrupt people."""
        select = (
            f"SELECT {COLUMNS}, coalesce(policy, ''), coalesce(acknowledged_by, ''), coalesce(stage, '')"
            f" FROM alert JOIN alert_change ON {LAST} LEFT JOIN escalation ON escalation.alert = alert.id"
            " WHERE handled IN ('open', 'acknowledged') AND alert.urgency != 'notice' ORDER BY alert.id"
        )
        return [
            OpenAlert(to_change(row[:11]), policy=row[11], taken_by=row[12], is_exhausted=row[13] == "exhausted")
            for row in self.database.raw.execute(select)
        ]
