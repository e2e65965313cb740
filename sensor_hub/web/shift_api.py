"""One's own shifts in the API, and the address of one's own calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from sensor_hub.access.action import Action
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.duty import duties
from sensor_hub.web.api import AtDesk
from sensor_hub.web.calendar_feed import CalendarDoor
from sensor_hub.web.desk import session_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.rota_answers import ShiftOut, shift_out
from sensor_hub.web.shift_window import From, Until, window_of
from sensor_hub.web.standing_in import plan_now

shift_api = APIRouter(prefix="/api/v1/shift")
NO_CONTACT = "Only a contact of this hub has shifts and a calendar."


def _me(request: Request, desk: AtDesk) -> Contact:
    """The contact whose name the request was made with."""
    found = desk.plan.person(session_of(request).name)
    if found is None:
        raise HTTPException(404, NO_CONTACT)
    return found


Me = Annotated[Contact, Depends(_me)]


@dataclass(frozen=True, slots=True)
class AddressOut:
    """`address`: whole, for calendar programs. It is told this once, and the one before shows nothing any more."""

    address: str = field(metadata={"examples": ["https://hub.example.org/calendar/c2VjcmV0.ics"]})


@shift_api.get("", dependencies=[needs(Action.SEE_ROTAS)])
def my_shifts(
    request: Request,
    desk: AtDesk,
    me: Me,
    start: From = None,
    until: Until = None,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[ShiftOut]:
    """One's own, in all rotas, by when they begin; also those of a team that one is in."""
    begin, end = window_of(start, until, desk.now())
    place = place_of(cursor, float, str) if cursor else (-1.0, "")
    plan = plan_now(request, desk)
    theirs = (each for each in duties(plan, me.id, begin, end) if (each.stint.start, each.rota.id) > place)
    found = list(islice(theirs, limit + 1))
    return page_of(
        found,
        limit,
        show=lambda each: shift_out(each.rota.id, each.stint, plan),
        place=lambda each: (float(each.stint.start), each.rota.id),
    )


@shift_api.post("/calendar", dependencies=[needs(Action.RENEW_CALENDAR)], status_code=201)
def renew_calendar(request: Request, response: Response, me: Me) -> AddressOut:
    """A new private address of one's own calendar; the one before ends."""
    door: CalendarDoor | None = getattr(request.app.state, "calendar_door", None)
    if door is None:
        raise HTTPException(404, NO_CONTACT)
    address = door.calendars.renew(me.id)
    response.headers["Location"] = address
    return AddressOut(address)
