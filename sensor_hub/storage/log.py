"""The log of all homes: what "stored" answers for, and what recovery reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Row, ScalarSelect, func, insert, literal_column, select

from sensor_hub.model.change import What
from sensor_hub.model.description import Description, stand
from sensor_hub.model.entry import (
    AbsenceTold,
    Arrival,
    DeviceGone,
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
from sensor_hub.model.reading import Reading
from sensor_hub.model.stay import Stay, Stays, ToldStay
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.readings import READINGS, Batch, readings_of
from sensor_hub.storage.tables.homes import home as homes
from sensor_hub.storage.tables.homes import series as all_series
from sensor_hub.storage.tables.log import entry as entries
from sensor_hub.watch.ports import Appended

OF_ENTRY = {
    AbsenceTold: What.ABSENCE_TOLD,
    VisitTold: What.VISIT_TOLD,
    PlacementTold: What.DEVICE_PLACED,
    DeviceGone: What.DEVICE_GONE,
    HomeSet: What.HOME_CHANGED,
    DialSet: What.HOME_CHANGED,
    ScopeSet: What.HOME_CHANGED,
}
"""What an entry is to who listens; others are told by what they change."""
CHUNK = 2000
"""Entries that are read at once: bounds the memory of a read over years."""
Mark = tuple[int, int, int]
EntryRow = Row[int, int, str, str | None, int | None, int | None]


class SqlHomeLog:
    """See `watch.ports.HomeLog`. Written by one thread; read by any."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._readings = readings_of(database)
        self._homes: dict[str, int] = {}
        self._series: dict[tuple[str, str, Metric], int] = {}
        self._rollbacks = 0

    def append_readings(self, home: str, received: float, readings: Sequence[Reading]) -> Appended | None:
        """Adds a batch; None where all of it was there already."""
        if not readings:
            return None
        self._forget_void_ids()
        with self.database.transaction() as connection:
            series, known = self._series, [(home, reading.device, reading.metric) for reading in readings]
            ids = [series.get(key) or self._make_series(key) for key in known]
            moments, values = [to_ms(reading.at) for reading in readings], [reading.value for reading in readings]
            batch = Batch(self._home(home), to_ms(received), ids, moments, values)
            added = self._readings.append(connection, batch)
        if added is None:
            return None
        position, indexes = added
        new = list(readings) if indexes is None else [readings[index] for index in indexes]
        new.sort(key=_order)
        return Appended(position, new)

    def append(self, home: str, entry: Entry) -> int:
        """Adds an entry that is no arrival, and gives its position."""
        self._forget_void_ids()
        row = entry_row(entry)
        with self.database.transaction() as connection:
            values = {"home": self._home(home), "received_ms": to_ms(entry.received), "kind": row["entry"]}
            added = insert(entries).values(**values, body=json.dumps(row, ensure_ascii=False))
            position: int = connection.execute(added.returning(entries.c.position)).scalar_one()
            what = OF_ENTRY.get(type(entry))
            if what is not None:
                about = entry.device if isinstance(entry, PlacementTold | DeviceGone) else ""
                room = entry.room.value if isinstance(entry, PlacementTold) else ""
                note_change(connection, what, entry.received, home=home, about=about, detail=room)
            if isinstance(entry, PlacementTold) and entry.instead_of:
                old, new = entry.instead_of, entry.device
                note_change(connection, What.DEVICE_GONE, entry.received, home=home, about=old, detail=new)
        return position

    def read(self, home: str, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries behind `after`: a batch's readings by (moment, device, metric), each as an arrival of its own."""
        row = (entries.c.position, entries.c.received_ms, entries.c.kind)
        columns = select(*row, entries.c.body, entries.c.first_ms, entries.c.last_ms).where(_is_of(home))
        while True:
            following = columns.where(entries.c.position > after).order_by(entries.c.position).limit(CHUNK)
            chunk = self.database.connection.execute(following).all()
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
        moments = min(first for first, _ in bounds), max(last for _, last in bounds)
        batches: dict[int, list[Reading]] = {}
        connection, positions = self.database.connection, (chunk[0][0], chunk[-1][0])
        for id_, device, metric in self._series_of(home):
            for position, at_ms, value in self._readings.between(connection, id_, moments, positions):
                batches.setdefault(position, []).append(Reading(from_ms(at_ms), device, metric, value))
        for readings in batches.values():
            readings.sort(key=_order)
        return batches

    def last_received(self, home: str) -> float | None:
        """`received` of the home's last entry."""
        last = select(entries.c.received_ms).where(_is_of(home)).order_by(entries.c.position.desc()).limit(1)
        received_ms = self.database.connection.execute(last).scalar()
        return None if received_ms is None else from_ms(received_ms)

    def first_home(self, home: str) -> Home | None:
        """The home as it was first described."""
        entry = self._setting(home, "home", is_last=False)
        return entry.home if isinstance(entry, HomeSet) else None

    def last_home(self, home: str) -> Home | None:
        """The home as it was last described."""
        entry = self._setting(home, "home", is_last=True)
        return entry.home if isinstance(entry, HomeSet) else None

    def last_false_pages(self, home: str) -> float | None:
        """The dial as it was last set; None where it never was."""
        entry = self._setting(home, "false_pages", is_last=True)
        return entry.false_pages if isinstance(entry, DialSet) else None

    def _setting(self, home: str, key: str, *, is_last: bool) -> Entry | None:
        """The first or last entry of settings that has this key."""
        order = entries.c.position.desc() if is_last else entries.c.position
        # The text is in few entries that have no such key: they are looked at as well.
        found = select(entries.c.body).where(_is_of(home), entries.c.kind == "settings", IS_TOLD).order_by(order)
        for body in self.database.connection.execute(found.where(entries.c.body.contains(f'"{key}":'))).scalars():
            if key in (row := json.loads(body or "{}")):
                return parse_entry(row, where=f"log of {home}")
        return None

    def marks_of(self, names: Collection[str]) -> dict[str, Mark]:
        """What changes whenever `description` or `stays` of a home may."""
        ids = select(homes.c.id).where(homes.c.name.in_(names))
        lasts = select(entries.c.home, func.max(entries.c.position)).where(IS_TOLD, entries.c.home.in_(ids))
        heard = select(all_series.c.home, func.max(all_series.c.id), func.count()).where(all_series.c.home.in_(ids))
        connection = self.database.connection
        last = dict(connection.execute(lasts.group_by(entries.c.home)).all())
        newest = {home: (id_, count) for home, id_, count in connection.execute(heard.group_by(all_series.c.home))}
        found = connection.execute(select(homes.c.name, homes.c.id).where(homes.c.name.in_(names)))
        return {name: (last.get(id_, 0), *newest.get(id_, (0, 0))) for name, id_ in found}

    def description(self, home: str) -> Description | None:
        """The home as its log describes it."""
        described: Description | None = None
        for entry in self._told(home, ("settings", "placement")):
            match entry:
                case HomeSet(received=at, home=told, scope=scope):
                    described = described or Description(Home(told.id, told.timezone))
                    described.tell(told, at)
                    described.scope = described.scope if scope is None else scope
                case PlacementTold() | DeviceGone() if described is not None:
                    stand(described, entry, entry.received)
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
        """The entries of these kinds, in order."""
        columns = select(entries.c.position, entries.c.body).where(_is_of(home), IS_TOLD)
        found = columns.where(entries.c.kind.in_(kinds)).order_by(entries.c.position)
        for position, body in self.database.connection.execute(found):
            yield parse_entry(json.loads(cast(str, body)), where=f"log entry {position}")

    def _series_of(self, home: str) -> list[tuple[int, str, Metric]]:
        found = select(all_series.c.id, all_series.c.device, all_series.c.metric).where(all_series.c.home == _id(home))
        rows = self.database.connection.execute(found).all()
        return [(id_, device, Metric(metric)) for id_, device, metric in rows]

    def _forget_void_ids(self) -> None:
        if self._rollbacks != self.database.rollbacks:
            self._rollbacks = self.database.rollbacks
            self._homes.clear()
            self._series.clear()

    def _home(self, home: str) -> int:
        id_ = self._homes.get(home)
        if id_ is None:
            with self.database.transaction() as connection:
                insert_new(connection, homes, {"name": home})
                id_ = int(connection.execute(select(homes.c.id).where(homes.c.name == home)).scalar_one())
            self._homes[home] = id_
        return id_

    def _make_series(self, key: tuple[str, str, Metric]) -> int:
        home, device, metric = key
        columns = all_series.c
        with self.database.transaction() as connection:
            of = self._home(home)
            insert_new(connection, all_series, {"home": of, "device": device, "metric": metric.value})
            is_it = (columns.home == of) & (columns.device == device) & (columns.metric == metric.value)
            id_ = int(connection.execute(select(columns.id).where(is_it)).scalar_one())
        self._series[key] = id_
        return id_


IS_TOLD = entries.c.kind != literal_column(f"'{READINGS}'")
"""Lets the index of what is no reading be used: SQLite asks for the very words, no bound value."""


def _id(home: str) -> ScalarSelect[int]:
    return select(homes.c.id).where(homes.c.name == home).scalar_subquery()


def _is_of(home: str) -> ColumnElement[bool]:
    return entries.c.home == _id(home)


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
