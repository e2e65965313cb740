"""Quiet hours of a person, by the clock where that person is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sensor_hub.alerts.wall_clock import Hours, local_day


@dataclass(frozen=True, slots=True)
class Quiet:
    """Every day at these hours nothing is told to the person but what is urgent."""

    hours: Hours
    zone: ZoneInfo

    def release(self, at: float) -> float | None:
        """When the quiet hours end that `at` lies in; None where it lies in none."""
        today = local_day(at, self.zone)
        spans = (self.hours.span(day, self.zone) for day in (today, today - timedelta(days=1)))
        return next((end for start, end in spans if start <= at < end), None)
