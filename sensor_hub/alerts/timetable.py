"""When something is due that comes once a day or once a week, by the clock where its readers are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sensor_hub.alerts.wall_clock import EVERY_DAY, local_day, moment_of


@dataclass(frozen=True, slots=True)
class Timetable:
    """At `minute` (0 to 1439) of each of these local `days` (0 is Monday)."""

    minute: int
    zone: ZoneInfo
    days: frozenset[int] = EVERY_DAY

    def last(self, at: float) -> float:
        """The last time that has come at `at`."""
        today = local_day(at, self.zone)
        days = (today - timedelta(days=back) for back in range(8))
        times = (moment_of(day, self.minute, self.zone) for day in days if day.weekday() in self.days)
        return next(time for time in times if time <= at)
