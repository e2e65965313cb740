"""What each home's gateway said of itself last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sensor_hub.model.moment import DAY, parse_moment
from sensor_hub.model.wire import Status, encode_status
from sensor_hub.storage.database import Database, from_ms, to_ms

MOST_BOOTS = 20
"""Starts of a gateway that are remembered."""


class SqliteGateways:
    def __init__(self, database: Database) -> None:
        self.database = database

    def told(self, home: str, received: float, status: Status) -> None:
        """Takes the place of what it said before. The same again is the broker's memory of it, no news."""
        values = (home, to_ms(received), encode_status(status).decode())
        with self.database.raw_transaction() as connection:
            connection.execute(
                "INSERT INTO gateway (home, received_ms, status) VALUES (?, ?, ?) ON CONFLICT (home) DO UPDATE"
                " SET received_ms = excluded.received_ms, status = excluded.status WHERE status != excluded.status",
                values,
            )

    def last(self, home: str) -> tuple[float, Status] | None:
        """When, and what; None where it never said anything."""
        select = "SELECT received_ms, status FROM gateway WHERE home = ?"
        row = self.database.raw.execute(select, (home,)).fetchone()
        return None if row is None else (from_ms(row[0]), _status(json.loads(row[1])))

    def note_start(self, home: str, boot: str, at: float) -> bool:
        """The gateway that started as `boot` speaks; whether it is news that there are two.

        A gateway has a new `boot` at each start. One that speaks again after another one did is a second box.
        """
        select = "SELECT boot FROM gateway_boot WHERE home = ? ORDER BY id DESC LIMIT ?"
        known = [boot for (boot,) in self.database.raw.execute(select, (home, MOST_BOOTS))]
        if known[:1] == [boot]:
            return False
        seen_at = self.cloned_at(home)
        with self.database.raw_transaction() as connection:
            # Replacing gives it the highest id: it is the one that spoke last.
            connection.execute(
                "INSERT OR REPLACE INTO gateway_boot (home, boot, said_ms) VALUES (?, ?, ?)", (home, boot, to_ms(at))
            )
            keep = "SELECT id FROM gateway_boot WHERE home = ?1 ORDER BY id DESC LIMIT ?2"
            connection.execute(f"DELETE FROM gateway_boot WHERE home = ?1 AND id NOT IN ({keep})", (home, MOST_BOOTS))
            if boot not in known:
                return False
            insert = "INSERT OR REPLACE INTO gateway_clone (home, seen_ms) VALUES (?, ?)"
            connection.execute(insert, (home, to_ms(at)))
        return seen_at is None or at - seen_at > DAY

    def cloned_at(self, home: str) -> float | None:
        """When two gateways were last heard in turn; None where that never was."""
        row = self.database.raw.execute("SELECT seen_ms FROM gateway_clone WHERE home = ?", (home,)).fetchone()
        return None if row is None else from_ms(row[0])


def _status(row: Mapping[str, Any]) -> Status:
    """As `encode_status` wrote it, in this version or another one."""
    known = {each.name for each in fields(Status)}
    oldest = row["oldest"]
    moments = {
        "at": parse_moment(row["at"]),
        "oldest": None if oldest is None else parse_moment(oldest),
        "placed_at": {device: parse_moment(at) for device, at in row.get("placed_at", {}).items()},
    }
    return Status(**({key: value for key, value in row.items() if key in known} | moments))
