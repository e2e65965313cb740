"""One open outbox file: its rows, streams and names, for a caller that lets nobody else in meanwhile."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from enum import Enum

from gateway.bounds import Bounds, Keeping, waiting_of
from gateway.rows import Sample, keep_samples, transaction
from gateway.salvage import Count, HeldRow
from gateway.series import Series, compact, is_fit
from gateway.streams import Stream, load_streams, rename, save_answered, seal_live
from gateway.withdrawn import discard_rows, forget_samples
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, Value
from sensor_hub.model.wire import MOST_BYTES, MOST_READINGS, Batch

log = logging.getLogger(__name__)

ROW_BYTES = 128
"""No record of a pack is longer, but for its device's id and its text."""
SAVE_ANSWERED_AFTER = 500
"""Answered rows after which that is written down; a power cut before makes us say them again, which is harmless."""

_ADD = "INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?)"
Row = tuple[int, int, int, Value]
"""As the file keeps a reading: number, series, milliseconds, value."""


class Answer(Enum):
    """What an answer of the hub did to the outbox."""

    PROGRESS = "rows were answered"
    NOTHING = "all of it was known"
    BACK = "the hub holds less than it did: the rest is sent again"
    FOREIGN = "it is about another stream"
    RENEWED = "the hub holds rows that are not here: the rest goes on in a new stream"


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an `append`. Repeats are readings that were there; unfit ones cannot be said on the wire."""

    accepted: int = 0
    repeats: int = 0
    unfit: int = 0
    given_up: int = 0


class Book:
    """The rows of one file. Every method that changes it is one transaction."""

    def __init__(self, db: sqlite3.Connection, bounds: Bounds) -> None:
        self.db = db
        self._keeping = Keeping(bounds)
        self.streams: list[Stream] = load_streams(db)
        self.last: int
        self.lost: int
        last, self.lost = db.execute("SELECT last, lost FROM state").fetchone()
        # A number is never given twice, whatever became of the rows that had it.
        highest = [stream.base + stream.answered for stream in self.streams] + [self.streams[-1].base]
        self.last = max(last, db.execute("SELECT max(number) FROM reading").fetchone()[0] or 0, *highest)
        self.last_at_open = self.last
        self.held = int(db.execute("SELECT count(*) FROM held").fetchone()[0])
        self._unsaved = 0
        self.series = Series(db)

    @property
    def live(self) -> Stream:
        return self.streams[-1]

    def recover(self) -> None:
        """After a transaction that was rolled back: what it made is not there."""
        self.series.forget()
        self.streams = load_streams(self.db)

    def append(self, readings: Iterable[Reading], at: float, samples: Sequence[Sample] = ()) -> Appended:
        with transaction(self.db):
            last, counted = self._insert_all(readings)
            keep_samples(self.db, samples)
            if self._unsaved >= SAVE_ANSWERED_AFTER:
                save_answered(self.db, self.streams)
            given_up = self._keeping.keep(self.db, self.streams, at=at, last=last)
        if self._unsaved >= SAVE_ANSWERED_AFTER:
            self._unsaved = 0
        accepted = self._advance(last)
        return Appended(accepted, counted.repeats, counted.unfit, given_up)

    def hold(self, rows: Sequence[HeldRow], samples: Sequence[Sample]) -> Appended:
        """Keeps readings whose moments are not known yet."""
        fit = [row for row in rows if is_fit(row.reading.value)]
        with transaction(self.db):
            for row in fit:
                series = self.series.id_of(row.reading.device, row.reading.metric)
                values = (row.boot, row.base, series, round(row.reading.at * 1000), compact(row.reading.value))
                self.db.execute("INSERT INTO held (boot, base, series, at, value) VALUES (?, ?, ?, ?, ?)", values)
            keep_samples(self.db, samples)
        self.held += len(fit)
        return Appended(len(fit), 0, len(rows) - len(fit))

    def held_rows(self) -> list[HeldRow]:
        query = "SELECT boot, base, series, at, value FROM held ORDER BY id"
        found = self.db.execute(query).fetchall()
        return [
            HeldRow(boot, base, Reading(at / 1000, *name, value))
            for boot, base, series, at, value in found
            if (name := self.series.name_of(series)) is not None
        ]

    def settle(self, dated: Sequence[Reading], *, at: float, is_sure: bool) -> Appended:
        """What was held becomes rows with these moments; unsure ones are marked."""
        with transaction(self.db):
            last, counted = self._insert_all(dated)
            self.db.execute("DELETE FROM held")
            if not is_sure and last > self.last:
                self.db.execute("INSERT INTO unsure VALUES (?, ?)", (self.last + 1, last))
            given_up = self._keeping.keep(self.db, self.streams, at=at, last=last)
        self.held = 0
        return Appended(self._advance(last), counted.repeats, counted.unfit, given_up)

    def restore(self, readings: Sequence[Reading]) -> int:
        """Takes over what was read of a damaged file; how many rows that made."""
        with transaction(self.db):
            last, _ = self._insert_all(readings)
        return self._advance(last)

    def note_loss(self, lost: int) -> None:
        self.lost += lost
        self.db.execute("UPDATE state SET lost = ?", (self.lost,))

    def discard(self, scope: Set[Metric]) -> int:
        """Deletes some of what is outside the scope; how many rows, 0 when nothing is left."""
        self.db.execute("PRAGMA secure_delete = ON")
        with transaction(self.db):
            self.db.execute("UPDATE state SET last = ?", (self.last,))
            deleted = discard_rows(self.db, scope)
            if not deleted:
                forget_samples(self.db)
        self.db.execute("PRAGMA secure_delete = OFF")
        self.held = int(self.db.execute("SELECT count(*) FROM held").fetchone()[0])
        for stream in self.streams:
            stream.waiting = None
        if not deleted:
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return deleted

    def seal(self) -> bool:
        """Ends the live stream where it has rows; whether it did."""
        if self.last == self.live.base:
            return False
        with transaction(self.db):
            save_answered(self.db, self.streams)
            self.db.execute("UPDATE state SET last = ?", (self.last,))
            seal_live(self.db, self.streams, self.last)
        return True

    def answer(self, name: str, upto: int, sent: int) -> Answer:
        """`sent`: up to where rows of this stream were sent since the start."""
        stream = self.stream(name)
        if stream is None:
            return Answer.FOREIGN
        if upto > max(self.last_at_open - stream.base, sent) or upto > stream.top(self.last) - stream.base:
            rename(self.db, stream)
            log.warning("the hub knows more of this outbox than it holds, as after restoring a copy: a new stream")
            return Answer.RENEWED
        if upto == stream.answered:
            return Answer.NOTHING
        if upto < stream.answered:
            self._go_back(stream, upto)
            return Answer.BACK
        before, left = stream.answered, waiting_of(self.db, stream, self.last)
        stream.answered = upto
        query = "SELECT count(*) FROM reading WHERE number > ? AND number <= ?"
        stream.waiting = left - self.db.execute(query, (stream.base + before, stream.base + upto)).fetchone()[0]
        self._unsaved += upto - before
        return Answer.PROGRESS

    def _go_back(self, stream: Stream, upto: int) -> None:
        log.warning("the hub holds less than it said, as after restoring a copy: sending again from row %d", upto + 1)
        stream.answered, stream.waiting = upto, None
        with transaction(self.db):
            save_answered(self.db, self.streams)
            marks = "UPDATE answered_mark SET answered = ? WHERE stream = ? AND answered > ?"
            self.db.execute(marks, (upto, stream.id, upto))

    def stream(self, name: str) -> Stream | None:
        return next((stream for stream in self.streams if stream.name == name), None)

    def kept(self, stream: Stream) -> int:
        """Everything of the stream up to this number was answered or given up."""
        query = "SELECT min(number) FROM reading WHERE number > ? AND number <= ?"
        top = stream.top(self.last)
        first = self.db.execute(query, (stream.base + stream.answered, top)).fetchone()[0]
        return int(top if first is None else first - 1) - stream.base

    def batch(self, stream: Stream, after: int, boot: str, scope: Set[Metric] | None) -> Batch | None:
        """`scope`: the metrics that may be sent, None for all. Rows of others are passed over."""
        kept = self.kept(stream)
        start = upto = max(after, kept)
        room = MOST_BYTES // 2
        readings: list[Reading] = []
        query = "SELECT number, series, at, value FROM reading WHERE number > ? AND number <= ? ORDER BY number LIMIT ?"
        rows = (stream.base + start, stream.top(self.last), MOST_READINGS)
        for number, series, at, value in self.db.execute(query, rows).fetchall():
            name = self.series.name_of(series)
            if name is not None and (scope is None or name[1] in scope):
                room -= ROW_BYTES + len(name[0]) + (len(json.dumps(value)) if isinstance(value, str) else 0)
                if room < 0:
                    break
                readings.append(Reading(at / 1000, *name, value))
            upto = number - stream.base
        return Batch(stream.name, kept, start, upto, boot, readings) if upto > start else None

    def waiting(self, stream: Stream) -> int:
        return waiting_of(self.db, stream, self.last)

    def oldest(self) -> float | None:
        """The moment of the first row that waits."""
        query = "SELECT at FROM reading WHERE number > ? AND number <= ? ORDER BY number LIMIT 1"
        for stream in self.streams:
            row = self.db.execute(query, (stream.base + stream.answered, stream.top(self.last))).fetchone()
            if row is not None:
                return float(row[0]) / 1000
        return None

    def count(self) -> Count:
        """What the file beside the outbox is to say."""
        answered = [(stream.base, stream.base + stream.answered) for stream in self.streams if stream.answered]
        return Count(self.last, sum(map(self.waiting, self.streams)) + self.held, answered)

    def close(self) -> None:
        save_answered(self.db, self.streams)
        self.db.execute("UPDATE state SET last = ?", (self.last,))
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _advance(self, last: int) -> int:
        accepted, self.last = last - self.last, last
        if self.live.waiting is not None:
            self.live.waiting += accepted
        return accepted

    def _insert_all(self, readings: Iterable[Reading]) -> tuple[int, Appended]:
        """The last row's number; how many readings were repeats, or unfit."""
        id_of, number, unfit = self.series.id_of, self.last, 0
        rows: list[Row] = []
        for reading in readings:
            value = reading.value
            if is_fit(value):
                number += 1
                rows.append((number, id_of(reading.device, reading.metric), round(reading.at * 1000), compact(value)))
            else:
                unfit += 1
        if self.db.executemany(_ADD, rows).rowcount < len(rows):
            self.db.execute("DELETE FROM reading WHERE number > ?", (self.last,))
            number = self._insert_each(rows)
        return number, Appended(0, self.last + len(rows) - number, unfit)

    def _insert_each(self, rows: Sequence[Row]) -> int:
        """One by one, where some are repeats or meet another value; the last row's number."""
        number = self.last
        for _, series, moment, value in rows:
            number += self._insert(number + 1, series, moment, value)
        return number

    def _insert(self, number: int, series: int, moment: int, value: Value) -> bool:
        """Of two values at one moment the later moves by a millisecond; False for a repeat."""
        while not self.db.execute(_ADD, (number, series, moment, value)).rowcount:
            found = self.db.execute("SELECT value FROM reading WHERE at = ? AND series = ?", (moment, series))
            if found.fetchone()[0] == value:
                return False
            moment += 1
        return True


def begin_sealed(book: Book) -> None:
    """What was restored becomes a stream of its own, so that its numbers are never mistaken for lost ones'."""
    if book.last > book.live.base:
        book.seal()
