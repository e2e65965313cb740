"""How much the outbox may hold, and what is given up first when it is too much.

First what only says that a device is there, then all but one climate value an hour, then climate; signs of a person and
calls for help never.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import IntEnum

from gateway.streams import Stream, count_rows, drop_answered, mark_answered
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR

MARK_EVERY = HOUR
GIVE_UP_AT_ONCE = 5000
"""Rows given up in one transaction, so that a commit stays short on an SD card."""
THIN_AT_ONCE = 20_000
"""Rows looked at in one transaction while climate is thinned."""
ONE_IN = 3_600_000
"""Milliseconds of which thinned climate keeps one value of each series."""


class Worth(IntEnum):
    """What is given up first comes first."""

    SIGN_OF_LIFE = 0
    CLIMATE = 1
    PRECIOUS = 2


_PRECIOUS = ACTIVITY | {Metric.SMOKE, Metric.WATER_LEAK, Metric.SOS, Metric.BUTTON, Metric.VIBRATION}
_SIGNS_OF_LIFE = frozenset({Metric.ONLINE, Metric.LINK_QUALITY, Metric.BATTERY, Metric.BATTERY_VOLTAGE})


def worth(metric: Metric) -> Worth:
    if metric in _PRECIOUS:
        return Worth.PRECIOUS
    return Worth.SIGN_OF_LIFE if metric in _SIGNS_OF_LIFE else Worth.CLIMATE


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the outbox may hold. `answered_for`: how long rows stay that the hub has answered."""

    age: float = 45 * DAY
    size: int = 500_000_000
    answered_for: float = 2 * DAY


class Keeping:
    """Holds one file within its bounds, a little at every commit and within its transaction."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._thinned = 0
        """The row up to which climate was thinned."""

    def keep(self, db: sqlite3.Connection, streams: list[Stream], *, at: float, last: int) -> int:
        """Drops what is old or too much; returns how many unanswered rows were given up."""
        given_up = self._keep_age(db, streams, at=at, last=last)
        if _size(db) > self._bounds.size:
            given_up += self._keep_size(db, streams, last)
        if given_up:
            for stream in streams:
                stream.waiting = None
        return given_up

    def _keep_age(self, db: sqlite3.Connection, streams: list[Stream], *, at: float, last: int) -> int:
        """By when rows were accepted, not by their moments: a device's clock may be years off."""
        newest = db.execute("SELECT max(at) FROM mark").fetchone()[0]
        if newest is not None and newest <= at < newest + MARK_EVERY:
            return 0
        # A mark that lies ahead was made while the clock was wrong: it would keep its rows for ever.
        db.execute("UPDATE mark SET at = ? WHERE at > ?", (at, at))
        db.execute("INSERT INTO mark VALUES (?, ?)", (at, last))
        # Numbers go on from here though the rows that had them may be gone.
        db.execute("UPDATE state SET last = ?", (last,))
        mark_answered(db, streams, at)
        drop_answered(db, streams, at - self._bounds.answered_for, last)
        too_old = db.execute("SELECT max(number) FROM mark WHERE at <= ?", (at - self._bounds.age,)).fetchone()[0] or 0
        of_less_worth = "series IN (SELECT id FROM series WHERE worth < 2)"
        given_up = db.execute(f"DELETE FROM reading WHERE number <= ? AND {of_less_worth}", (too_old,)).rowcount
        db.execute("DELETE FROM mark WHERE at < ?", (at - self._bounds.age - DAY,))
        return given_up

    def _keep_size(self, db: sqlite3.Connection, streams: list[Stream], last: int) -> int:
        db.execute("UPDATE state SET last = ?", (last,))
        for stream in streams:
            answered = (stream.base, stream.base + stream.answered, GIVE_UP_AT_ONCE)
            if _delete(db, "number > ? AND number <= ?", answered):
                return 0
        given_up = _delete(db, _OF_WORTH, (Worth.SIGN_OF_LIFE, GIVE_UP_AT_ONCE)) or self._thin(db, last)
        return given_up or _delete(db, _OF_WORTH, (Worth.CLIMATE, GIVE_UP_AT_ONCE))

    def _thin(self, db: sqlite3.Connection, last: int) -> int:
        """Keeps the first value of each hour and series; 0 only when all of it was thinned."""
        while self._thinned < last:
            upto = min(self._thinned + THIN_AT_ONCE, last)
            query = "SELECT number, series, at FROM reading WHERE number > ? AND number <= ?"
            seen: set[tuple[int, int]] = set()
            surplus: list[tuple[int]] = []
            climate = {row[0] for row in db.execute("SELECT id FROM series WHERE worth = ?", (Worth.CLIMATE,))}
            for number, series, at in db.execute(f"{query} ORDER BY number", (self._thinned, upto)):
                if series in climate and (series, at // ONE_IN) in seen:
                    surplus.append((number,))
                seen.add((series, at // ONE_IN))
            self._thinned = upto
            if surplus:
                db.executemany("DELETE FROM reading WHERE number = ?", surplus)
                return len(surplus)
        return 0


_OF_WORTH = "series IN (SELECT id FROM series WHERE worth = ?)"


def _delete(db: sqlite3.Connection, which: str, values: tuple[int, ...]) -> int:
    """Deletes the oldest of `which`, as many as the last of `values` says."""
    rows = f"SELECT number FROM reading WHERE {which} ORDER BY number LIMIT ?"
    return db.execute(f"DELETE FROM reading WHERE number IN ({rows})", values).rowcount


def _size(db: sqlite3.Connection) -> int:
    """Bytes in use; pages that were freed are used again and do not count."""
    pages = db.execute("PRAGMA page_count").fetchone()[0] - db.execute("PRAGMA freelist_count").fetchone()[0]
    return int(pages) * int(db.execute("PRAGMA page_size").fetchone()[0])


def waiting_of(db: sqlite3.Connection, stream: Stream, last: int) -> int:
    """How many rows of the stream the hub has not answered; counted once, then kept up to date."""
    if stream.waiting is None:
        stream.waiting = count_rows(db, stream.base + stream.answered, stream.top(last))
    return stream.waiting
