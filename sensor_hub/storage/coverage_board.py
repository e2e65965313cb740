"""What the engine could not tell at each home's last tick."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.watch.ports import CoverageRow


class SqliteCoverageBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, at: float, rows: Sequence[CoverageRow]) -> None:
        """Takes the place of what stood there."""
        text = json.dumps([[row.kind, row.subject, row.state, row.reason] for row in rows], ensure_ascii=False)
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO coverage (home, at_ms, rows) VALUES (?, ?, ?)", (home, to_ms(at), text)
            )

    def shown(self, home: str) -> tuple[float, list[CoverageRow]] | None:
        """When it last changed, and the rows; None for a home that was never ticked."""
        row = self.database.connection.execute("SELECT at_ms, rows FROM coverage WHERE home = ?", (home,)).fetchone()
        return None if row is None else (from_ms(row[0]), [CoverageRow(*values) for values in json.loads(row[1])])
