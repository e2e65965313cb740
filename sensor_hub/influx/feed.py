"""Fills InfluxDB from the log, by position: an outage or a lost database costs nothing, it is filled again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from sensor_hub.history.port import HOUR_SECONDS, FeedNumbers
from sensor_hub.history.tail import Chunk, FeedPlace, LogSource, Series
from sensor_hub.influx.erasing import forget, series_in
from sensor_hub.influx.lines import FED, fed_line, hour_line, reading_line, tags
from sensor_hub.influx.server import InfluxError, InfluxServer, Refused, Trouble, quoted
from sensor_hub.model.metric import Metric

log = logging.getLogger(__name__)

EVERY = 5.0
"""Real seconds between two looks at the log."""
LONGEST_GAP = 60.0
"""Real seconds to the next try after many that failed; the first comes after `EVERY`."""
CURRENT_FOR = 30.0
"""Real seconds for which who had everything counts as having it: a chart's bins are far wider."""
ENTRIES = 400
"""Of the log at once. A batch has at most 500 readings, so this bounds the memory; most entries have a few."""
LINES = 5000
"""In one request, as InfluxDB's own advice has it."""
PROGRESS = 60.0
"""Real seconds between two words about a fill that takes long."""
HOUR_MS = HOUR_SECONDS * 1000
HINTS = {
    Trouble.UNREACHABLE: "it is tried again, and what comes meanwhile waits in the log",
    Trouble.SHUT: "check the token in [history]",
    Trouble.LOST: "make the buckets that [history] names (deploy/history.md)",
    Trouble.WRONG: "check the url in [history]",
    Trouble.CLOCK: "set the clocks of both",
}


class Time(Protocol):
    def wall(self) -> float: ...
    def monotonic(self) -> float: ...


class InfluxFeed:
    """A thread that takes the log to the server. The place moves on only after the server took what is before it."""

    def __init__(
        self, source: LogSource, place: FeedPlace, server: InfluxServer, time: Time, every: float = EVERY
    ) -> None:
        self.source = source
        self.place = place
        self.server = server
        self.time = time
        self.every = every
        self._fed = 0
        self._refused = Refused()
        self._had_all_at: float | None = None
        self._failing: Trouble | None = None
        self._told_at = 0.0
        self._is_prepared = False
        self._started_at = time.monotonic()
        self._giving = threading.Lock()
        """Held from reading the log until it is given: what is erased meanwhile must not be given any more."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        """A server that takes longer to answer is left: its batch comes again."""
        self._stopping.set()
        self._thread.join(within)

    def has_all(self) -> bool:
        """Whether the server had, moments ago, all that the log has."""
        at = self._had_all_at
        return at is not None and self.time.monotonic() < at + CURRENT_FOR

    def numbers(self) -> FeedNumbers:
        since = self._started_at if self._had_all_at is None else self._had_all_at
        return FeedNumbers(
            behind_entries=max(0, self.source.head() - self.place.position()),
            behind_seconds=max(0.0, self.time.monotonic() - since),
            fed=self._fed,
            beyond=self._refused.beyond,
            refused=self._refused.others,
        )

    def turn(self) -> None:
        """Gives the server all that the log has behind the place; InfluxError where it takes nothing."""
        at = self.time.monotonic()
        position = self._settled()
        refused = Refused()
        while not self._stopping.is_set():
            with self._giving:
                chunk = self.source.after(position, ENTRIES)
                if chunk is None:
                    self._had_all_at = at
                    break
                refused += self._give(chunk)
                if not self.place.move(position, chunk.upto):
                    break
            position = chunk.upto
            self._tell_progress(position)
            at = self.time.monotonic()
        self._refused += refused
        _tell_refused(refused)

    def erase(self, home: str, metrics: frozenset[Metric] | None) -> None:
        """Removes what was erased from the log before: the whole home, or what it measured of these metrics.

        Also the series that the log has no longer. What the log still has of those metrics, for they are agreed again,
        is given anew. InfluxError where the server cannot be asked: nothing is known to be gone.
        """
        with self._giving:
            try:
                if metrics is None:
                    forget(self.server, home)
                else:
                    self._renew(home, metrics)
            except InfluxError as error:
                if error.trouble is not Trouble.LOST:
                    raise

    def _renew(self, home: str, metrics: frozenset[Metric]) -> None:
        kept = {(each.device, each.metric): each for each in self.source.series_of(home)}
        for key in series_in(self.server, home):
            if key in kept and key[1] not in metrics:
                continue
            forget(self.server, home, key)
            if key in kept:
                self._give_anew(kept[key])

    def _give_anew(self, series: Series) -> None:
        series_tags, rows = tags(series), self.source.readings_of(series)
        hours: set[int] = set()
        while some := list(islice(rows, LINES)):
            hours |= {at_ms // HOUR_MS for at_ms, _ in some}
            self.server.write(self.server.address.bucket, [reading_line(series_tags, *row) for row in some])
        for lines in _some(list(self._hour_lines(series, hours))):
            self.server.write(self.server.address.hours_bucket, lines)
        self._give_forgotten(series.home, series)

    def _settled(self) -> int:
        """The place from which to go on: the server's own where it is behind, as after a loss."""
        kept = self.place.position()
        if not self._is_prepared:
            self.server.prepare()
            self._is_prepared = True
        try:
            there = min(self._mark_in(bucket) for bucket in self.server.address.buckets)
        except InfluxError as error:
            if error.trouble is not Trouble.LOST:
                raise
            self.server.prepare()
            there = 0
        if there < kept:
            lost = "nothing any more" if there == 0 else f"only what the log had up to entry {there}"
            log.warning("the history has %s, it was filled up to entry %d: it is filled again from the log", lost, kept)
            self._had_all_at = None
        if there < kept or kept == 0:
            with self._giving:
                # No entry of the log brings these any more.
                self._give_forgotten()
            self.place.move(kept, min(kept, there))
        return min(kept, there)

    def _give_forgotten(self, home: str | None = None, only: Series | None = None) -> None:
        """Hours of which the log does not keep the readings."""
        for series, start, end in self.source.forgotten(home):
            if only in (None, series):
                hours = set(range(start // HOUR_MS, end // HOUR_MS))
                for lines in _some(list(self._hour_lines(series, hours))):
                    self.server.write(self.server.address.hours_bucket, lines)

    def _mark_in(self, bucket: str) -> int:
        query = f'SELECT last("position") FROM "{FED}" WHERE "hub" = {quoted(self.place.hub())}'
        return max((int(rows.values[0][1]) for rows in self.server.ask(bucket, query)), default=0)

    def _give(self, chunk: Chunk) -> Refused:
        address = self.server.address
        mark = fed_line(self.place.hub(), chunk.upto, round(self.time.wall() * 1000))
        refused = Refused()
        for bucket, lines in ((address.bucket, _readings(chunk)), (address.hours_bucket, self._hours(chunk))):
            for some in _some([*lines, mark]):
                refused += self.server.write(bucket, some)
            if refused.beyond and self.server.write(bucket, [mark]).beyond:
                # It would be looked for in vain, and everything given again and again.
                raise InfluxError(Trouble.CLOCK, "today is older than it keeps")
        self._fed += sum(len(rows) for rows in chunk.readings.values())
        return refused

    def _hours(self, chunk: Chunk) -> Iterator[str]:
        """Of each hour in which the chunk has a reading, all that the log has: late ones count, repeats do not."""
        for series, rows in chunk.readings.items():
            yield from self._hour_lines(series, {at_ms // HOUR_MS for at_ms, _ in rows})

    def _hour_lines(self, series: Series, hours: set[int]) -> Iterator[str]:
        series_tags = tags(series)
        for start, end in _stretches(hours):
            for hour in self.source.hours(series, start * HOUR_MS, end * HOUR_MS):
                yield hour_line(series_tags, hour)

    def _tell_progress(self, position: int) -> None:
        now = self.time.monotonic()
        if now >= max(self._told_at, self._started_at) + PROGRESS:
            self._told_at = now
            head = self.source.head()
            log.info("the history is being filled: up to entry %d of %d", position, head)

    def _run(self) -> None:
        gap = self.every
        while not self._stopping.is_set():
            try:
                self.turn()
            except InfluxError as error:
                self._fails(error)
                gap = min(LONGEST_GAP, gap * 2)
            except Exception:
                # The thread lives on: a full disk, say, is cleared some time.
                log.exception("the history could not be filled; it is tried again")
                gap = LONGEST_GAP
            else:
                self._works()
                gap = self.every
            self._stopping.wait(gap)

    def _fails(self, error: InfluxError) -> None:
        if self._failing is not error.trouble:
            log.warning("the history takes nothing: %s; %s", error, HINTS[error.trouble])
        self._failing = error.trouble

    def _works(self) -> None:
        if self._failing is not None:
            log.info("the history takes readings again")
            self._failing = None


def _readings(chunk: Chunk) -> Iterator[str]:
    for series, rows in chunk.readings.items():
        series_tags = tags(series)
        for at_ms, value in rows:
            yield reading_line(series_tags, at_ms, value)


def _some(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(lines), LINES):
        yield lines[start : start + LINES]


def _stretches(hours: set[int]) -> Iterator[tuple[int, int]]:
    """(first, behind the last) of each run of hours."""
    first = last = None
    for hour in sorted(hours):
        if first is None or last is None:
            first = hour
        elif hour > last + 1:
            yield first, last + 1
            first = hour
        last = hour
    if first is not None and last is not None:
        yield first, last + 1


def _tell_refused(refused: Refused) -> None:
    if refused.beyond:
        log.warning("%d readings or hours are older than the history keeps: it did not take them", refused.beyond)
    if refused.others:
        log.error("%d readings or hours were not taken by the history: %s", refused.others, refused.why)
