"""The outbox: readings that were accepted, on disk until the hub has said that it holds them.

A reading is accepted once `append` has returned: its row is then flushed to the disk (write-ahead log, synchronous
FULL), so SIGKILL or a power cut at any instant leaves either all of a call's readings or none of them. Rows are
numbered from 1 and belong to a stream, a random id made with the file. Answered rows stay for two days, so that what a
source says again is recognised.
"""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import TypeVar

from gateway.rows import (
    MOST_REJECTED,
    PRECIOUS,
    Bounds,
    Damaged,
    is_damage,
    keep_bounds,
    new_stream,
    open_database,
    set_aside,
    transaction,
)
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, Value
from sensor_hub.model.wire import MOST_BYTES, MOST_READINGS, Batch

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_TEXT = 256
"""Characters of a button's action; nothing that a device says is longer."""
_KNOWN = frozenset(Metric)
ROW_BYTES = 128
"""No record of a pack is longer, but for its device's id and its text."""


class Answer(Enum):
    """What an answer of the hub did to the outbox."""

    PROGRESS = "rows were answered"
    NOTHING = "all of it was known"
    FOREIGN = "it is about another stream"
    RENEWED = "the hub holds rows that are not here: the rest goes on in a new stream"


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an `append`. Repeats are readings that were there; unfit ones cannot be said on the wire."""

    accepted: int = 0
    repeats: int = 0
    unfit: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that became no reading, kept so that somebody can see why."""

    at: float
    reason: str
    device: str
    detail: str
    topic: str


class Outbox:
    """One file of accepted readings. Any thread may call it; `open_outbox` makes it."""

    def __init__(self, path: Path, db: sqlite3.Connection, bounds: Bounds) -> None:
        self._path = path
        self._bounds = bounds
        self._lock = Lock()
        self._adopt(db)

    def _adopt(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.stream, self.last, self._answered = db.execute("SELECT stream, last, answered FROM state").fetchone()
        # A number is never given twice, whatever became of the file.
        self.last = max(self.last, db.execute("SELECT max(number) FROM reading").fetchone()[0] or 0)
        self._names: dict[int, tuple[str, Metric]] = {}
        self._series: dict[tuple[str, Metric], int] = {}

    def append(self, readings: Sequence[Reading], *, at: float, samples: Sequence[Sample] = ()) -> Appended:
        """Accepts the readings, all in one transaction: they are on the disk when it returns.

        Of two values of one metric of one device at one moment the later moves by 1 ms; the same value is a repeat.
        Raises sqlite3.Error while the disk takes nothing; then nothing was accepted.
        """
        return self._run(lambda db: self._append(db, readings, at, samples))

    def batch(self, after: int, boot: str) -> Batch | None:
        """The next rows after `after` that fit a message, None when there are none."""
        return self._run(lambda db: self._batch(db, after, boot))

    def answer(self, stream: str, upto: int) -> Answer:
        """The hub holds all rows of `stream` up to `upto`: they need not be sent again."""
        with self._lock:
            if stream != self.stream:
                return Answer.FOREIGN
            if upto > self.last:
                self._renew()
                return Answer.RENEWED
            if upto <= self._answered:
                return Answer.NOTHING
            # On the disk with the next rows: a power cut before makes us say something again, which is harmless.
            self._answered = upto
            return Answer.PROGRESS

    def kept(self) -> int:
        """Everything up to this number was answered or given up."""
        return self._run(self._kept)

    def waiting(self) -> int:
        """How many rows the hub has not answered."""
        return int(self._run(lambda db: self._one(db, "SELECT count(*) FROM reading WHERE number > ?")) or 0)

    def oldest(self) -> float | None:
        """The moment of the first row that waits."""
        query = "SELECT at FROM reading WHERE number > ? ORDER BY number LIMIT 1"
        found = self._run(lambda db: self._one(db, query))
        return None if found is None else found / 1000

    def close(self) -> None:
        """Writes down what was answered and closes the file."""
        with self._lock:
            try:
                self._db.execute("UPDATE state SET answered = ?", (self._answered,))
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:
                log.warning("the outbox could not be closed in order (%s); nothing is lost", error)
            self._db.close()

    def _run(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """One use of the file at a time; a file found damaged is set aside and a new one begun."""
        with self._lock:
            try:
                return act(self._db)
            except sqlite3.Error as error:
                self._names.clear()
                self._series.clear()
                if not is_damage(error):
                    raise
                self._db.close()
                self._adopt(_begin_anew(self._path, str(error)))
                return act(self._db)

    def _append(
        self, db: sqlite3.Connection, readings: Sequence[Reading], at: float, samples: Sequence[Sample]
    ) -> Appended:
        last = self.last
        repeats = unfit = 0
        with transaction(db):
            for reading in readings:
                if not _is_fit(reading.value):
                    unfit += 1
                elif self._insert(db, last + 1, reading):
                    last += 1
                else:
                    repeats += 1
            _keep_samples(db, samples)
            db.execute("UPDATE state SET last = ?, answered = ?", (last, self._answered))
            given_up = keep_bounds(db, self._bounds, at=at, last=last, answered=self._answered)
        accepted, self.last = last - self.last, last
        return Appended(accepted, repeats, unfit, given_up)

    def _insert(self, db: sqlite3.Connection, number: int, reading: Reading) -> bool:
        series = self._series_id(db, reading.device, reading.metric)
        moment, value = round(reading.at * 1000), _compact(reading.value)
        row = "INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?)"
        if db.execute(row, (number, series, moment, value)).rowcount:
            return True
        taken = db.execute("SELECT at, value FROM reading WHERE series = ? AND at >= ? ORDER BY at", (series, moment))
        for at, other in taken:
            if at != moment:
                break
            if other == value:
                return False
            moment += 1
        taken.close()
        return db.execute(row, (number, series, moment, value)).rowcount == 1

    def _series_id(self, db: sqlite3.Connection, device: str, metric: Metric) -> int:
        found = self._series.get((device, metric))
        if found is None:
            added = "INSERT OR IGNORE INTO series (device, metric, precious) VALUES (?, ?, ?)"
            db.execute(added, (device, metric.value, metric in PRECIOUS))
            query = "SELECT id FROM series WHERE device = ? AND metric = ?"
            found = int(db.execute(query, (device, metric.value)).fetchone()[0])
            self._series[device, metric] = found
        return found

    def _batch(self, db: sqlite3.Connection, after: int, boot: str) -> Batch | None:
        kept = self._kept(db)
        start = upto = max(after, kept)
        room = MOST_BYTES // 2
        readings: list[Reading] = []
        query = "SELECT number, series, at, value FROM reading WHERE number > ? ORDER BY number LIMIT ?"
        for number, series, at, value in db.execute(query, (start, MOST_READINGS)).fetchall():
            name = self._name(db, series)
            if name is None:
                upto = number
                continue
            device, metric = name
            room -= ROW_BYTES + len(device) + (4 * len(value) if isinstance(value, str) else 0)
            if room < 0:
                break
            readings.append(Reading(at / 1000, device, metric, value))
            upto = number
        return Batch(self.stream, kept, start, upto, boot, readings) if upto > start else None

    def _name(self, db: sqlite3.Connection, series: int) -> tuple[str, Metric] | None:
        """None for a metric that this version does not know: its rows came from a later one."""
        if series not in self._names:
            row = db.execute("SELECT device, metric FROM series WHERE id = ?", (series,)).fetchone()
            if row is None or row[1] not in _KNOWN:
                return None
            self._names[series] = (row[0], Metric(row[1]))
        return self._names[series]

    def _kept(self, db: sqlite3.Connection) -> int:
        first = self._one(db, "SELECT min(number) FROM reading WHERE number > ?")
        return self.last if first is None else first - 1

    def _one(self, db: sqlite3.Connection, query: str) -> int | None:
        row = db.execute(query, (self._answered,)).fetchone()
        return None if row is None else row[0]

    def _renew(self) -> None:
        """The file is an older copy of itself: its next numbers mean other readings to the hub than to us."""
        stream = new_stream()
        self._db.execute("UPDATE state SET stream = ?", (stream,))
        self.stream = stream
        log.warning("the hub knows more of this outbox than it holds, as after restoring a copy: a new stream is begun")


def open_outbox(path: Path, bounds: Bounds = Bounds()) -> Outbox:  # noqa: B008
    """The outbox in the file. One that cannot be used is set aside and a new one begun; OSError without a place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        db = open_database(path)
    except Damaged as error:
        db = _begin_anew(path, str(error))
    return Outbox(path, db, bounds)


def _begin_anew(path: Path, why: str) -> sqlite3.Connection:
    aside = set_aside(path)
    log.error("the outbox cannot be used (%s): it was set aside as %s and a new one begun", why, aside.name)
    return open_database(path)


def _keep_samples(db: sqlite3.Connection, samples: Sequence[Sample]) -> None:
    if not samples:
        return
    rows = [
        (sample.at, _sound(sample.reason), _sound(sample.device), _sound(sample.detail), _sound(sample.topic))
        for sample in samples
    ]
    db.executemany("INSERT INTO rejected (at, reason, device, detail, topic) VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?", (MOST_REJECTED,))


def _is_fit(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_TEXT and value == _sound(value)
    return math.isfinite(value)


def _sound(text: str) -> str:
    """The text without the halves of letters that JSON can say and UTF-8 cannot."""
    return text.encode(errors="replace").decode()


def _compact(value: Value) -> Value:
    """Whole numbers take one byte instead of eight, on the disk and on the wire."""
    if isinstance(value, str) or abs(value) > 2**53 or value != int(value):
        return value
    return int(value)
