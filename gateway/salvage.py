"""What can still be read of a damaged outbox, and how many rows that waited cannot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, Value, is_device_id

SMALLEST = 8
"""Rows of a damaged stretch that are given up together rather than tried one by one."""
MOST_FAILURES = 4000
"""Reads that may fail before the rest is given up: a start must come to its end."""
AT_ONCE = 500
_KNOWN = frozenset(Metric)


@dataclass(frozen=True, slots=True)
class Count:
    """What the file beside the outbox says: its last row, how many wait, and which runs of rows were answered."""

    last: int
    waiting: int
    answered: list[tuple[int, int]] = field(default_factory=list)
    """Each run as the numbers (after, upto]."""


class Counter:
    """A few bytes beside the outbox that say how many rows there should be.

    Written with each commit but not flushed: after a power cut they may be half a minute old, after a kill never.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def write(self, count: Count) -> None:
        """A disk that takes nothing is the outbox's to tell."""
        runs = " ".join(f"{after}-{upto}" for after, upto in count.answered)
        line = f"{count.last} {count.waiting} {runs}\n".encode()
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._file, line, 0)
            os.ftruncate(self._file, len(line))
        except OSError:
            return

    def read(self) -> Count | None:
        try:
            last, waiting, *runs = self._path.read_text(encoding="ascii").split()
            pairs = [run.split("-") for run in runs]
            return Count(int(last), int(waiting), [(int(after), int(upto)) for after, upto in pairs])
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A reading that waits for its moment: dated by a clock whose boot and start of time are named."""

    boot: str
    base: int
    reading: Reading


class Salvage:
    """A damaged file, read as far as it can be."""

    def __init__(self, path: Path, count: Count | None) -> None:
        self._path = path
        self._count = count
        self._failures = 0
        self.last = 0 if count is None else count.last
        """The number of its last row, as far as anything still says so."""
        self.held: list[HeldRow] = []

    def chunks(self) -> Iterator[list[Reading]]:
        """The readings that wait, in order, some hundred at a time; nothing where it is no outbox."""
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)) as db:
                db.execute("PRAGMA cache_size = -512")
                names = _names(db)
                answered = _answered(db) if self._count is None else self._count.answered
                self.held = _held(db, names)
                for rows in self._stretches(db):
                    yield [
                        reading
                        for number, series, at, value in rows
                        if not any(after < number <= upto for after, upto in answered)
                        and (reading := _reading(names.get(series), at, value)) is not None
                    ]
        except sqlite3.Error:
            return

    def _stretches(self, db: sqlite3.Connection) -> Iterator[list[tuple[int, int, int, Value]]]:
        """What can be read of the rows, halving each stretch that cannot."""
        first, self.last = self._ends(db)
        todo = [(first, self.last)]
        while todo and self._failures < MOST_FAILURES:
            low, high = todo.pop()
            if high - low >= AT_ONCE:
                todo += [(low + AT_ONCE, high), (low, low + AT_ONCE - 1)]
                continue
            rows = self._rows(db, low, high)
            if rows:
                yield rows
            elif rows is None and high - low >= SMALLEST:
                middle = (low + high) // 2
                todo += [(middle + 1, high), (low, middle)]

    def _rows(self, db: sqlite3.Connection, low: int, high: int) -> list[tuple[int, int, int, Value]] | None:
        """The rows from `low` to `high`; None where something of it cannot be read."""
        query = "SELECT number, series, at, value FROM reading WHERE number BETWEEN ? AND ? ORDER BY number"
        try:
            return db.execute(query, (low, high)).fetchall()
        except sqlite3.Error:
            self._failures += 1
            return None

    def _ends(self, db: sqlite3.Connection) -> tuple[int, int]:
        found = [
            _one(db, query)
            for query in (
                "SELECT min(number) FROM reading",
                "SELECT max(number) FROM reading",
                "SELECT max(number) FROM mark",
                "SELECT last FROM state",
                "SELECT max(base) FROM stream",
            )
        ]
        return found[0] or 1, max(self.last, *(number or 0 for number in found))


def _held(db: sqlite3.Connection, names: dict[int, tuple[str, str]]) -> list[HeldRow]:
    try:
        rows = db.execute("SELECT boot, base, series, at, value FROM held ORDER BY id").fetchall()
    except sqlite3.Error:
        return []
    return [
        HeldRow(str(boot), int(base), reading)
        for boot, base, series, at, value in rows
        if (reading := _reading(names.get(series), at, value)) is not None
    ]


def _answered(db: sqlite3.Connection) -> list[tuple[int, int]]:
    try:
        return db.execute("SELECT base, base + answered FROM stream").fetchall()
    except sqlite3.Error:
        return []


def _names(db: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    """From the table, and where that is broken from its index."""
    names: dict[int, tuple[str, str]] = {}
    for table in ("series NOT INDEXED", "series INDEXED BY sqlite_autoindex_series_1"):
        try:
            for number, device, metric in db.execute(f"SELECT id, device, metric FROM {table}"):
                names.setdefault(number, (device, metric))
        except sqlite3.Error:
            continue
    return names


def _reading(name: tuple[str, str] | None, at: object, value: object) -> Reading | None:
    """None for a row that makes no sense."""
    if name is None or name[1] not in _KNOWN or not is_device_id(str(name[0])) or not isinstance(at, int):
        return None
    return Reading(at / 1000, name[0], Metric(name[1]), value) if isinstance(value, int | float | str) else None


def _one(db: sqlite3.Connection, query: str) -> int | None:
    try:
        found = db.execute(query).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found is not None and isinstance(found[0], int) else None
