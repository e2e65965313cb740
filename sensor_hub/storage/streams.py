"""How far each stream of each home's gateway is stored."""

from __future__ import annotations

from sqlalchemy import select

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import upsert
from sensor_hub.storage.tables.homes import stream as streams


class SqlStreams:
    def __init__(self, database: Database) -> None:
        self.database = database

    def upto(self, home: str, stream: str) -> int:
        """The last row that is stored with all before it; 0 for a stream never heard of."""
        found = select(streams.c.upto).where(streams.c.home == home, streams.c.stream == stream)
        return self.database.connection.execute(found).scalar() or 0

    def move(self, home: str, stream: str, upto: int) -> None:
        """It never moves back."""
        with self.database.transaction() as connection:
            moved = upsert(connection, streams)
            is_on = moved.excluded.upto > streams.c.upto
            moved = moved.on_conflict_do_update(
                index_elements=["home", "stream"], set_={"upto": moved.excluded.upto}, where=is_on
            )
            connection.execute(moved, {"home": home, "stream": stream, "upto": upto})
