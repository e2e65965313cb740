"""The channels of all contacts: which of them are broken. By key: their addresses are in the settings only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from sensor_hub.alerts.channel import Channel
from sensor_hub.storage.database import Database, from_ms, to_ms


class BrokenChannel(NamedTuple):
    """A channel that takes nothing, since when, and what its service said."""

    contact: str
    label: str
    key: str
    since: float
    why: str


class SqliteChannels:
    def __init__(self, database: Database) -> None:
        self.database = database

    def set_up(self, channels: Sequence[Channel]) -> None:
        """These are the channels from now on. One that was changed begins anew."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE channel SET is_set = 0")
            for channel in channels:
                _know(connection, channel)
            connection.execute(
                "UPDATE channel SET broken_ms = NULL, broken_why = NULL, told_ms = NULL WHERE NOT is_set"
            )

    def broken(self, *, untold: bool = False) -> list[BrokenChannel]:
        """Those that are broken; `untold`: of which no contact has heard yet."""
        select = "SELECT contact, label, key, broken_ms, broken_why FROM channel WHERE is_set AND broken_ms IS NOT NULL"
        if untold:
            select += " AND told_ms IS NULL"
        rows = self.database.connection.execute(f"{select} ORDER BY contact, label")
        return [BrokenChannel(contact, label, key, from_ms(ms), why) for contact, label, key, ms, why in rows]

    def told(self, key: str, at: float) -> None:
        """A contact is told that it is broken."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE channel SET told_ms = ? WHERE key = ?", (to_ms(at), key))


def mark_broken(connection: sqlite3.Connection, channel: Channel, at: float, why: str) -> None:
    """It takes nothing from `at` on, until it does or is changed."""
    _know(connection, channel)
    connection.execute(
        "UPDATE channel SET broken_ms = ?, broken_why = ? WHERE key = ? AND broken_ms IS NULL",
        (to_ms(at), why, channel.key),
    )


def mend(connection: sqlite3.Connection, key: str) -> None:
    """It has taken a notice: it is not broken."""
    update = "UPDATE channel SET broken_ms = NULL, broken_why = NULL, told_ms = NULL"
    connection.execute(f"{update} WHERE key = ? AND broken_ms IS NOT NULL", (key,))


def _know(connection: sqlite3.Connection, channel: Channel) -> None:
    connection.execute(
        "INSERT INTO channel (key, contact, label, is_set) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (key) DO UPDATE SET label = excluded.label, is_set = 1",
        (channel.key, channel.contact, channel.label),
    )
