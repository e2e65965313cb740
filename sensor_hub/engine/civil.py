"""The clock on the wall, for routines: people live by it, sensors do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

BIN: Final = 900.0
"""Seconds in a bin. Every zone's offset from UTC is a whole number of bins."""
BINS_A_DAY: Final = 96


def bin_of(at: float) -> int:
    """The number of the quarter of an hour, counted from the epoch, that holds `at`."""
    return int(at // BIN)


@lru_cache(maxsize=65536)
def _offset(zone: ZoneInfo, quarter: int) -> int:
    offset = datetime.fromtimestamp(quarter * BIN, zone).utcoffset()
    return int((offset or timedelta()).total_seconds() // BIN)


def slot_of(zone: ZoneInfo, number: int) -> int:
    """The quarter of the day, 0 to 95 from local midnight, in which the bin lies."""
    # Clocks change on the hour, so one look-up an hour is enough.
    return (number + _offset(zone, number // 4 * 4)) % BINS_A_DAY


def next_hour(zone: ZoneInfo, at: float, hours: tuple[int, ...]) -> float:
    """The first moment after `at` at which the clock on the wall shows one of these whole hours."""
    day = datetime.fromtimestamp(at, zone).replace(minute=0, second=0, microsecond=0)
    moments = [
        (day + timedelta(days=later)).replace(hour=hour, fold=0).timestamp() for later in (0, 1) for hour in hours
    ]
    return min(moment for moment in moments if moment > at)


def last_hour(zone: ZoneInfo, at: float, hour: int) -> float:
    """The last moment before `at` at which the clock on the wall shows this whole hour."""
    day = datetime.fromtimestamp(at, zone).replace(minute=0, second=0, microsecond=0)
    moments = [(day - timedelta(days=before)).replace(hour=hour, fold=0).timestamp() for before in (0, 1)]
    return max(moment for moment in moments if moment < at)


def clock_changed(zone: ZoneInfo, at: float, within: float) -> bool:
    """Whether the clocks changed in the last `within` seconds."""
    return _offset(zone, bin_of(at) // 4 * 4) != _offset(zone, bin_of(at - within) // 4 * 4)


def is_night(zone: ZoneInfo, at: float) -> bool:
    """Between 22:00 and 06:00, when people are expected to lie still."""
    hour = slot_of(zone, bin_of(at)) // 4
    return hour >= 22 or hour < 6
