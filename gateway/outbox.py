"""The outbox: readings that were accepted, on disk until the hub has said that it holds them.

A reading is accepted once `append` has returned: its row is then flushed to the disk (write-ahead log, synchronous
FULL), so SIGKILL or a power cut at any instant leaves either all of a call's readings or none of them. Rows belong to
streams, which have random ids and are numbered from 1. Answered rows stay for two days, for a hub that was restored
from a backup. A file found damaged is set aside, what can be read of it is taken over, and the rest is counted.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from threading import Lock
from typing import TypeVar

from gateway.book import Answer, Appended, Book, begin_sealed
from gateway.bounds import Bounds
from gateway.rows import Damaged, Sample, is_damage, open_database, set_aside
from gateway.salvage import Counter, HeldRow, Salvage
from gateway.timekeeping import STEP, Anchor
from gateway.withdrawn import forget_aside
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch

__all__ = ["Answer", "Appended", "Outbox", "Sample", "open_outbox"]

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_LISTED = 60
"""Streams that a status names; the hub answers no more than 64."""


class Outbox:
    """One file of accepted readings. Any thread may call it; `open_outbox` makes it."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._path = path
        self._bounds = bounds
        self._lock = Lock()
        self._counter = Counter(path.with_suffix(".count"))
        self.lost_since_start = 0
        """Rows that were waiting and could not be read of a damaged file."""
        self.scope: Set[Metric] | None = None
        """The metrics that may be kept and sent; None: all."""
        self.discarded = 0
        """Rows that were deleted since the start, as they were not agreed any more."""
        self._is_to_discard = False
        self._book = self._open()

    @property
    def stream(self) -> str:
        """The stream that new rows come into."""
        return self._book.live.name

    @property
    def last(self) -> int:
        """The number of the file's last row."""
        return self._book.last

    @property
    def lost(self) -> int:
        """Rows that damage has cost since the gateway was set up."""
        return self._book.lost

    @property
    def held(self) -> int:
        """Readings that wait for their moments."""
        return self._book.held

    def append(self, readings: Sequence[Reading], *, at: float, samples: Sequence[Sample] = ()) -> Appended:
        """Accepts the readings, all in one transaction: they are on the disk when it returns.

        Of two values of one metric of one device at one moment the later moves by 1 ms; the same value is a repeat.
        Raises sqlite3.Error while the disk takes nothing; then nothing was accepted.
        """
        return self._change(lambda book: book.append(self._agreed(readings), at, samples))

    def agree(self, scope: Set[Metric] | None) -> None:
        """Only these metrics are kept and sent from now on; `discard` deletes what is there of others."""
        self._is_to_discard = scope is not None
        self.scope = scope

    def discard(self, most: int = 10) -> bool:
        """Deletes what is no longer agreed, in up to `most` short transactions; whether there is nothing more to do."""
        for _ in range(most):
            scope = self.scope
            if scope is None or not self._is_to_discard:
                return True
            deleted = self._change(lambda book, scope=scope: book.discard(scope))  # type: ignore[misc]
            self.discarded += deleted
            if not deleted and scope is self.scope:
                forget_aside(self._path)
                self._is_to_discard = False
        return not self._is_to_discard

    def _agreed(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """What was on its way when less was agreed."""
        scope = self.scope
        return readings if scope is None else [reading for reading in readings if reading.metric in scope]

    def hold(self, readings: Sequence[Reading], anchor: Anchor, samples: Sequence[Sample] = ()) -> Appended:
        """Accepts readings dated by a clock that is not trusted: `settle` gives them their moments."""
        rows = [HeldRow(anchor.boot, round(anchor.base * 1000), reading) for reading in self._agreed(readings)]
        return self._change(lambda book: book.hold(rows, samples))

    def settle(self, anchor: Anchor, *, at: float, is_sure: bool) -> Appended:
        """Gives what is held its moments by the trusted start of this boot, or, unsure, by the clock as it was."""
        return self._change(
            lambda book: book.settle([_dated(row, anchor) for row in book.held_rows()], at=at, is_sure=is_sure)
        )

    def seal(self) -> bool:
        """Ends the live stream, if it has rows: its backlog and what comes now are sent in turn."""
        return self._change(lambda book: book.seal())

    def batch(self, after: int, boot: str, stream: str | None = None) -> Batch | None:
        """The next rows after `after` of a stream (the live one) that fit a message, None when there are none."""

        def read(book: Book) -> Batch | None:
            found = book.live if stream is None else book.stream(stream)
            return None if found is None else book.batch(found, after, boot, self.scope)

        return self._run(read)

    def answer(self, stream: str, upto: int, *, sent: int | None = None) -> Answer:
        """The hub holds all rows of `stream` up to `upto`. `sent`: how far rows were sent since the start, if known."""
        return self._change(lambda book: book.answer(stream, upto, book.last if sent is None else sent))

    def kept(self) -> int:
        """Everything of the live stream up to this number was answered or given up."""
        return self._run(lambda book: book.kept(book.live))

    def waiting(self) -> int:
        """How many readings the hub has not answered."""
        return self._run(lambda book: sum(map(book.waiting, book.streams)) + book.held)

    def live_waiting(self) -> int:
        """How many of them are in the live stream."""
        return self._run(lambda book: book.waiting(book.live))

    def streams(self) -> dict[str, int]:
        """Rows waiting in each stream: the live one, those that wait, then what was answered in the last two days."""

        def read(book: Book) -> dict[str, int]:
            live, *sealed = reversed(book.streams)
            unfinished = [stream for stream in reversed(sealed) if not stream.is_finished()]
            finished = [stream for stream in sealed if stream.is_finished()]
            listed = [live, *unfinished, *finished][:MOST_LISTED]
            return {stream.name: book.waiting(stream) for stream in listed}

        return self._run(read)

    def turn(self) -> list[str]:
        """The streams whose rows are sent in turn: the live one and the oldest sealed one that waits."""

        def read(book: Book) -> list[str]:
            sealed = [stream for stream in book.streams[:-1] if not stream.is_finished() and book.waiting(stream)]
            return [book.live.name, *(stream.name for stream in sealed[:1])]

        return self._run(read)

    def oldest(self) -> float | None:
        """The moment of the first row that waits."""
        return self._run(lambda book: book.oldest())

    def close(self) -> None:
        """Writes down what was answered and closes the file."""
        with self._lock:
            try:
                self._book.close()
            except sqlite3.Error as error:
                log.warning("the outbox could not be closed in order (%s); nothing is lost", error)
            self._book.db.close()
            self._counter.close()

    def _change(self, act: Callable[[Book], T]) -> T:
        def counted(book: Book) -> T:
            done = act(book)
            self._counter.write(book.count())
            return done

        return self._run(counted)

    def _run(self, act: Callable[[Book], T]) -> T:
        """One use of the file at a time; a file found damaged is set aside and what it holds taken over."""
        with self._lock:
            try:
                return act(self._book)
            except sqlite3.Error as error:
                if not is_damage(error):
                    self._book.recover()
                    raise
                self._book.db.close()
                self._book = self._begin_anew(str(error))
                return act(self._book)

    def _open(self) -> Book:
        try:
            book = Book(open_database(self._path), self._bounds)
            return self._checked(book)
        except Damaged as error:
            return self._begin_anew(str(error))
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            return self._begin_anew(str(error))

    def _checked(self, book: Book) -> Book:
        """An empty outbox where there should be rows: its file was emptied or taken away."""
        count = self._counter.read() if book.last == 0 and not book.held else None
        if count is not None and count.waiting:
            book.note_loss(count.waiting)
            self.lost_since_start += count.waiting
            self._counter.write(book.count())
            log.error("the outbox is empty though %d readings waited in it: they are lost", count.waiting)
        return book

    def _begin_anew(self, why: str) -> Book:
        count = self._counter.read()
        aside = set_aside(self._path)
        salvage = Salvage(aside, count)
        book = Book(open_database(self._path), self._bounds)
        saved = sum(book.restore(chunk) for chunk in salvage.chunks())
        begin_sealed(book)
        saved += book.hold(salvage.held, ()).accepted
        lost = max(0, (salvage.last if count is None else count.waiting) - saved)
        book.note_loss(lost)
        self.lost_since_start += lost
        self._counter.write(book.count())
        told = f"{lost} that waited were lost" if count is not None else f"up to {lost} were lost"
        log.error(
            "the outbox is damaged (%s) and was set aside as %s: %d readings saved, %s", why, aside.name, saved, told
        )
        return book


def open_outbox(path: Path, bounds: Bounds = Bounds()) -> Outbox:  # noqa: B008
    """The outbox in the file. One that cannot be used is set aside and a new one begun; OSError without a place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Outbox(path, bounds)


def _dated(row: HeldRow, anchor: Anchor) -> Reading:
    """The held reading with the moment that it had by the trusted clock, as far as can be known."""
    reading, base, trusted = row.reading, row.base / 1000, anchor.base
    if row.boot != anchor.boot:
        # The power failed while it waited: it was before this start, and how long before nobody knows.
        return Reading(to_millisecond(min(reading.at, trusted)), reading.device, reading.metric, reading.value)
    if reading.at < base or abs(trusted - base) <= STEP:
        # Dated before this boot, while the clock was good; or the clock was right all along.
        return reading
    return Reading(to_millisecond(reading.at + trusted - base), reading.device, reading.metric, reading.value)
