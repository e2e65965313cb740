"""The logs of all homes by position, and how far a history beside them has come; see `history.tail`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, true

from sensor_hub.history.port import HOUR_SECONDS
from sensor_hub.history.tail import Chunk, Hour, Series
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value
from sensor_hub.storage.database import Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.kept_values import NUMBER
from sensor_hub.storage.readings import READINGS, readings_of
from sensor_hub.storage.tables.homes import home as homes
from sensor_hub.storage.tables.homes import series
from sensor_hub.storage.tables.log import entry, hour, reading

POSITION, HUB = "history.position", "history.hub"
HOUR_MS = HOUR_SECONDS * 1000
Span = tuple[int, int]
ALL = (0, 2**62)


class LogTail:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._readings = readings_of(database)

    def head(self) -> int:
        found = self.database.connection.execute(select(func.max(entry.c.position))).scalar()
        return int(found or 0)

    def after(self, position: int, limit: int) -> Chunk | None:
        columns = entry.c.position, entry.c.home, entry.c.kind, entry.c.first_ms, entry.c.last_ms
        query = select(*columns).where(entry.c.position > position).order_by(entry.c.position).limit(limit)
        with self.database.view() as connection:
            rows = connection.execute(query).all()
            if not rows:
                return None
            spans: dict[int, list[Span]] = {}
            for row in rows:
                if row.kind == READINGS:
                    spans.setdefault(row.home, []).append((row.first_ms, row.last_ms))
            between = (position + 1, rows[-1].position)
            found = {
                each: kept
                for home_id, of_home in spans.items()
                for each in self._series_where(series.c.home == home_id)
                if (kept := list(self._kept(each, _joined(of_home), between)))
            }
        return Chunk(rows[-1].position, found)

    def hours(self, series: Series, start_ms: int, end_ms: int) -> Sequence[Hour]:
        at_h = reading.c.at_ms // HOUR_MS
        ones = func.sum(case((NUMBER == 1, 1), else_=0))
        figures = (func.count(), ones, func.min(NUMBER), func.max(NUMBER), func.sum(NUMBER))
        fresh = select(at_h, *figures).where(*_within(series, (start_ms, end_ms - 1))).group_by(at_h)
        kept = hour.c.at_h, hour.c.count, hour.c.ones, hour.c.lowest, hour.c.highest, hour.c.total
        span = hour.c.at_h.between(start_ms // HOUR_MS, (end_ms - 1) // HOUR_MS)
        old = select(*kept).where(hour.c.series == series.id, span)
        found: dict[int, Hour] = {}
        for query in (fresh, old):
            for at, count, one, *numbers in self.database.connection.execute(query):
                is_button = series.metric is Metric.BUTTON
                each = Hour(at * HOUR_MS, count, *((0, None, None, None) if is_button else (int(one), *numbers)))
                found[at] = found[at] + each if at in found else each
        return [found[at] for at in sorted(found)]

    def forgotten(self, home: str | None = None) -> Sequence[tuple[Series, int, int]]:
        first, last = func.min(hour.c.at_h), func.max(hour.c.at_h)
        query = select(hour.c.series, first, last).group_by(hour.c.series)
        spans = {number: (start, end) for number, start, end in self.database.connection.execute(query)}
        which = series.c.id.in_(select(hour.c.series)) & (true() if home is None else homes.c.name == home)
        return [
            (each, spans[each.id][0] * HOUR_MS, (spans[each.id][1] + 1) * HOUR_MS)
            for each in self._series_where(which)
            if each.id in spans
        ]

    def counts(self, since_ms: int) -> dict[str, int]:
        """How many readings each home has from then on."""
        both = reading.join(series, series.c.id == reading.c.series).join(homes, homes.c.id == series.c.home)
        query = select(homes.c.name, func.count()).select_from(both).where(reading.c.at_ms >= since_ms)
        return dict(self.database.connection.execute(query.group_by(homes.c.name)).all())

    def series_of(self, home: str) -> Sequence[Series]:
        return self._series_where(homes.c.name == home)

    def readings_of(self, series: Series) -> Iterator[tuple[int, Value]]:
        found = self._readings.between(self.database.connection, series.id, ALL, ALL)
        return ((at_ms, value) for _, at_ms, value in found)

    def covers(self, position: int, home: str, start_ms: int, end_ms: int) -> bool:
        """Whether no entry behind `position` has a reading of the home in that time."""
        query = (
            select(entry.c.position)
            .join(homes, homes.c.id == entry.c.home)
            .where(homes.c.name == home, entry.c.position > position, entry.c.kind == READINGS)
            .where(entry.c.last_ms >= start_ms, entry.c.first_ms < end_ms)
            .limit(1)
        )
        return self.database.connection.execute(query).first() is None

    def _kept(self, series: Series, spans: Iterable[Span], between: Span) -> Iterator[tuple[int, Value]]:
        """A series' readings of entries in `between`, found by their moments: they have no index by entry."""
        for span in spans:
            found = self._readings.between(self.database.connection, series.id, span, between)
            yield from ((at_ms, value) for _, at_ms, value in found)

    def _series_where(self, which: ColumnElement[bool]) -> Sequence[Series]:
        columns = series.c.id, homes.c.name, series.c.device, series.c.metric
        query = select(*columns).join(homes, homes.c.id == series.c.home).where(which)
        rows = self.database.connection.execute(query)
        return [Series(id_, name, device, Metric(metric)) for id_, name, device, metric in rows]


class HistoryPlace:
    """See `history.tail.FeedPlace`."""

    def __init__(self, memory: SqlHubMemory) -> None:
        self.memory = memory

    def hub(self) -> str:
        kept = self.memory.get(HUB)
        if kept is None:
            kept = secrets.token_hex(8)
            self.memory.keep(HUB, kept)
        return kept

    def position(self) -> int:
        return int(self.memory.get(POSITION) or 0)

    def keep(self, position: int) -> None:
        self.memory.keep(POSITION, str(position))

    def move(self, before: int, position: int) -> bool:
        with self.memory.database.transaction():
            if self.position() != before:
                return False
            self.keep(position)
        return True


def _within(series: Series, span: Span) -> tuple[Any, ...]:
    return reading.c.series == series.id, reading.c.at_ms.between(*span)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same moments in fewer spans: those that are less than an hour apart are one."""
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + HOUR_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
