"""How the engine says times, spans and rarities: for somebody who was just woken up."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sensor_hub.model.moment import DAY, HOUR, MINUTE

FURTHEST = 10
"""How many times longer than what is known a rarity may be said."""
YEAR = 365
MOST_NAMED = 3
"""Of devices that are not heard: more names than that help nobody."""


def clock(at: float, now: float, zone: ZoneInfo) -> str:
    """`05:12`, with the day in front of it where it is not today's: `Tue 14 Jan 05:12`."""
    return _clock(at, datetime.fromtimestamp(now, zone).date(), zone)


def at_clock(at: float, now: float, zone: ZoneInfo) -> str:
    """`at 05:12`, `on Tue 14 Jan 05:12`."""
    told = clock(at, now, zone)
    return f"at {told}" if told[0].isdigit() else f"on {told}"


@lru_cache(maxsize=1024)
def _clock(at: float, today: date, zone: ZoneInfo) -> str:
    moment = datetime.fromtimestamp(at, zone)
    if moment.date() == today:
        return f"{moment:%H:%M}"
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def span(seconds: float) -> str:
    """`40 min`, `7 h 20 min`, `3 days`."""
    minutes = int(seconds / MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    if seconds < 2 * DAY:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 12 else f"{hours} h"
    return f"{int(seconds / DAY)} days"


def between(low: float, high: float) -> str:
    """`9–14`, or `9` where both are the same."""
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def every(seconds: float) -> str:
    """`every hour`, `every 15 min`."""
    return "every hour" if seconds == HOUR else f"every {span(seconds)}"


def once_in(days: float, *, known: float = math.inf) -> str:
    """`about once in 3 weeks`, `less than once a year`; `known`: the days that it rests on.

    Those say nothing of what is much rarer than they are many: 12 days allow `less than once in 4 months`, no more.
    """
    most = min(FURTHEST * known, YEAR)
    if days < most:
        return f"about {_once(days)}"
    return "less than once a year" if most >= YEAR else f"less than {_once(most)}"


def _once(days: float) -> str:
    if days < 2:
        return "once a day"
    if days < 14:
        return f"once in {round(days)} days"
    if days < 60:
        return f"once in {round(days / 7)} weeks"
    return f"once in {round(days / 30)} months" if round(days / 30) < 12 else "once a year"


def degrees(value: float) -> str:
    """`16.2 °C`; impossible values as they came."""
    return f"{value:.1f} °C" if math.isfinite(value) else f"{value}"


def listed(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def many(count: int, noun: str) -> str:
    """`1 day`, `12 days`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def not_heard(names: list[str]) -> str:
    """` Not heard now: a, b, c and 4 more.`, to end a text with; nothing where all are heard."""
    if not names:
        return ""
    rest = len(names) - MOST_NAMED
    shown = [*names[:MOST_NAMED], f"{rest} more"] if rest > 0 else names
    return f" Not heard now: {listed(shown)}."


def hours(seconds: float) -> float:
    return round(seconds / HOUR, 2)
