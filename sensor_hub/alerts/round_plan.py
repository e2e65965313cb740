"""Who is told at set times, and at which. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.budget import PAGES_PER_HOME_WEEK
from sensor_hub.alerts.timetable import Timetable
from sensor_hub.alerts.wall_clock import EVERY_DAY

MONDAY, MORNING, AFTERNOON = frozenset({0}), 8 * 60, 15 * 60


@dataclass(frozen=True, slots=True)
class Times:
    """When a round is made: by the clock of `zone`, or where that is not said by that of most homes."""

    minute: int = MORNING
    days: frozenset[int] = EVERY_DAY
    zone: ZoneInfo | None = None

    def timetable(self, homes: ZoneInfo) -> Timetable:
        """`homes`: the clock of most homes."""
        return Timetable(self.minute, self.zone or homes, self.days)


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """What is told at set times."""

    review: Times = Times(days=MONDAY)
    reviewers: tuple[str, ...] = ()
    """Contacts and teams that have the weekly review."""
    pages_per_home_week: int = PAGES_PER_HOME_WEEK
    digest: Times = Times(AFTERNOON)
    """When who has something in it gets the daily digest, by their own clock where they have one: so late
    that most of the day is in it, so early that something can be done the same day."""
