"""Times as people type them: by the clock of the home."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sensor_hub.model.moment import local, parse_moment

TYPED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
EXPECTED = "a date and a time like 2026-11-25 09:00"


def parse_home_time(text: str, zone: ZoneInfo, now: float) -> float:
    """The moment that `2026-11-25 09:00` (or with a `T`, with seconds, with a zone of its own) or `now` names.

    Of an hour that comes twice it is the first. ValueError says what is wrong, for the one who typed it.
    """
    text = text.strip()
    if text == "now":
        return now
    if not TYPED.fullmatch(text):
        raise ValueError(f"enter {EXPECTED}")
    try:
        typed = datetime.fromisoformat(text)
        at = parse_moment(typed if typed.tzinfo is not None else typed.replace(tzinfo=zone))
    except ValueError as error:
        raise ValueError(f"there is no such date or time, enter {EXPECTED}") from error
    if typed.tzinfo is None and local(at, zone).replace(tzinfo=None) != typed:
        raise ValueError("the clocks go forward over that time, enter one before or after it")
    return at


def typed_words(at: float, zone: ZoneInfo) -> str:
    """`2026-11-25T09:00`: what a field for a date and a time holds."""
    return f"{local(at, zone):%Y-%m-%dT%H:%M}"
