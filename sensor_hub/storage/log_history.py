"""The history as the log's own table has it: what charts show where no other is set up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from sensor_hub.history.port import HOUR_SECONDS, Bin, HourRow, Measure, Of, Window
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.kept_values import IS_NUMBER, NUMBER, value_columns, value_of
from sensor_hub.storage.tables.homes import home, series
from sensor_hub.storage.tables.log import reading

AT_ONCE = to_ms(DAY)
"""Milliseconds of readings that are read at once: bounds the memory of a read over years."""


class LogHistory:
    """See `history.port.History`. It can always answer."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        number: ColumnElement[Any] = func.avg(NUMBER) if measure is Measure.MEAN else func.count()
        bin_ = reading.c.at_ms // (window.width * 1000)
        query = _about(select(bin_, series.c.device, number), of, to_ms(window.start), to_ms(window.end))
        if measure is not Measure.COUNT:
            query = query.where(IS_NUMBER)
        if measure is Measure.ONES:
            query = query.where(NUMBER == 1)
        rows = self._all(query.group_by(bin_, series.c.device))
        return sorted(
            (Bin(device, float(at * window.width), float(value)) for at, device, value in rows),
            key=lambda found: (found.at, found.device),
        )

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        hour_ms = HOUR_SECONDS * 1000
        hour = reading.c.at_ms // hour_ms
        figures = func.count(), func.min(NUMBER), func.avg(NUMBER), func.max(NUMBER)
        first, behind = (-(-to_ms(at) // hour_ms) * hour_ms for at in (start, end))
        query = _about(select(hour, series.c.device, series.c.metric, *figures), of, first, behind)
        found = []
        for at, device, metric, count, *numbers in self._all(query.group_by(hour, series.c.device, series.c.metric)):
            low, mean, high = (None, None, None) if metric == Metric.BUTTON else numbers
            found.append(HourRow(device, Metric(metric), float(at * HOUR_SECONDS), count, low, mean, high))
        return sorted(found, key=lambda row: (row.at, row.device, row.metric))

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        columns = reading.c.at_ms, series.c.device, series.c.metric, *value_columns(self.database)
        at_ms, end_ms = self._next(of, to_ms(start), to_ms(end)), to_ms(end)
        while at_ms is not None:
            behind = min(at_ms + AT_ONCE, end_ms)
            rows = self._all(_about(select(*columns), of, at_ms, behind))
            for at, device, metric, *kept in sorted(rows, key=lambda row: (row[0], row[1], row[2])):
                yield Reading(from_ms(at), device, Metric(metric), value_of(*kept))
            at_ms = self._next(of, behind, end_ms)

    def _next(self, of: Of, start_ms: int, end_ms: int) -> int | None:
        """The moment of the first reading from then on; found in each series, without reading on."""
        if start_ms >= end_ms:
            return None
        mine = reading.c.series == series.c.id, reading.c.at_ms >= start_ms, reading.c.at_ms < end_ms
        first = select(func.min(reading.c.at_ms)).where(*mine).correlate(series).scalar_subquery()
        found = [at_ms for (at_ms,) in self._all(select(first).where(*_series(of))) if at_ms is not None]
        return min(found, default=None)

    def _all(self, query: Select[Any]) -> Sequence[Any]:
        return self.database.connection.execute(query).all()


def _series(of: Of) -> list[ColumnElement[bool]]:
    terms = [series.c.home == select(home.c.id).where(home.c.name == of.home).scalar_subquery()]
    if of.device is not None:
        terms.append(series.c.device == of.device)
    if of.metrics is not None:
        terms.append(series.c.metric.in_(sorted(of.metrics)))
    return terms


def _about(query: Select[Any], of: Of, start_ms: int, end_ms: int) -> Select[Any]:
    joined = query.select_from(reading.join(series, reading.c.series == series.c.id)).where(*_series(of))
    return joined.where(reading.c.at_ms >= start_ms, reading.c.at_ms < end_ms)
