"""How far each stream of each home's gateway is stored."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import upsert
from sensor_hub.storage.tables.homes import stream as streams

MOST_REMEMBERED = 50_000


class SqlStreams:
    """What was asked for or moved is remembered: every message asks. Only this hub moves them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._upto: dict[tuple[str, str], int] = {}
        self._rollbacks = 0

    def upto(self, home: str, stream: str) -> int:
        """The last row that is stored with all before it; 0 for a stream never heard of."""
        if self._rollbacks != self.database.rollbacks or len(self._upto) > MOST_REMEMBERED:
            self._rollbacks = self.database.rollbacks
            self._upto.clear()
        upto = self._upto.get((home, stream))
        if upto is None:
            found = select(streams.c.upto).where(streams.c.home == home, streams.c.stream == stream)
            upto = self._upto[home, stream] = self.database.connection.execute(found).scalar() or 0
        return upto

    def move(self, moved: Mapping[tuple[str, str], int]) -> None:
        """By home and stream. None ever moves back."""
        on = {key: upto for key, upto in moved.items() if upto > self.upto(*key)}
        if not on:
            return
        rows = [{"home": home, "stream": stream, "upto": upto} for (home, stream), upto in on.items()]
        with self.database.transaction() as connection:
            move = upsert(connection, streams)
            is_on = move.excluded.upto > streams.c.upto
            move = move.on_conflict_do_update(
                index_elements=["home", "stream"], set_={"upto": move.excluded.upto}, where=is_on
            )
            connection.execute(move, rows)
            self._upto.update(on)
