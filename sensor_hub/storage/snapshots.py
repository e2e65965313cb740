"""The last snapshot of each home's watch."""

from __future__ import annotations

from sqlalchemy import select

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.homes import snapshot


class SqlSnapshots:
    def __init__(self, database: Database) -> None:
        self.database = database

    def load(self, home: str) -> bytes | None:
        found = select(snapshot.c.state).where(snapshot.c.home == home)
        state: bytes | None = self.database.connection.execute(found).scalar()
        return state

    def save(self, home: str, position: int, ticked: float | None, state: bytes) -> None:
        ticked_ms = None if ticked is None else to_ms(ticked)
        with self.database.transaction() as connection:
            row = {"home": home, "position": position, "ticked_ms": ticked_ms, "state": state}
            put(connection, snapshot, row)

    def ticked_ms(self, home: str) -> int | None:
        """The last tick that the snapshot knows of."""
        found = select(snapshot.c.ticked_ms).where(snapshot.c.home == home)
        ticked_ms: int | None = self.database.connection.execute(found).scalar()
        return ticked_ms
