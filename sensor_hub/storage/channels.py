"""The channels of all contacts: which of them are broken. By key: their addresses are in the settings only."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from sensor_hub.alerts.channel import Channel
from sensor_hub.model.moment import DAY
from sensor_hub.storage.database import Database, from_ms, to_ms

CODE_LASTS = DAY
MOST_TRIES = 5


class BrokenChannel(NamedTuple):
    """A channel that takes nothing, since when, and what its service said."""

    contact: str
    label: str
    key: str
    since: float
    why: str


class ChannelState(NamedTuple):
    """What is known of a channel. Moments are None and texts empty where nothing is."""

    broken_since: float | None = None
    why: str = ""
    verified_at: float | None = None
    verified_by: str = ""


class SqliteChannels:
    def __init__(self, database: Database) -> None:
        self.database = database

    def set_up(self, channels: Sequence[Channel]) -> None:
        """These are the channels from now on. One that was changed begins anew."""
        with self.database.raw_transaction() as connection:
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
        rows = self.database.raw.execute(f"{select} ORDER BY contact, label")
        return [BrokenChannel(contact, label, key, from_ms(ms), why) for contact, label, key, ms, why in rows]

    def state(self, key: str) -> ChannelState:
        """As it stands; of one that is not known nothing is."""
        select = "SELECT broken_ms, broken_why, verified_ms, verified_by FROM channel WHERE key = ?"
        row = self.database.raw.execute(select, (key,)).fetchone()
        if row is None:
            return ChannelState()
        broken_ms, why, verified_ms, by = row
        return ChannelState(_moment(broken_ms), why or "", _moment(verified_ms), by or "")

    def keep_code(self, channel: Channel, code: str, at: float) -> None:
        """The code that is sent by the channel now; the one before is void."""
        update = "UPDATE channel SET code_hash = ?, code_ms = ?, code_tries = 0 WHERE key = ?"
        with self.database.raw_transaction() as connection:
            _know(connection, channel)
            connection.execute(update, (_hash(channel.key, code), to_ms(at), channel.key))

    def try_code(self, key: str, code: str, by: str, at: float) -> bool:
        """Whether this is the code that was sent by the channel, which is confirmed by that. Each code works once.

        After MOST_TRIES wrong ones, and CODE_LASTS seconds after it was sent, none is right.
        """
        select = "SELECT code_hash FROM channel WHERE key = ? AND code_ms > ? AND code_tries < ?"
        with self.database.raw_transaction() as connection:
            row = connection.execute(select, (key, to_ms(at - CODE_LASTS), MOST_TRIES)).fetchone()
            connection.execute("UPDATE channel SET code_tries = code_tries + 1 WHERE key = ?", (key,))
            is_right = row is not None and hmac.compare_digest(row[0] or "", _hash(key, code))
            if is_right:
                self.confirm(key, by, at)
        return is_right

    def confirm(self, key: str, by: str, at: float) -> None:
        """Somebody has shown that the channel reaches its contact."""
        update = "UPDATE channel SET verified_ms = ?, verified_by = ?, code_hash = NULL WHERE key = ?"
        with self.database.raw_transaction() as connection:
            connection.execute(update, (to_ms(at), by, key))

    def told(self, key: str, at: float) -> None:
        """A contact is told that it is broken."""
        with self.database.raw_transaction() as connection:
            connection.execute("UPDATE channel SET told_ms = ? WHERE key = ?", (to_ms(at), key))


def _hash(key: str, code: str) -> str:
    return hashlib.sha256(f"{key}\n{code}".encode()).hexdigest()


def _moment(ms: int | None) -> float | None:
    return None if ms is None else from_ms(ms)


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
