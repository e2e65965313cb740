"""How each alert that lasts is now, in the engine's words: beside what was told, never in its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sensor_hub.storage.database import Database
from sensor_hub.watch.ports import NowRow


class SqliteNowBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, rows: Sequence[NowRow]) -> None:
        """Takes the place of what stood there."""
        with self.database.raw_transaction() as connection:
            connection.execute("DELETE FROM alert_now WHERE home = ?", (home,))
            values = [(row.alert, home, row.words) for row in rows]
            connection.executemany("INSERT OR REPLACE INTO alert_now (alert, home, words) VALUES (?, ?, ?)", values)

    def keep_only(self, homes: Collection[str]) -> None:
        """Forgets how it is in all others."""
        with self.database.raw_transaction() as connection:
            shown = connection.execute("SELECT DISTINCT home FROM alert_now").fetchall()
            gone = [(home,) for (home,) in shown if home not in homes]
            connection.executemany("DELETE FROM alert_now WHERE home = ?", gone)
