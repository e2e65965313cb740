"""A time zone as a calendar explains it (VTIMEZONE, RFC 5545, 3.6.5): every change of the clock in a stretch of time.

Written here because icalendar 7.3 gives the change to summer time an hour late: it takes the time of day after the
change, where the standard wants the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from sensor_hub.model.moment import DAY, local


def zone_component(zone: ZoneInfo, start: float, end: float) -> Timezone:
    """The zone from `start` to `end`."""
    component = Timezone()
    component.add("TZID", zone.key)
    component.add_component(_observance(start, start, zone))
    for change in _changes(zone, start, end):
        component.add_component(_observance(change - 1, change, zone))
    return component


def _changes(zone: ZoneInfo, start: float, end: float) -> Iterator[float]:
    """The moments, whole seconds, from which another offset or name holds."""
    at = start
    while at < end:
        then = at + DAY
        if _state(then, zone) != _state(at, zone):
            early, late = at, then
            while late - early > 1:
                middle = (early + late) // 2
                early, late = (middle, late) if _state(middle, zone) == _state(at, zone) else (early, middle)
            yield late
        at = then


def _state(at: float, zone: ZoneInfo) -> tuple[timedelta | None, str | None]:
    wall = local(at, zone)
    return wall.utcoffset(), wall.tzname()


def _observance(before: float, at: float, zone: ZoneInfo) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `at` on; `before`: a moment at which still held what held before."""
    old, new = (local(each, zone).utcoffset() or timedelta() for each in (before, at))
    wall = local(at, zone)
    observance = TimezoneDaylight() if wall.dst() else TimezoneStandard()
    observance.add("DTSTART", wall.replace(tzinfo=None, fold=0) - new + old)
    observance.add("TZOFFSETFROM", old)
    observance.add("TZOFFSETTO", new)
    observance.add("TZNAME", wall.tzname() or "")
    return observance
