"""What each home's gateway said of itself last."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sensor_hub.model.change import What
from sensor_hub.model.moment import DAY, parse_moment
from sensor_hub.model.wire import Status, encode_status
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put, upsert
from sensor_hub.storage.tables.homes import gateway, gateway_boot, gateway_clone

MOST_BOOTS = 20
"""Starts of a gateway that are remembered."""


class SqlGateways:
    def __init__(self, database: Database) -> None:
        self.database = database

    def told(self, home: str, received: float, status: Status) -> None:
        """Takes the place of what it said before. The same again is the broker's memory of it, no news."""
        row = {"home": home, "received_ms": to_ms(received), "status": encode_status(status).decode()}
        with self.database.transaction() as connection:
            self._note_reached(connection, home, received, status)
            told = upsert(connection, gateway)
            news = {"received_ms": told.excluded.received_ms, "status": told.excluded.status}
            is_news = gateway.c.status != told.excluded.status
            connection.execute(told.on_conflict_do_update(index_elements=["home"], set_=news, where=is_news), row)

    def _note_reached(self, connection: Connection, home: str, received: float, status: Status) -> None:
        before = self.last(home)
        is_there = status.state == "online"
        if before is None or (before[1].state == "online") != is_there:
            what = What.GATEWAY_REACHED if is_there else What.GATEWAY_LOST
            note_change(connection, what, received, home=home)

    def last(self, home: str) -> tuple[float, Status] | None:
        """When, and what; None where it never said anything."""
        return self.last_of([home]).get(home)

    def last_of(self, homes: Collection[str]) -> dict[str, tuple[float, Status]]:
        """The same of those homes whose gateway ever said anything."""
        found = select(gateway.c.home, gateway.c.received_ms, gateway.c.status).where(gateway.c.home.in_(homes))
        return {
            home: (from_ms(received_ms), _status(json.loads(status)))
            for home, received_ms, status in self.database.connection.execute(found)
        }

    def note_start(self, home: str, boot: str, at: float) -> bool:
        """The gateway that started as `boot` speaks; whether it is news that there are two.

        A gateway has a new `boot` at each start. One that speaks again after another one did is a second box.
        """
        boots = gateway_boot.c
        of_home = boots.home == home
        last = select(boots.boot).where(of_home).order_by(boots.id.desc()).limit(MOST_BOOTS)
        known = self.database.connection.execute(last).scalars().all()
        if known[:1] == [boot]:
            return False
        seen_at = self.cloned_at(home)
        with self.database.transaction() as connection:
            # Put in anew it has the highest id: it is the one that spoke last.
            connection.execute(delete(gateway_boot).where(of_home, boots.boot == boot))
            connection.execute(insert(gateway_boot), {"home": home, "boot": boot, "said_ms": to_ms(at)})
            keep = select(boots.id).where(of_home).order_by(boots.id.desc()).limit(MOST_BOOTS)
            connection.execute(delete(gateway_boot).where(of_home, boots.id.not_in(keep)))
            if boot not in known:
                return False
            put(connection, gateway_clone, {"home": home, "seen_ms": to_ms(at)})
        return seen_at is None or at - seen_at > DAY

    def cloned_at(self, home: str) -> float | None:
        """When two gateways were last heard in turn; None where that never was."""
        return self.cloned_of([home]).get(home)

    def cloned_of(self, homes: Collection[str]) -> dict[str, float]:
        """The same of those homes where that ever was."""
        found = select(gateway_clone.c.home, gateway_clone.c.seen_ms).where(gateway_clone.c.home.in_(homes))
        return {home: from_ms(seen_ms) for home, seen_ms in self.database.connection.execute(found)}


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
