"""How much there is and how far it has come: a few numbers over all homes, each found without a long look."""

from __future__ import annotations

from collections.abc import Mapping

from sensor_hub.storage.database import Database, from_ms


class Tally:
    def __init__(self, database: Database) -> None:
        self.database = database

    def position(self) -> int:
        """Of the log's last entry; 0 where there is none."""
        return self._one("SELECT coalesce(max(position), 0) FROM entry")

    def notices(self) -> Mapping[str, int]:
        """How many notices are in each state."""
        select = "SELECT state, count(*) FROM notice GROUP BY state"
        return dict(self.database.raw.execute(select).fetchall())

    def oldest_due(self) -> float | None:
        """The real moment since when the oldest notice that waits could have been sent."""
        row = self.database.raw.execute("SELECT min(next_ms) FROM notice WHERE state = 'waiting'").fetchone()
        return None if row[0] is None else from_ms(row[0])

    def exhausted(self) -> int:
        """Open alerts that everybody was told of and nobody answered."""
        return self._one(
            "SELECT count(*) FROM alert JOIN escalation ON escalation.alert = alert.id"
            " WHERE handled = 'open' AND stage = 'exhausted'"
        )

    def broken_channels(self) -> int:
        return self._one("SELECT count(*) FROM channel WHERE is_set AND broken_ms IS NOT NULL")

    def bytes_on_disk(self) -> int:
        """Of the database and its companions."""
        if self.database.path is None:
            select = "SELECT pg_database_size(current_database())"
            return int(self.database.connection.exec_driver_sql(select).scalar_one())
        files = self.database.path.parent.glob(f"{self.database.path.name}*")
        return sum(path.stat().st_size for path in files)

    def _one(self, select: str) -> int:
        return int(self.database.raw.execute(select).fetchone()[0])
