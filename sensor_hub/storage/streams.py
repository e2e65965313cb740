"""How far each stream of each home's gateway is stored."""

from __future__ import annotations

from sensor_hub.storage.database import Database


class SqliteStreams:
    def __init__(self, database: Database) -> None:
        self.database = database

    def upto(self, home: str, stream: str) -> int:
        """The last row that is stored with all before it; 0 for a stream never heard of."""
        select = "SELECT upto FROM stream WHERE home = ? AND stream = ?"
        row = self.database.raw.execute(select, (home, stream)).fetchone()
        return 0 if row is None else int(row[0])

    def move(self, home: str, stream: str, upto: int) -> None:
        """It never moves back."""
        with self.database.raw_transaction() as connection:
            connection.execute(
                "INSERT INTO stream (home, stream, upto) VALUES (?, ?, ?)"
                " ON CONFLICT (home, stream) DO UPDATE SET upto = max(upto, excluded.upto)",
                (home, stream, upto),
            )
