"""Days and times of day, as people agree on them, against moments. Right on the days on which the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from sensor_hub.model.moment import local

HOLIDAY = 7
"""A public holiday, where days are told apart: 0 is Monday."""


@lru_cache(maxsize=8192)
def moment_of(day: date, minute: int, zone: ZoneInfo) -> float:
    """When the clock in `zone` shows `minute` (0 to 1439) of the local `day`.

    A time that comes twice is its first coming; one that the clock skips is the moment at which it jumps. So a later
    time of day is never an earlier moment, and what ends at a time of day ends when what begins at it begins.
    """
    wall = datetime(day.year, day.month, day.day, *divmod(minute, 60), tzinfo=zone)
    late = wall.timestamp()
    if local(late, zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return late
    early, offset = wall.replace(fold=1).timestamp(), local(late, zone).utcoffset()
    # The jump is behind `early` and not behind `late`.
    while late - early > 1:
        middle = (early + late) // 2
        if local(middle, zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late


def local_day(at: float, zone: ZoneInfo) -> date:
    """The day in `zone` at `at`."""
    return local(at, zone).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Both included."""
    for later in range((last - first).days + 1):
        yield first + timedelta(days=later)


EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` to `end` (minutes of the local day) on each of `days`, as the day on which it starts.

    Where `end` is not after `start` it is on the next day.
    """

    start: int
    end: int
    days: frozenset[int] = EVERY_DAY

    def span(self, day: date, zone: ZoneInfo) -> tuple[float, float]:
        """The moments between which those that start on `day` lie."""
        ends = day if self.end > self.start else day + timedelta(days=1)
        return moment_of(day, self.start, zone), moment_of(ends, self.end, zone)

    def has(self, at: float, zone: ZoneInfo) -> bool:
        """Whether `at` lies in them; they know of no public holidays."""
        today = local_day(at, zone)
        spans = (self.span(day, zone) for day in (today, today - timedelta(days=1)) if day.weekday() in self.days)
        return any(start <= at < end for start, end in spans)


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays of a country (ISO 3166, `GB`) or a part of it (`ENG`), as the `holidays` package has them."""

    country: str
    subdivision: str | None = None

    def is_one(self, day: date) -> bool:
        """Raises NotImplementedError where the country or the part is not known."""
        return day in _calendar(self.country, self.subdivision)


@lru_cache(maxsize=32)
def _calendar(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)
