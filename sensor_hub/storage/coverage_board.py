"""What the engine could not tell at each home's last tick, and for how long homes could not be seen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from sensor_hub.model.kind import KINDS, Audience
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.watch.ports import CoverageRow

CARE = tuple(kind for kind, info in KINDS.items() if info.audience is Audience.CARE and not info.is_slow)
"""The kinds by which it is told whether a home is watched now, as on its page."""
WHOLLY, IN_PART, AWAY = "wholly", "in part", "away"
ALL_HOMES = "*"
"""Stands for the home where the hub itself was away: no home has this id."""


class UnseenSpan(NamedTuple):
    """A time, cut to what was asked for, in which a home could not be seen `wholly` or `in part`."""

    home: str
    how: str
    start: float
    end: float


class SqliteCoverageBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, at: float, rows: Sequence[CoverageRow]) -> None:
        """Takes the place of what stood there."""
        text = json.dumps([[row.kind, row.subject, row.state, row.reason] for row in rows], ensure_ascii=False)
        with self.database.raw_transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO coverage (home, at_ms, rows) VALUES (?, ?, ?)", (home, to_ms(at), text)
            )
            _note_sight(connection, home, to_ms(at), _unseen(rows))

    def note_away(self, start: float, end: float) -> None:
        """The hub did not run in this time: it saw no home."""
        with self.database.raw_transaction() as connection:
            insert = "INSERT INTO unseen (home, how, start_ms, end_ms) VALUES (?, ?, ?, ?)"
            connection.execute(insert, (ALL_HOMES, AWAY, to_ms(start), to_ms(end)))

    def shown(self, home: str) -> tuple[float, list[CoverageRow]] | None:
        """When it last changed, and the rows; None for a home that was never ticked."""
        row = self.database.raw.execute("SELECT at_ms, rows FROM coverage WHERE home = ?", (home,)).fetchone()
        return None if row is None else (from_ms(row[0]), [CoverageRow(*values) for values in json.loads(row[1])])

    def unseen(self, start: float, end: float) -> list[UnseenSpan]:
        """Of all homes, and of the hub itself (`ALL_HOMES`), between these moments."""
        select = "SELECT home, how, start_ms, end_ms FROM unseen WHERE (end_ms IS NULL OR end_ms > ?) AND start_ms < ?"
        rows = self.database.raw.execute(f"{select} ORDER BY home, start_ms", (to_ms(start), to_ms(end)))
        return [
            UnseenSpan(home, how, max(start, from_ms(begun)), end if ended is None else min(end, from_ms(ended)))
            for home, how, begun, ended in rows
        ]


def _unseen(rows: Sequence[CoverageRow]) -> str:
    """How far a home with these rows is blind; empty where it is not. A kind that has no row is watched."""
    states = {row.state for row in rows if row.kind in CARE}
    if set(CARE) - {row.kind for row in rows}:
        states.add("watching")
    states -= {"not fitted", "not agreed"}
    return "" if "blind" not in states else WHOLLY if states == {"blind"} else IN_PART


def _note_sight(connection: sqlite3.Connection, home: str, at_ms: int, how: str) -> None:
    """Ends the span that is open where the home is seen in another way now, and begins the next."""
    select = "SELECT how FROM unseen WHERE home = ? AND end_ms IS NULL"
    row = connection.execute(select, (home,)).fetchone()
    if ("" if row is None else row[0]) == how:
        return
    connection.execute("UPDATE unseen SET end_ms = ? WHERE home = ? AND end_ms IS NULL", (at_ms, home))
    if how:
        connection.execute("INSERT INTO unseen (home, how, start_ms) VALUES (?, ?, ?)", (home, how, at_ms))
