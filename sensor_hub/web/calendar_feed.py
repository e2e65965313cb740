"""The calendars that calendar programs follow, each at an address that only its person knows. They cannot sign in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from sensor_hub.alerts.duty import duties
from sensor_hub.web.calendar_text import AHEAD, BEHIND, calendar_text
from sensor_hub.web.desk import hub_desk_of
from sensor_hub.web.session import CrowdedError, Throttle
from sensor_hub.web.standing_in import plan_now

PATH, SUFFIX = "/calendar/", ".ics"


class Calendars(Protocol):
    def contact_of(self, secret: str) -> str | None:
        """Whose calendar the address with this secret shows."""

    def renew(self, contact: str) -> str:
        """A new address for this contact, whole; the one before shows nothing any more."""


@dataclass(frozen=True, slots=True)
class CalendarDoor:
    """Who knows an address never waits behind those who guess, who are answered ever more slowly."""

    calendars: Calendars
    throttle: Throttle

    async def find(self, secret: str, address: str) -> str | None:
        """May raise CrowdedError."""
        contact = await run_sync(self.calendars.contact_of, secret)
        if contact is None:
            async with self.throttle.turn(address) as visitor:
                visitor.failures += 1
        return contact


calendar_feed = APIRouter(prefix=PATH.rstrip("/"), include_in_schema=False)


@calendar_feed.api_route("/{name}", methods=["GET", "HEAD"])
async def calendar(request: Request, name: str) -> Response:
    door: CalendarDoor = request.app.state.calendar_door
    try:
        address = request.client.host if request.client else ""
        contact = await door.find(name.removesuffix(SUFFIX), address)
    except CrowdedError as error:
        raise HTTPException(429, "Too many attempts. Wait a minute and try again.") from error
    if contact is None:
        raise HTTPException(404, "There is no such calendar.")
    return Response(await run_sync(_text, request, contact), media_type="text/calendar; charset=utf-8")


def _text(request: Request, contact: str) -> bytes:
    desk = hub_desk_of(request)
    now = desk.now()
    shown = duties(plan_now(request, desk), contact, now - BEHIND, now + AHEAD)
    return calendar_text(contact, shown, now, is_simulated=desk.is_simulated)
