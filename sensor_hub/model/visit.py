"""A care visit that is expected every week: when, and how far off it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sensor_hub.model.moment import MINUTE
from sensor_hub.model.table import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOLERANCE = 45.0
"""Minutes."""
LONGEST_NAME = 40
TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is expected at `minute` of the local day (0 to 1439) on each of `days` (0: Monday).

    `tolerance`: seconds by which they may be early or late.
    """

    name: str
    minute: int
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    tolerance: float = TOLERANCE * MINUTE

    def next_after(self, zone: ZoneInfo, at: float) -> float:
        """The first planned moment after `at`."""
        today = datetime.fromtimestamp(at, zone).date()
        for later in range(9):
            day = today + timedelta(days=later)
            planned = datetime(day.year, day.month, day.day, *divmod(self.minute, 60), tzinfo=zone).timestamp()
            if day.weekday() in self.days and planned > at:
                return planned
        raise ValueError("a visit on no day of the week")

    def is_around(self, zone: ZoneInfo, at: float) -> bool:
        """Whether somebody may be expected at `at`."""
        return self.next_after(zone, at - self.tolerance - 0.001) <= at + self.tolerance


def parse_visit(table: Table) -> Visit:
    """The visit that a `[[visit]]` describes; InputError names the key that is wrong."""
    name = table.text("name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise table.wrong("name", f"at most {LONGEST_NAME} letters")
    minute, days = minute_of(table, "at"), days_of(table, DAYS)
    tolerance = table.number("tolerance", TOLERANCE, low=5, high=240)
    table.done()
    return Visit(name, minute, tuple(sorted(days)), tolerance * MINUTE)


def minute_of(table: Table, key: str) -> int:
    """The minute of the day, 0 to 1439, that a time like "08:30" names."""
    text = table.text(key)
    if not TIME.fullmatch(text):
        raise table.wrong(key, 'a time of the day like "08:30"')
    return int(text[:2]) * 60 + int(text[3:])


def days_of(table: Table, known: tuple[str, ...]) -> frozenset[int]:
    """The places in `known` of the days that are named; those of the week where none is."""
    names = table.texts("days", DAYS)
    if not set(names) <= set(known):
        raise table.wrong("days", f"of {', '.join(known)}")
    return frozenset(known.index(name) for name in names)


def visit_row(visit: Visit) -> dict[str, object]:
    """The visit as plain values: what `parse_visit` reads."""
    return {
        "name": visit.name,
        "at": f"{visit.minute // 60:02}:{visit.minute % 60:02}",
        "days": [DAYS[day] for day in visit.days],
        "tolerance": visit.tolerance / MINUTE,
    }
