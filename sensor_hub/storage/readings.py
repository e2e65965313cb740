"""The log's readings, as each database keeps them best: by its own driver, for this is where most rows go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from sqlalchemy import Connection

from sensor_hub.model.reading import Value
from sensor_hub.storage.database import Database

if TYPE_CHECKING:
    import psycopg

READINGS = "readings"
"""The kind of an entry that is a batch of readings."""


class Batch(NamedTuple):
    """Readings that are to be one entry: each by its series, its moment in ms and its value."""

    home: int
    received_ms: int
    series: Sequence[int]
    moments: Sequence[int]
    values: Sequence[Value]


Added = tuple[int, list[int] | None]
"""An entry's position, and the indexes of the batch's readings that were new; None for all."""


class Readings(Protocol):
    def append(self, connection: Connection, batch: Batch) -> Added | None:
        """Adds a batch; None where nothing in it was new. Of two of a series and moment the first stays."""

    def between(
        self, connection: Connection, series: int, moments: tuple[int, int], positions: tuple[int, int]
    ) -> Iterator[tuple[int, int, Value]]:
        """Position, moment and value of a series' readings; the bounds are inclusive."""


def readings_of(database: Database) -> Readings:
    """Those of this database."""
    return SqliteReadings() if database.is_sqlite else PostgresqlReadings()


class SqliteReadings:
    """See `Readings`, and `tables.log.reading` for how the name of a button's action is kept."""

    ENTRY = "INSERT INTO entry (home, received_ms, kind, first_ms, last_ms) VALUES (?, ?, ?, ?, ?)"
    READING = "INSERT OR IGNORE INTO reading (series, at_ms, value, position) VALUES (?, ?, ?, ?)"
    BETWEEN = (
        "SELECT position, at_ms, value FROM reading WHERE series = ?"
        " AND at_ms BETWEEN ? AND ? AND position BETWEEN ? AND ?"
    )

    def append(self, connection: Connection, batch: Batch) -> Added | None:
        raw = _sqlite(connection)
        bounds = (min(batch.moments), max(batch.moments))
        position = cast(int, raw.execute(self.ENTRY, (batch.home, batch.received_ms, READINGS, *bounds)).lastrowid)
        rows = [
            (series, at_ms, value if type(value) is float else self._kept(value), position)
            for series, at_ms, value in zip(batch.series, batch.moments, batch.values, strict=True)
        ]
        if raw.executemany(self.READING, rows).rowcount == len(rows):
            return position, None
        new = self._new_ones(raw, rows)
        if not new:
            raw.execute("DELETE FROM entry WHERE position = ?", (position,))
            return None
        return position, new

    def _new_ones(self, raw: sqlite3.Connection, rows: Sequence[tuple[int, int, float | str, int]]) -> list[int]:
        """Those that were kept: the first of each series and moment, if no earlier batch had it."""
        select = "SELECT 1 FROM reading WHERE series = ? AND at_ms = ? AND position = ?"
        seen: set[tuple[int, int]] = set()
        new = []
        for index, (series, at_ms, _, position) in enumerate(rows):
            if (series, at_ms) not in seen and raw.execute(select, (series, at_ms, position)).fetchone():
                new.append(index)
            seen.add((series, at_ms))
        return new

    def between(
        self, connection: Connection, series: int, moments: tuple[int, int], positions: tuple[int, int]
    ) -> Iterator[tuple[int, int, Value]]:
        found = _sqlite(connection).execute(self.BETWEEN, (series, *moments, *positions))
        return ((position, at_ms, self._value(value)) for position, at_ms, value in found)

    def _kept(self, value: Value) -> float | str:
        return f"={value}" if isinstance(value, str) else float(value)

    def _value(self, kept: float | str) -> Value:
        return kept[1:] if isinstance(kept, str) else kept


class PostgresqlReadings:
    """See `Readings`. The name of a button's action is in `word`, where `value` is NULL."""

    ENTRY = (
        "INSERT INTO entry (home, received_ms, kind, first_ms, last_ms) VALUES (%s, %s, %s, %s, %s) RETURNING position"
    )
    READING = (
        "INSERT INTO reading (series, at_ms, value, word, position)"
        " SELECT series, at_ms, value, word, %s FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::text[])"
        " AS batch (series, at_ms, value, word) ON CONFLICT DO NOTHING RETURNING series, at_ms"
    )
    BETWEEN = (
        "SELECT position, at_ms, value, word FROM reading WHERE series = %s"
        " AND at_ms BETWEEN %s AND %s AND position BETWEEN %s AND %s"
    )

    def append(self, connection: Connection, batch: Batch) -> Added | None:
        raw = _postgresql(connection)
        bounds = (min(batch.moments), max(batch.moments))
        entry = raw.execute(self.ENTRY, (batch.home, batch.received_ms, READINGS, *bounds)).fetchone()
        position = int(cast(tuple[int], entry)[0])
        numbers = [None if isinstance(value, str) else float(value) for value in batch.values]
        words = [value if isinstance(value, str) else None for value in batch.values]
        rows = (position, list(batch.series), list(batch.moments), numbers, words)
        kept = set(raw.execute(self.READING, rows).fetchall())
        if len(kept) == len(batch.series):
            return position, None
        if not kept:
            raw.execute("DELETE FROM entry WHERE position = %s", (position,))
            return None
        first: dict[tuple[int, int], int] = {}
        for index, key in enumerate(zip(batch.series, batch.moments, strict=True)):
            first.setdefault(key, index)
        return position, sorted(index for key, index in first.items() if key in kept)

    def between(
        self, connection: Connection, series: int, moments: tuple[int, int], positions: tuple[int, int]
    ) -> Iterator[tuple[int, int, Value]]:
        found = _postgresql(connection).execute(self.BETWEEN, (series, *moments, *positions))
        return ((position, at_ms, value if word is None else word) for position, at_ms, value, word in found)


def _sqlite(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _postgresql(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    return cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.driver_connection)
