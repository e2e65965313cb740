"""Forgets old readings in short transactions; what they were in each hour stays.

Nothing is forgotten that the watch would need: what is not in a home's snapshot, nor what the history beside the log
has not taken. Each transaction leaves everything consistent, and what is left to do is found anew: so it can be killed
anywhere and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from sensor_hub.model.entry import HubAway, entry_row, parse_entry
from sensor_hub.model.metric import Metric
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.kept_values import NUMBER
from sensor_hub.storage.readings import READINGS
from sensor_hub.storage.tables.homes import home as homes
from sensor_hub.storage.tables.homes import series, snapshot
from sensor_hub.storage.tables.log import entry, hour, reading

HOUR_MS = 3_600_000
SPAN_MS = 6 * HOUR_MS
"""Of a home's readings in one transaction, at most."""
LONG = 0.05
"""Seconds. After a transaction that took longer the next one is of half the time, after one of a quarter of that it is
of twice the time: whoever waits to write waits for no more than about two of these."""
BATCHES_AT_ONCE = 500
HOURS_AT_ONCE = 2000
Waiting = Callable[[], bool]
"""Lets others write between two transactions; whether to stop."""


class OldReadings:
    def __init__(
        self,
        database: Database,
        fed: Callable[[], int | None] = lambda: None,
        monotonic: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.database = database
        self.fed = fed
        """How far a history beside the log has taken it; None: there is none."""
        self.monotonic = monotonic
        self._span = SPAN_MS

    def homes(self) -> Sequence[str]:
        """All homes of which there is a log."""
        return list(self.database.connection.execute(select(homes.c.name).order_by(homes.c.id)).scalars())

    def forget(self, home: str, before: float, waiting: Waiting) -> int:
        """Readings measured before that, which is brought down to a whole hour, become hours. How many went."""
        numbers, buttons = self._series_of(home)
        before_ms, gone = to_ms(before) // HOUR_MS * HOUR_MS, 0
        first = self._first(numbers, 0)
        while first is not None and first < before_ms:
            end = min((first // self._span + 1) * self._span, before_ms)
            with self.database.transaction():
                # What it waits for others is not its own.
                began = self.monotonic()
                gone += self._forget_span(home, numbers, buttons, (first, end))
            self._span = span_after(self._span, self.monotonic() - began)
            if waiting():
                return gone
            first = self._first(numbers, end)
        while self._forget_batches(home, before_ms) and not waiting():
            pass
        return gone

    def forget_hours(self, home: str, before: float, waiting: Waiting) -> int:
        """Hours that began before that go as well. How many went."""
        numbers, _ = self._series_of(home)
        gone = 0
        for number in numbers:
            old = (hour.c.series == number) & (hour.c.at_h < to_ms(before) // HOUR_MS)
            some = select(hour.c.at_h).where(old).order_by(hour.c.at_h).limit(HOURS_AT_ONCE)
            while last := self.database.connection.execute(select(func.max(some.subquery().c.at_h))).scalar():
                which = (hour.c.series == number) & (hour.c.at_h <= last)
                with self.database.transaction() as connection:
                    gone += connection.execute(delete(hour).where(which)).rowcount
                if waiting():
                    return gone
        return gone

    def _forget_span(self, home: str, numbers: Sequence[int], buttons: set[int], span: tuple[int, int]) -> int:
        start, end = span
        mine = reading.c.series.in_(numbers) & (reading.c.at_ms >= start) & (reading.c.at_ms < end)
        mine &= reading.c.position <= self._upto(home)
        self._count(mine, buttons)
        return self.database.connection.execute(delete(reading).where(mine)).rowcount

    def _count(self, which: ColumnElement[bool], buttons: set[int]) -> None:
        """Adds these readings to their hours."""
        connection, at_h = self.database.connection, reading.c.at_ms // HOUR_MS
        ones = func.count().filter(NUMBER == 1)
        figures = func.count(), ones, func.min(NUMBER), func.max(NUMBER), func.sum(NUMBER)
        query = select(reading.c.series, at_h, *figures).where(which).group_by(reading.c.series, at_h)
        for number, at, count, one, *values in connection.execute(query).all():
            lowest, highest, total = (None, None, None) if number in buttons else values
            added = {"count": count, "ones": 0 if number in buttons else one, "total": total}
            there = connection.execute(select(hour).where(hour.c.series == number, hour.c.at_h == at)).first()
            if there is not None:
                # What came late, after its hour was closed.
                added = {name: _sum(value, there._mapping[name]) for name, value in added.items()}
                lowest, highest = _least(lowest, there.lowest), _most(highest, there.highest)
            put(connection, hour, {"series": number, "at_h": at, "lowest": lowest, "highest": highest, **added})

    def _forget_batches(self, home: str, before_ms: int) -> bool:
        """Some batches of which no reading is kept go from the log; whether there may be more.

        Where they stood the log says that the hub does not know of that time, or it would look like days of silence.
        """
        connection, upto = self.database.connection, self._upto(home)
        of_home = entry.c.home == select(homes.c.id).where(homes.c.name == home).scalar_subquery()
        batches = of_home & (entry.c.kind == READINGS) & (entry.c.position <= upto)
        columns = select(entry.c.position, entry.c.received_ms, entry.c.last_ms)
        rows = connection.execute(columns.where(batches).order_by(entry.c.position).limit(BATCHES_AT_ONCE)).all()
        old = [row for row in rows if row.last_ms < before_ms]
        if not old:
            return False
        with self.database.transaction():
            kept = self._tell_gap(of_home, old[0], from_ms(before_ms))
            positions = [row.position for row in old if row.position != kept]
            connection.execute(delete(entry).where(entry.c.position.in_(positions)))
        return len(old) == BATCHES_AT_ONCE

    def _tell_gap(self, of_home: ColumnElement[bool], batch: Any, end: float) -> int | None:
        """Takes the place of the first batch that goes, if it is not told yet; that place."""
        connection = self.database.connection
        first_ms = connection.execute(select(entry.c.received_ms).where(of_home).order_by(entry.c.position).limit(1))
        start = from_ms(first_ms.scalar_one())
        aways = select(entry.c.position, entry.c.body).where(of_home & (entry.c.kind == "hub_away"))
        # The hub may have been away before the first batch, too.
        for told in connection.execute(aways.order_by(entry.c.position)).all():
            gap = parse_entry(json.loads(told.body), where=f"log entry {told.position}")
            if isinstance(gap, HubAway) and gap.start == start:
                self._write(told.position, replace(gap, end=max(gap.end, end)))
                return None
        self._write(batch.position, HubAway(from_ms(batch.received_ms), start, end))
        return int(batch.position)

    def _write(self, position: int, gap: HubAway) -> None:
        row = entry_row(gap)
        values = {"kind": row["entry"], "body": json.dumps(row), "first_ms": None, "last_ms": None}
        self.database.connection.execute(update(entry).where(entry.c.position == position).values(**values))

    def _upto(self, home: str) -> int:
        """The last position that nobody needs any more."""
        found = select(snapshot.c.position).where(snapshot.c.home == home)
        taken, fed = self.database.connection.execute(found).scalar() or 0, self.fed()
        return taken if fed is None else min(taken, fed)

    def _series_of(self, home: str) -> tuple[list[int], set[int]]:
        """The home's series, and those of them that are buttons."""
        found = select(series.c.id, series.c.metric).join(homes, homes.c.id == series.c.home)
        rows = self.database.connection.execute(found.where(homes.c.name == home)).all()
        return [row.id for row in rows], {row.id for row in rows if row.metric == Metric.BUTTON}

    def _first(self, numbers: Sequence[int], start_ms: int) -> int | None:
        """The moment of their first reading from then on; found in each series, without reading on."""
        mine = reading.c.series == series.c.id, reading.c.at_ms >= start_ms
        first = select(func.min(reading.c.at_ms)).where(*mine).correlate(series).scalar_subquery()
        found = self.database.connection.execute(select(first).where(series.c.id.in_(numbers))).scalars()
        return min((at_ms for at_ms in found if at_ms is not None), default=None)


def span_after(span: int, took: float) -> int:
    """Milliseconds, in whole hours, for the transaction after one of `span` that took so many seconds."""
    if took > LONG:
        return max(span // 2 // HOUR_MS, 1) * HOUR_MS
    return min(2 * span, SPAN_MS) if took < LONG / 4 else span


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def _least(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else min(one, other)


def _most(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
