"""Whom of a step quiet hours keep from being told, and until when, in SQLite."""

from __future__ import annotations

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.watch.ports import Release


class SqliteHolds:
    """See `watch.ports.Holds`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, release: Release, until: float) -> None:
        """Takes the place of an earlier hold of the alert for the same contact."""
        self.database.raw.execute(
            "INSERT OR REPLACE INTO held_telling (alert, contact, number, turn, until_ms) VALUES (?, ?, ?, ?, ?)",
            (release.alert, release.contact, release.number, release.turn, to_ms(until)),
        )

    def take(self, at: float) -> list[Release]:
        """Those whose time has come; they are held no longer."""
        delete = "DELETE FROM held_telling WHERE until_ms <= ? RETURNING alert, contact, number, turn"
        rows = self.database.raw.execute(delete, (to_ms(at),)).fetchall()
        return [Release(*row) for row in sorted(rows)]

    def drop(self, alert: str) -> list[str]:
        """Nobody has to hear of the alert any more; the contacts who were to."""
        delete = "DELETE FROM held_telling WHERE alert = ? RETURNING contact"
        return sorted(contact for (contact,) in self.database.raw.execute(delete, (alert,)))
