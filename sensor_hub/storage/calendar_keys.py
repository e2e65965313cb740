"""Who may read which contact's calendar: of each private address only the hash of its secret part."""

from __future__ import annotations

from sqlalchemy import delete, select

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.hub import calendar_key as keys


class SqlCalendarKeys:
    """One address a contact: a new one takes the place of the old."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, contact: str, secret_hash: str, at: float) -> None:
        with self.database.transaction() as connection:
            put(connection, keys, {"contact": contact, "secret_hash": secret_hash, "made_ms": to_ms(at)})

    def drop(self, contact: str) -> bool:
        """False where there was none."""
        with self.database.transaction() as connection:
            return connection.execute(delete(keys).where(keys.c.contact == contact)).rowcount == 1

    def contact_of(self, secret_hash: str) -> str | None:
        found = select(keys.c.contact).where(keys.c.secret_hash == secret_hash)
        contact: str | None = self.database.connection.execute(found).scalar()
        return contact
