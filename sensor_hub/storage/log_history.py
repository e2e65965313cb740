"""The history as the log's own tables have it: what charts show where no other is set up.

Of the time of which readings are not kept any more it knows the hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select

from sensor_hub.history.port import HOUR_SECONDS, Bin, HistoryError, HourRow, Measure, Of, Window
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, iso
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.kept_values import IS_NUMBER, NUMBER, value_columns, value_of
from sensor_hub.storage.tables.homes import home, series
from sensor_hub.storage.tables.log import hour, reading

AT_ONCE = to_ms(DAY)
"""Milliseconds of readings that are read at once: bounds the memory of a read over years."""


class LogHistory:
    """See `history.port.History`. Only single readings that are not kept any more it cannot give."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        """One series after the other: the database then sorts numbers of one, not names of all."""
        figures: dict[tuple[float, str], list[float]] = {}
        queries = _fresh(window, measure), _old(window, measure)
        mine = select(series.c.id, series.c.device).where(*_series(of))
        for number, device in self._all(mine if measure is Measure.COUNT else mine.where(IS_NUMBER)):
            for query in queries:
                for at, count, total in self._all(query, {"of": number}):
                    figure = figures.setdefault((float(at * window.width), device), [0, 0.0])
                    figure[0] += int(count or 0)
                    figure[1] += total or 0.0
        is_mean = measure is Measure.MEAN
        found = sorted((key, number, total) for key, (number, total) in figures.items() if number)
        return [Bin(device, at, total / number if is_mean else float(number)) for (at, device), number, total in found]

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        hour_ms = HOUR_SECONDS * 1000
        at_h = reading.c.at_ms // hour_ms
        figures = func.count(), func.min(NUMBER), func.sum(NUMBER), func.max(NUMBER)
        first, behind = (-(-to_ms(at) // hour_ms) * hour_ms for at in (start, end))
        fresh = _about(select(at_h, series.c.device, series.c.metric, *figures), of, first, behind)
        kept = hour.c.count, hour.c.lowest, hour.c.total, hour.c.highest
        old = _hours(select(hour.c.at_h, series.c.device, series.c.metric, *kept), of, start, end)
        found: dict[tuple[int, str, str], list[tuple[int, float | None, float | None, float | None]]] = {}
        rows = (*self._all(fresh.group_by(at_h, series.c.device, series.c.metric)), *self._all(old))
        for at, device, metric, *numbers in rows:
            found.setdefault((at, device, metric), []).append(tuple(numbers))
        return [_row(key, parts) for key, parts in sorted(found.items())]

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        last = self._all(_hours(select(func.max(hour.c.at_h)), of, start, end))[0][0]
        if last is not None:
            since = iso((last + 1) * HOUR_SECONDS)
            raise HistoryError(
                f"single readings are kept from {since} on, of the time before only figures of each hour"
            )
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

    def _all(self, query: Select[Any], terms: Mapping[str, object] | None = None) -> Sequence[Any]:
        return self.database.connection.execute(query, terms or {}).all()


def _fresh(window: Window, measure: Measure) -> Select[Any]:
    """Of readings of a series that are kept: bin, how many and their sum."""
    bin_ = reading.c.at_ms // (window.width * 1000)
    total = func.sum(NUMBER) if measure is Measure.MEAN else literal(0.0)
    when = reading.c.at_ms >= to_ms(window.start), reading.c.at_ms < to_ms(window.end)
    query = select(bin_, func.count(), total).where(reading.c.series == bindparam("of"), *when)
    return (query.where(NUMBER == 1) if measure is Measure.ONES else query).group_by(bin_)


def _old(window: Window, measure: Measure) -> Select[Any]:
    """The same of hours. Where bins are narrower than an hour, all of it is in the one in which the hour began."""
    bin_ = hour.c.at_h * HOUR_SECONDS // window.width
    number = func.sum(hour.c.ones if measure is Measure.ONES else hour.c.count)
    query = select(bin_, number, func.sum(hour.c.total)).where(hour.c.series == bindparam("of"))
    return query.where(*_hours_between(window.start, window.end)).group_by(bin_)


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


def _hours(query: Select[Any], of: Of, start: float, end: float) -> Select[Any]:
    """Of the hours that begin in that time."""
    joined = query.select_from(hour.join(series, hour.c.series == series.c.id)).where(*_series(of))
    return joined.where(*_hours_between(start, end))


def _hours_between(start: float, end: float) -> tuple[ColumnElement[bool], ...]:
    first, behind = (math.ceil(at / HOUR_SECONDS) for at in (start, end))
    return hour.c.at_h >= first, hour.c.at_h < behind


def _row(key: tuple[int, str, str], parts: Sequence[tuple[int, float | None, float | None, float | None]]) -> HourRow:
    """An hour of which some readings may be kept and others not."""
    at, device, metric = key
    count = sum(part[0] for part in parts)
    row = (device, Metric(metric), float(at * HOUR_SECONDS), count)
    if metric == Metric.BUTTON:
        return HourRow(*row, None, None, None)
    lows, totals, highs = ([number for part in parts if (number := part[place]) is not None] for place in (1, 2, 3))
    return HourRow(*row, min(lows), sum(totals) / count, max(highs))
