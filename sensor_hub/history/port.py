"""The history: what charts, the API and exports read of a home's past. It is filled from the log, never beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

HOUR_SECONDS = 3600


class HistoryError(Exception):
    """The history cannot say now what was. Never the same as "nothing was"."""


class Measure(StrEnum):
    """What is told of the readings of a bin."""

    COUNT = "count"
    """How many there were."""
    ONES = "ones"
    """How many had the value 1."""
    MEAN = "mean"


class Bin(NamedTuple):
    """One device's value for the time from `at` (a whole multiple of the width asked for, epoch seconds) on."""

    device: str
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Window:
    """Readings with start <= at < end, in bins `width` seconds wide: floor(at / width) * width."""

    start: float
    end: float
    width: int

    @property
    def is_of_hours(self) -> bool:
        """Whether each bin is made of whole hours."""
        return self.width % HOUR_SECONDS == 0 and self.start % HOUR_SECONDS == self.end % HOUR_SECONDS == 0


@dataclass(frozen=True, slots=True)
class Of:
    """Of which readings: those of a home, and of one device or some metrics where they are given."""

    home: str
    device: str | None = None
    metrics: frozenset[Metric] | None = None


@dataclass(frozen=True, slots=True)
class HourRow:
    """The readings of one series in the hour from `at` on, in the metric's unit."""

    device: str
    metric: Metric
    at: float
    count: int
    lowest: float | None
    """None, as mean and highest, for a button, whose actions are no numbers."""
    mean: float | None
    highest: float | None


class History(Protocol):
    """Asked from any thread; may block for some seconds. HistoryError where it cannot answer."""

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        """For each device and bin that has any such reading, by (at, device)."""
        ...

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        """The hours that begin in start <= at < end and have any reading, by (at, device, metric)."""
        ...

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        """Those with start <= at < end, by (at, device, metric), a part at a time."""
        ...


@dataclass(frozen=True, slots=True)
class FeedNumbers:
    """How far a history beside the log has come."""

    behind_entries: int
    """Entries of the log that it has not taken yet."""
    behind_seconds: float
    """Real seconds since it last had all there was."""
    fed: int
    """Readings given to it since the start; again after it was lost."""
    beyond: int
    """Readings that were older than it keeps."""
    refused: int
    """Readings that it did not take for another reason."""
