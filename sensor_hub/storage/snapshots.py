"""The last snapshot of each home's watch."""

from __future__ import annotations

from sensor_hub.storage.database import Database, to_ms


class SqliteSnapshots:
    def __init__(self, database: Database) -> None:
        self.database = database

    def load(self, home: str) -> bytes | None:
        row = self.database.raw.execute("SELECT state FROM snapshot WHERE home = ?", (home,)).fetchone()
        return None if row is None else bytes(row[0])

    def save(self, home: str, position: int, ticked: float | None, state: bytes) -> None:
        values = (home, position, None if ticked is None else to_ms(ticked), state)
        with self.database.raw_transaction() as connection:
            insert = "INSERT OR REPLACE INTO snapshot (home, position, ticked_ms, state) VALUES (?, ?, ?, ?)"
            connection.execute(insert, values)

    def ticked_ms(self, home: str) -> int | None:
        """The last tick that the snapshot knows of."""
        row = self.database.raw.execute("SELECT ticked_ms FROM snapshot WHERE home = ?", (home,)).fetchone()
        return None if row is None else row[0]
