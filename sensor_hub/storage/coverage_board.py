"""What the engine could not tell at each home's last tick, and for how long homes could not be seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, or_, select, update

from sensor_hub.model.change import What
from sensor_hub.model.kind import KINDS, Audience
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.homes import coverage
from sensor_hub.storage.tables.homes import unseen as spans
from sensor_hub.watch.ports import CoverageRow

CARE = tuple(kind for kind, info in KINDS.items() if info.audience is Audience.CARE and not info.is_slow)
"""The kinds by which it is told whether a home is watched now, as on its page."""
WHOLLY, IN_PART, AWAY, SEEN = "wholly", "in part", "away", "seen"
ALL_HOMES = "*"
"""Stands for the home where the hub itself was away: no home has this id."""


class UnseenSpan(NamedTuple):
    """A time, cut to what was asked for, in which a home could not be seen `wholly` or `in part`."""

    home: str
    how: str
    start: float
    end: float


class SqlCoverageBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, at: float, rows: Sequence[CoverageRow]) -> None:
        """Takes the place of what stood there."""
        text = json.dumps([[row.kind, row.subject, row.state, row.reason] for row in rows], ensure_ascii=False)
        with self.database.transaction() as connection:
            unseen, known = _blind(rows), self.shown(home)
            if known is None or _blind(known[1]) != unseen:
                note_change(connection, What.HOME_COVERAGE, at, home=home, detail=_unseen(rows) or SEEN)
            put(connection, coverage, {"home": home, "at_ms": to_ms(at), "rows": text})
            _note_sight(connection, home, to_ms(at), _unseen(rows))

    def note_away(self, start: float, end: float) -> None:
        """The hub did not run in this time: it saw no home."""
        row = {"home": ALL_HOMES, "how": AWAY, "start_ms": to_ms(start), "end_ms": to_ms(end)}
        with self.database.transaction() as connection:
            connection.execute(insert(spans), row)

    def shown(self, home: str) -> tuple[float, list[CoverageRow]] | None:
        """When it last changed, and the rows; None for a home that was never ticked."""
        return self.shown_of([home]).get(home)

    def shown_of(self, homes: Collection[str]) -> dict[str, tuple[float, list[CoverageRow]]]:
        """The same of those homes that were ticked."""
        found = select(coverage.c.home, coverage.c.at_ms, coverage.c.rows).where(coverage.c.home.in_(homes))
        return {
            home: (from_ms(at_ms), [CoverageRow(*values) for values in json.loads(rows)])
            for home, at_ms, rows in self.database.connection.execute(found)
        }

    def unseen(self, start: float, end: float) -> list[UnseenSpan]:
        """Of all homes, and of the hub itself (`ALL_HOMES`), between these moments."""
        lasts = or_(spans.c.end_ms.is_(None), spans.c.end_ms > to_ms(start))
        found = select(spans).where(lasts, spans.c.start_ms < to_ms(end)).order_by(spans.c.home, spans.c.start_ms)
        return [
            UnseenSpan(home, how, max(start, from_ms(begun)), end if ended is None else min(end, from_ms(ended)))
            for home, how, begun, ended in self.database.connection.execute(found)
        ]

    def unseen_now(self, homes: Collection[str]) -> dict[str, float]:
        """Since when those of these homes that cannot be seen now are seen no better."""
        found = select(spans.c.home, spans.c.start_ms).where(spans.c.home.in_(homes), spans.c.end_ms.is_(None))
        return {home: from_ms(start_ms) for home, start_ms in self.database.connection.execute(found)}


def _unseen(rows: Sequence[CoverageRow]) -> str:
    """How far a home with these rows is blind; empty where it is not. A kind that has no row is watched."""
    states = {row.state for row in rows if row.kind in CARE}
    if set(CARE) - {row.kind for row in rows}:
        states.add("watching")
    states -= {"not fitted", "not agreed"}
    return "" if "blind" not in states else WHOLLY if states == {"blind"} else IN_PART


def _blind(rows: Sequence[CoverageRow]) -> set[tuple[str, str]]:
    """What cannot be seen: kinds and subjects."""
    return {(row.kind, row.subject) for row in rows if row.state == "blind"}


def _note_sight(connection: Connection, home: str, at_ms: int, how: str) -> None:
    """Ends the span that is open where the home is seen in another way now, and begins the next."""
    is_open = (spans.c.home == home) & spans.c.end_ms.is_(None)
    if (connection.execute(select(spans.c.how).where(is_open)).scalar() or "") == how:
        return
    connection.execute(update(spans).where(is_open).values(end_ms=at_ms))
    if how:
        connection.execute(insert(spans), {"home": home, "how": how, "start_ms": at_ms})
