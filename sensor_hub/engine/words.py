"""How the engine says times, spans and rarities: for somebody who was just woken up."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sensor_hub.model.moment import DAY, HOUR, MINUTE


def clock(at: float, now: float, zone: ZoneInfo) -> str:
    """`05:12`, with the day in front of it where it is not today's: `Tue 14 Jan 05:12`."""
    return _clock(at, datetime.fromtimestamp(now, zone).date(), zone)


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


def once_in(days: float) -> str:
    """`about once in 3 weeks`, `less than once a year`."""
    if days < 2:
        return "about once a day"
    if days < 14:
        return f"about once in {round(days)} days"
    if days < 60:
        return f"about once in {round(days / 7)} weeks"
    if days < 365:
        return f"about once in {round(days / 30)} months"
    return "less than once a year"


def degrees(value: float) -> str:
    """`16.2 °C`; impossible values as they came."""
    return f"{value:.1f} °C" if math.isfinite(value) else f"{value}"


def listed(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def hours(seconds: float) -> float:
    return round(seconds / HOUR, 2)
