"""Who may read which contact's calendar: of each private address only the hash of its secret part."""

from __future__ import annotations

from sensor_hub.storage.database import Database, to_ms


class SqliteCalendarKeys:
    """One address a contact: a new one takes the place of the old."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, contact: str, secret_hash: str, at: float) -> None:
        insert = "INSERT OR REPLACE INTO calendar_key (contact, secret_hash, made_ms) VALUES (?, ?, ?)"
        with self.database.raw_transaction() as connection:
            connection.execute(insert, (contact, secret_hash, to_ms(at)))

    def drop(self, contact: str) -> bool:
        """False where there was none."""
        with self.database.raw_transaction() as connection:
            return connection.execute("DELETE FROM calendar_key WHERE contact = ?", (contact,)).rowcount == 1

    def contact_of(self, secret_hash: str) -> str | None:
        select = "SELECT contact FROM calendar_key WHERE secret_hash = ?"
        row = self.database.raw.execute(select, (secret_hash,)).fetchone()
        return None if row is None else str(row[0])
