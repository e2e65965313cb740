"""Moments: seconds since the Unix epoch, UTC, to the millisecond.

Moments of readings are numbers and not `datetime`s because a home makes thousands a day and the engine compares
every one; `datetime` appears where people read a time.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


def to_millisecond(at: float) -> float:
    """The moment as the wire and the stores keep it, so that it is the same number on every path."""
    return round(at * 1000) / 1000


def parse_moment(value: object) -> float:
    """Epoch seconds or ISO 8601 with a zone, as a moment.

    Raises ValueError when it is neither, or outside 2000 to 2100.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        at = float(value)
    elif isinstance(value, str):
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        at = parsed.timestamp()
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        at = value.timestamp()
    else:
        raise ValueError(f"{value!r} is not a moment")
    # No comparison holds for what is not a number.
    if not EARLIEST <= at < LATEST:
        raise ValueError(f"{value!r} is not between 2000 and 2100")
    return to_millisecond(at)


def iso(at: float) -> str:
    """`2026-01-05T09:40:00Z`, with milliseconds only where there are any."""
    moment = datetime.fromtimestamp(to_millisecond(at), UTC)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")


def local(at: float, zone: tzinfo) -> datetime:
    """The clock on the wall at `at`."""
    return datetime.fromtimestamp(at, zone)
