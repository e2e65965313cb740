"""The few values that the hub itself remembers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.hub import hub

LAST_TICK, SETTLED_TICK, PROBE = "last_tick", "settled_tick", "probe"


class SqlHubMemory:
    """Names and values, as text."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, name: str) -> str | None:
        value: str | None = self.database.connection.execute(select(hub.c.value).where(hub.c.name == name)).scalar()
        return value

    def keep(self, name: str, value: str) -> None:
        with self.database.transaction() as connection:
            put(connection, hub, {"name": name, "value": value})

    def last_tick(self) -> float | None:
        """The last grid moment that homes were, or were about to be, ticked for."""
        value = self.get(LAST_TICK)
        return None if value is None else float(value)

    def keep_tick(self, at: float) -> None:
        self.keep(LAST_TICK, repr(at))

    def settled_tick(self) -> float | None:
        """The last grid moment whose changes of alerts are all written."""
        value = self.get(SETTLED_TICK)
        return None if value is None else float(value)

    def keep_settled(self, at: float) -> None:
        self.keep(SETTLED_TICK, repr(at))


class DatabaseProbe:
    """Whether the database takes what is written."""

    def __init__(self, memory: SqlHubMemory) -> None:
        self.memory = memory
        self._turns = 0

    def turns(self) -> int:
        """Writes a row; how often that went well. A full or locked database counts no further."""
        try:
            self.memory.keep(PROBE, str(self._turns + 1))
        except SQLAlchemyError:
            return self._turns
        self._turns += 1
        return self._turns
