"""What each home's gateway said of itself last."""

from __future__ import annotations

import json

from sensor_hub.model.wire import Status, encode_status
from sensor_hub.storage.database import Database, from_ms, to_ms


class SqliteGateways:
    def __init__(self, database: Database) -> None:
        self.database = database

    def told(self, home: str, received: float, status: Status) -> None:
        """Takes the place of what it said before. The same again is the broker's memory of it, no news."""
        values = (home, to_ms(received), encode_status(status).decode())
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO gateway (home, received_ms, status) VALUES (?, ?, ?) ON CONFLICT (home) DO UPDATE"
                " SET received_ms = excluded.received_ms, status = excluded.status WHERE status != excluded.status",
                values,
            )

    def last(self, home: str) -> tuple[float, dict[str, object]] | None:
        """When, and the status as its message's plain values."""
        select = "SELECT received_ms, status FROM gateway WHERE home = ?"
        row = self.database.connection.execute(select, (home,)).fetchone()
        return None if row is None else (from_ms(row[0]), json.loads(row[1]))
