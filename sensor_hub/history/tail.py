"""The logs of all homes by position: what a history beside them is filled from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value


@dataclass(frozen=True, slots=True)
class Series:
    """The readings of one metric by one device of a home."""

    id: int
    """The log's own."""
    home: str
    device: str
    metric: Metric


@dataclass(frozen=True, slots=True)
class Hour:
    """A series' readings in the hour from `at_ms` on."""

    at_ms: int
    count: int
    ones: int
    lowest: float | None
    """None, as highest and total, for a button, whose actions are no numbers."""
    highest: float | None
    total: float | None

    def __add__(self, other: Hour) -> Hour:
        """Of both together."""
        lows, highs, totals = (
            [number for number in pair if number is not None]
            for pair in ((self.lowest, other.lowest), (self.highest, other.highest), (self.total, other.total))
        )
        return Hour(
            self.at_ms,
            self.count + other.count,
            self.ones + other.ones,
            min(lows, default=None),
            max(highs, default=None),
            sum(totals) if totals else None,
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries of all homes' logs, in the order stored."""

    upto: int
    """The position of the last one."""
    readings: Mapping[Series, Sequence[tuple[int, Value]]]
    """(moment in milliseconds, value) of those that are kept, in any order."""


class LogSource(Protocol):
    """The log of all homes, by position."""

    def head(self) -> int:
        """The position of the last entry; 0 where there is none."""
        ...

    def after(self, position: int, limit: int) -> Chunk | None:
        """The first `limit` entries behind `position`; None where there are none."""
        ...

    def hours(self, series: Series, start_ms: int, end_ms: int) -> Sequence[Hour]:
        """Of all readings that the log had of the series in those hours (end not included)."""
        ...

    def forgotten(self, home: str | None = None) -> Sequence[tuple[Series, int, int]]:
        """Series of which readings are kept as hours only: from, until."""
        ...

    def series_of(self, home: str) -> Sequence[Series]:
        """All that the log has of a home."""
        ...

    def readings_of(self, series: Series) -> Iterator[tuple[int, Value]]:
        """(moment in milliseconds, value) of all that are kept, in order."""
        ...


class FeedPlace(Protocol):
    """What is remembered over a restart."""

    def hub(self) -> str:
        """A name for this hub's log that no other has: letters and digits."""
        ...

    def position(self) -> int:
        """Up to which entry the history has taken the log."""
        ...

    def keep(self, position: int) -> None: ...

    def move(self, before: int, position: int) -> bool:
        """Keeps it if `before` is still what is kept: somebody may have said meanwhile to fill it again."""
        ...
