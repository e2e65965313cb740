"""The log of all homes in SQLite: what "stored" answers for, and what recovery reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import cast

from sensor_hub.model.description import Description
from sensor_hub.model.entry import (
    AbsenceTold,
    Arrival,
    DialSet,
    Entry,
    HomeSet,
    PlacementTold,
    ScopeSet,
    VisitTold,
    entry_row,
    parse_entry,
)
from sensor_hub.model.home import Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, Value
from sensor_hub.model.stay import Stay, Stays, ToldStay
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.watch.ports import Appended

CHUNK = 2000
"""Entries that are read at once: bounds the memory of a read over years."""
READINGS = "readings"
EntryRow = tuple[int, int, str, str | None, int | None, int | None]

INSERT_READING = "INSERT OR IGNORE INTO reading (series, at_ms, value, position) VALUES (?, ?, ?, ?)"


class SqliteHomeLog:
    """See `watch.ports.HomeLog`. Written by one thread; read by any."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._homes: dict[str, int] = {}
        self._series: dict[tuple[str, str, Metric], int] = {}
        self._rollbacks = 0

    def append_readings(self, home: str, received: float, readings: Sequence[Reading]) -> Appended | None:
        """Adds a batch; None where all of it was there already."""
        if not readings:
            return None
        self._forget_void_ids()
        with self.database.raw_transaction() as connection:
            moments = [to_ms(reading.at) for reading in readings]
            row = (self._home(home), to_ms(received), READINGS, min(moments), max(moments))
            insert = "INSERT INTO entry (home, received_ms, kind, first_ms, last_ms) VALUES (?, ?, ?, ?, ?)"
            position = cast(int, connection.execute(insert, row).lastrowid)
            series, known = self._series, [(home, reading.device, reading.metric) for reading in readings]
            ids = [series.get(key) or self._make_series(key) for key in known]
            rows = [
                (id_, at_ms, reading.value if type(reading.value) is float else _kept(reading.value), position)
                for id_, at_ms, reading in zip(ids, moments, readings, strict=True)
            ]
            new = list(readings)
            if connection.executemany(INSERT_READING, rows).rowcount < len(rows):
                new = self._new_ones(connection, position, rows, readings)
            if not new:
                connection.execute("DELETE FROM entry WHERE position = ?", (position,))
                return None
        new.sort(key=_order)
        return Appended(position, new)

    def _new_ones(
        self,
        connection: sqlite3.Connection,
        position: int,
        rows: Sequence[tuple[int, int, float | str, int]],
        readings: Sequence[Reading],
    ) -> list[Reading]:
        """Those of the batch that were kept: the first of each series and moment, if no earlier batch had it."""
        select = "SELECT 1 FROM reading WHERE series = ? AND at_ms = ? AND position = ?"
        seen: set[tuple[int, int]] = set()
        new = []
        for (series, at_ms, _, _), reading in zip(rows, readings, strict=True):
            if (series, at_ms) not in seen and connection.execute(select, (series, at_ms, position)).fetchone():
                new.append(reading)
            seen.add((series, at_ms))
        return new

    def append(self, home: str, entry: Entry) -> int:
        """Adds an entry that is no arrival, and gives its position."""
        self._forget_void_ids()
        row = entry_row(entry)
        values = (self._home(home), to_ms(entry.received), row["entry"], json.dumps(row, ensure_ascii=False))
        with self.database.raw_transaction() as connection:
            insert = "INSERT INTO entry (home, received_ms, kind, body) VALUES (?, ?, ?, ?)"
            return cast(int, connection.execute(insert, values).lastrowid)

    def read(self, home: str, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries behind `after`: a batch's readings by (moment, device, metric), each as an arrival of its own."""
        select = (
            "SELECT position, received_ms, kind, body, first_ms, last_ms FROM entry"
            " WHERE home = (SELECT id FROM home WHERE name = ?) AND position > ? ORDER BY position LIMIT ?"
        )
        while True:
            chunk: list[EntryRow] = self.database.raw.execute(select, (home, after, CHUNK)).fetchall()
            if not chunk:
                return
            yield from self._entries(home, chunk)
            after = chunk[-1][0]

    def _entries(self, home: str, chunk: Sequence[EntryRow]) -> Iterator[tuple[int, Entry]]:
        batches = self._batches(home, chunk)
        for position, received_ms, kind, body, _, _ in chunk:
            if kind == READINGS:
                received = from_ms(received_ms)
                for reading in batches.get(position, ()):
                    yield position, Arrival(received, reading)
            else:
                yield position, parse_entry(json.loads(cast(str, body)), where=f"log entry {position}")

    def _batches(self, home: str, chunk: Sequence[EntryRow]) -> dict[int, list[Reading]]:
        """The readings of a chunk's batches, by position, found by series and moment."""
        bounds = [(first, last) for *_, first, last in chunk if first is not None and last is not None]
        if not bounds:
            return {}
        first_ms, last_ms = min(first for first, _ in bounds), max(last for _, last in bounds)
        batches: dict[int, list[Reading]] = {}
        select = (
            "SELECT position, at_ms, value FROM reading WHERE series = ?"
            " AND at_ms BETWEEN ? AND ? AND position BETWEEN ? AND ?"
        )
        for id_, device, metric in self._series_of(home):
            found = self.database.raw.execute(select, (id_, first_ms, last_ms, chunk[0][0], chunk[-1][0]))
            for position, at_ms, value in found:
                reading = Reading(from_ms(at_ms), device, metric, _value(value))
                batches.setdefault(position, []).append(reading)
        for readings in batches.values():
            readings.sort(key=_order)
        return batches

    def last_received(self, home: str) -> float | None:
        """`received` of the home's last entry."""
        select = (
            "SELECT received_ms FROM entry WHERE home = (SELECT id FROM home WHERE name = ?)"
            " ORDER BY position DESC LIMIT 1"
        )
        row = self.database.raw.execute(select, (home,)).fetchone()
        return None if row is None else from_ms(row[0])

    def first_home(self, home: str) -> Home | None:
        """The home as it was first described."""
        return self._described(home, "ASC")

    def last_home(self, home: str) -> Home | None:
        """The home as it was last described."""
        return self._described(home, "DESC")

    def last_false_pages(self, home: str) -> float | None:
        """The dial as it was last set; None where it never was."""
        entry = self._setting(home, "false_pages", "DESC")
        return entry.false_pages if isinstance(entry, DialSet) else None

    def _described(self, home: str, order: str) -> Home | None:
        entry = self._setting(home, "home", order)
        return entry.home if isinstance(entry, HomeSet) else None

    def _setting(self, home: str, key: str, order: str) -> Entry | None:
        """The first or last entry of settings that has this key."""
        select = (
            "SELECT body FROM entry WHERE home = (SELECT id FROM home WHERE name = ?) AND kind = 'settings'"
            f" AND kind != 'readings' AND json_extract(body, ?) IS NOT NULL ORDER BY position {order} LIMIT 1"
        )
        row = self.database.raw.execute(select, (home, f"$.{key}")).fetchone()
        return None if row is None else parse_entry(json.loads(row[0]), where=f"log of {home}")

    def description(self, home: str) -> Description | None:
        """The home as its log describes it."""
        described: Description | None = None
        for entry in self._told(home, ("settings", "placement")):
            match entry:
                case HomeSet(received=at, home=told):
                    described = described or Description(Home(told.id, told.timezone))
                    described.tell(told, at)
                case PlacementTold(received=at, device=device, room=room) if described is not None:
                    described.place(device, room, at)
                case ScopeSet(scope=scope) if described is not None:
                    described.scope = scope
        if described is not None:
            for _, device, metric in self._series_of(home):
                described.hear(device, metric)
        return described

    def stays(self, home: str) -> Stays:
        """Absences and visits as the last word about each has them."""
        stays = Stays()
        for entry in self._told(home, ("settings", "absence", "visit")):
            _take_stay(stays, entry)
        return stays

    def _told(self, home: str, kinds: Sequence[str]) -> Iterator[Entry]:
        """The entries of these kinds, in order; the condition on readings lets their index be used."""
        select = (
            "SELECT position, body FROM entry WHERE home = (SELECT id FROM home WHERE name = ?)"
            f" AND kind IN ({', '.join('?' * len(kinds))}) AND kind != 'readings' ORDER BY position"
        )
        for position, body in self.database.raw.execute(select, (home, *kinds)):
            yield parse_entry(json.loads(body), where=f"log entry {position}")

    def _series_of(self, home: str) -> list[tuple[int, str, Metric]]:
        select = "SELECT id, device, metric FROM series WHERE home = (SELECT id FROM home WHERE name = ?)"
        rows = self.database.raw.execute(select, (home,)).fetchall()
        return [(id_, device, Metric(metric)) for id_, device, metric in rows]

    def _forget_void_ids(self) -> None:
        if self._rollbacks != self.database.rollbacks:
            self._rollbacks = self.database.rollbacks
            self._homes.clear()
            self._series.clear()

    def _home(self, home: str) -> int:
        id_ = self._homes.get(home)
        if id_ is None:
            with self.database.raw_transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO home (name) VALUES (?)", (home,))
                id_ = int(connection.execute("SELECT id FROM home WHERE name = ?", (home,)).fetchone()[0])
            self._homes[home] = id_
        return id_

    def _make_series(self, key: tuple[str, str, Metric]) -> int:
        home, device, metric = key
        values = (self._home(home), device, metric.value)
        with self.database.raw_transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO series (home, device, metric) VALUES (?, ?, ?)", values)
            select = "SELECT id FROM series WHERE home = ? AND device = ? AND metric = ?"
            id_ = int(connection.execute(select, values).fetchone()[0])
        self._series[key] = id_
        return id_


def _take_stay(stays: Stays, entry: Entry) -> None:
    match entry:
        case HomeSet(received=at, home=told):
            stays.describe([(absence.start, absence.end) for absence in told.absences], at)
        case AbsenceTold(received=at, absence=absence, by=by):
            stays.tell(Stay.ABSENCE, ToldStay(absence.start, absence.end, by, at))
        case VisitTold(received=at, start=start, end=end, by=by):
            stays.tell(Stay.VISIT, ToldStay(start, end, by, at))


def _order(reading: Reading) -> tuple[float, str, str]:
    return (reading.at, reading.device, reading.metric)


def _kept(value: Value) -> float | str:
    """A value as the column keeps it; see the schema."""
    return f"={value}" if isinstance(value, str) else float(value)


def _value(kept: float | str) -> Value:
    return kept[1:] if isinstance(kept, str) else kept
