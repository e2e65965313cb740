"""How much more evidence each home asks for since people said what its alerts were."""

from __future__ import annotations

from collections.abc import Sequence

from sensor_hub.storage.database import Database
from sensor_hub.watch.ports import LimitRow


class SqliteLimitBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, rows: Sequence[LimitRow]) -> None:
        """Takes the place of what stood there."""
        values = [(home, row.kind, row.asked, row.false_ones, row.true_ones) for row in rows]
        with self.database.raw_transaction() as connection:
            connection.execute("DELETE FROM own_limit WHERE home = ?", (home,))
            connection.executemany("INSERT INTO own_limit VALUES (?, ?, ?, ?, ?)", values)

    def shown(self, home: str) -> list[LimitRow]:
        """By kind; none where nothing is moved."""
        select = "SELECT kind, asked, false_ones, true_ones FROM own_limit WHERE home = ? ORDER BY kind"
        return [LimitRow(*row) for row in self.database.raw.execute(select, (home,))]
