"""Forgets alerts that were closed long ago, with all that was written of them, in short transactions."""

from __future__ import annotations

from sqlalchemy import delete, select

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.tables.alerts import (
    alert,
    alert_act,
    alert_change,
    alert_now,
    digest_line,
    escalation,
    held_telling,
    page,
)
from sensor_hub.storage.tables.notices import notice


class OldAlerts:
    def __init__(self, database: Database) -> None:
        self.database = database

    def forget(self, home: str, before: float, most: int) -> int:
        """At most so many of a home that were closed before; how many. One of which a notice is kept stays with it."""
        has_notice = select(notice.c.reference).where(notice.c.alert == alert.c.id).exists()
        old = (alert.c.home == home) & (alert.c.handled == "closed") & (alert.c.closed_ms < to_ms(before))
        with self.database.transaction() as connection:
            some = select(alert.c.id).where(old & ~has_notice).order_by(alert.c.closed_ms).limit(most)
            gone = list(connection.execute(some).scalars())
            if gone:
                for table in (alert_change, alert_act, alert_now, escalation, held_telling, digest_line, page):
                    connection.execute(delete(table).where(table.c.alert.in_(gone)))
                connection.execute(delete(alert).where(alert.c.id.in_(gone)))
        return len(gone)
