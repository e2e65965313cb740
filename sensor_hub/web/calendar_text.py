"""A contact's duties as a calendar that phones and calendar programs follow (iCalendar, RFC 5545 and 7986)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.enums import TRANSP

from sensor_hub.alerts.duty import Duty
from sensor_hub.alerts.notice import SIMULATED
from sensor_hub.model.moment import DAY, local
from sensor_hub.web.calendar_zone import zone_component

AHEAD, BEHIND = 183 * DAY, 7 * DAY
"""What the calendar shows: the next months, and what is just over."""
ASK_EVERY = timedelta(hours=1)
"""How often programs should look again."""


def calendar_text(contact: str, duties: Sequence[Duty], now: float, *, is_simulated: bool = False) -> bytes:
    """One event for each duty. No resident, home or alert is named: a calendar is read by many programs."""
    mark = SIMULATED if is_simulated else ""
    calendar = Calendar.new(
        name=f"{mark}On call: {contact}",
        prodid="-//sensor-hub//on call//EN",
        refresh_interval=ASK_EVERY,
        method="PUBLISH",
    )
    # Programs that do not know REFRESH-INTERVAL know this one.
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for duty in duties:
        calendar.add_component(_event(contact, duty, mark, now))
    for number, (zone, start, end) in enumerate(_stretches(duties)):
        calendar.subcomponents.insert(number, zone_component(zone, start - DAY, end + DAY))
    text: bytes = calendar.to_ical()
    return text


def _stretches(duties: Sequence[Duty]) -> Iterator[tuple[ZoneInfo, float, float]]:
    """Each zone that is used, from its first duty to its last."""
    for key in sorted({duty.rota.zone.key for duty in duties}):
        stints = [duty.stint for duty in duties if duty.rota.zone.key == key]
        yield ZoneInfo(key), stints[0].start, max(stint.end for stint in stints)


def uid(contact: str, duty: Duty) -> str:
    """The same for the same duty, however often and whenever it is written."""
    key = f"{contact}\n{duty.rota.id}\n{duty.stint.start:.3f}"
    return f"{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}@sensor-hub"


def _event(contact: str, duty: Duty, mark: str, now: float) -> Event:
    stint = duty.stint
    cover = "" if stint.instead_of is None else f" (cover for {stint.instead_of})"
    start, end = _walls(stint.start, stint.end, duty.rota.zone)
    return Event.new(
        uid=uid(contact, duty),
        stamp=local(now, UTC),
        start=start,
        end=end,
        summary=f"{mark}On call: {duty.rota.id}{cover}",
        transparency=TRANSP.TRANSPARENT,
    )


def _walls(start: float, end: float, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both by the rota's clock; in UTC where one is in the second coming of an hour, which iCalendar cannot say."""
    walls = local(start, zone), local(end, zone)
    return (local(start, UTC), local(end, UTC)) if any(wall.fold for wall in walls) else walls
