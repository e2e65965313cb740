"""Which alerts interrupted people, and which wait for whose daily digest, in SQLite."""

from __future__ import annotations

from sensor_hub.storage.database import Database, from_ms, to_ms


class SqliteDigests:
    """See `watch.round_ports.Digests`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def note_page(self, home: str, alert: str, number: int, at: float) -> None:
        """People are told of the alert, as of its change `number`."""
        insert = "INSERT OR IGNORE INTO page (alert, number, home, at_ms) VALUES (?, ?, ?, ?)"
        self.database.raw.execute(insert, (alert, number, home, to_ms(at)))

    def is_paged(self, alert: str, number: int) -> bool:
        select = "SELECT 1 FROM page WHERE alert = ? AND number = ?"
        return self.database.raw.execute(select, (alert, number)).fetchone() is not None

    def pages(self, home: str, since: float) -> int:
        """How many of the home people were told of since then."""
        select = "SELECT count(*) FROM page WHERE home = ? AND at_ms >= ?"
        return int(self.database.raw.execute(select, (home, to_ms(since))).fetchone()[0])

    def put_off(self, reader: str, alert: str, number: int, at: float) -> None:
        """It waits for the next digest of this contact, team or rota."""
        insert = "INSERT OR IGNORE INTO digest_line (reader, alert, number, at_ms) VALUES (?, ?, ?, ?)"
        self.database.raw.execute(insert, (reader, alert, number, to_ms(at)))

    def waiting(self) -> dict[str, float]:
        """Since when something waits, by reader."""
        select = "SELECT reader, min(at_ms) FROM digest_line WHERE told_ms IS NULL GROUP BY reader ORDER BY reader"
        return {reader: from_ms(at_ms) for reader, at_ms in self.database.raw.execute(select)}

    def told(self, reader: str) -> frozenset[str]:
        """The alerts that were in a digest of the reader."""
        select = "SELECT DISTINCT alert FROM digest_line WHERE reader = ? AND told_ms IS NOT NULL"
        return frozenset(alert for (alert,) in self.database.raw.execute(select, (reader,)))

    def take(self, reader: str, at: float) -> frozenset[str]:
        """The alerts that wait for the reader's digest; they are in it from now on."""
        update = "UPDATE digest_line SET told_ms = ? WHERE reader = ? AND told_ms IS NULL RETURNING alert"
        rows = self.database.raw.execute(update, (to_ms(at), reader)).fetchall()
        return frozenset(alert for (alert,) in rows)
