"""How much there is and how far it has come: a few numbers over all homes, each found without a long look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select

from sensor_hub.storage.database import Database, from_ms
from sensor_hub.storage.tables.alerts import alert, escalation
from sensor_hub.storage.tables.log import entry
from sensor_hub.storage.tables.notices import channel, notice


class Tally:
    def __init__(self, database: Database) -> None:
        self.database = database

    def position(self) -> int:
        """Of the log's last entry; 0 where there is none."""
        return self._one(select(func.coalesce(func.max(entry.c.position), 0)))

    def notices(self) -> Mapping[str, int]:
        """How many notices are in each state."""
        counts = select(notice.c.state, func.count()).group_by(notice.c.state)
        return dict(self.database.connection.execute(counts).all())

    def oldest_due(self) -> float | None:
        """The real moment since when the oldest notice that waits could have been sent."""
        oldest = select(func.min(notice.c.next_ms)).where(notice.c.state == "waiting")
        next_ms = self.database.connection.execute(oldest).scalar()
        return None if next_ms is None else from_ms(next_ms)

    def exhausted(self) -> int:
        """Open alerts that everybody was told of and nobody answered."""
        both = alert.join(escalation, escalation.c.alert == alert.c.id)
        is_exhausted = (alert.c.handled == "open") & (escalation.c.stage == "exhausted")
        return self._one(select(func.count()).select_from(both).where(is_exhausted))

    def broken_channels(self) -> int:
        is_broken = (channel.c.is_set == 1) & channel.c.broken_ms.isnot(None)
        return self._one(select(func.count()).select_from(channel).where(is_broken))

    def bytes_on_disk(self) -> int:
        """Of the database and its companions."""
        if self.database.path is None:
            return self._one(select(func.pg_database_size(func.current_database())))
        files = self.database.path.parent.glob(f"{self.database.path.name}*")
        return sum(path.stat().st_size for path in files)

    def _one(self, statement: Select[Any]) -> int:
        return int(self.database.connection.execute(statement).scalar_one())
