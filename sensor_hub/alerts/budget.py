"""How many alerts of a home that are not urgent may interrupt people in a week; the rest is in the daily digest. Pure.

People who are interrupted often stop to read: false alarms are what carers name first against such systems, and at most
one interruption a home and week that is not urgent is what is aimed at. A limit of two lets an ordinary home through
and stops one that goes on and on. Counted are alerts, not people or steps. The urgent is never held back, nor what is
worth nothing the next day, though that counts.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sensor_hub.alerts.wall_clock import local_day, moment_of
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import Kind, Urgency

PAGES_PER_HOME_WEEK = 2
NEVER_LATE = frozenset({Kind.LATE_RISING, Kind.NO_RETURN, Kind.VISIT_MISSED, Kind.GATEWAY_SILENT, Kind.HOMES_SILENT})
"""Somebody may be in need now, or a home cannot be seen."""


def is_counted(change: AlertChange) -> bool:
    """Whether it is one of the home's interruptions that are not urgent."""
    return change.urgency is Urgency.SOON and change.kind is not Kind.HOMES_SILENT


def is_over(change: AlertChange, pages: int, most: int) -> bool:
    """Whether it waits for the digest, after so many `pages` of the home in this week."""
    return is_counted(change) and change.kind not in NEVER_LATE and pages >= most


def week_start(at: float, zone: ZoneInfo) -> float:
    """Midnight of the Monday, by the home's clock."""
    today = local_day(at, zone)
    return moment_of(today - timedelta(days=today.weekday()), 0, zone)
