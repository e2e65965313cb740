"""Absences and visits in the API: told, told otherwise, ended or withdrawn."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.stay import Stay
from sensor_hub.web.answers import StayOut, stay_out
from sensor_hub.web.api import PROBLEM, AcknowledgeIn, AtDesk, home_row, named
from sensor_hub.web.desk import Desk, session_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer, HomeRow
from sensor_hub.web.stays import HomeClock, TypedError, clash_words, read_end, read_name, read_start, standing

FOLDER = {"absences": Stay.ABSENCE, "visits": Stay.VISIT}
LONGEST_TIME = 40
Time = Annotated[str, Field(max_length=LONGEST_TIME)]


def _stay(request: Request) -> Stay:
    return FOLDER[request.url.path.split("/")[5]]


def _row(desk: AtDesk, home: str) -> HomeRow:
    return home_row(desk, home)


AsStay = Annotated[Stay, Depends(_stay)]
OfHome = Annotated[HomeRow, Depends(_row)]


class EndIn(AcknowledgeIn):
    """Times are ISO 8601, or `2026-11-25 09:00` by the clock of the home, or `now`. `end` null: nobody knows yet, for
    absences only. `by`: who says so."""

    end: Time | None


class StayIn(EndIn):
    start: Time


def list_stays(desk: AtDesk, row: OfHome, stay: AsStay, limit: Limit = USUAL, cursor: Cursor = "") -> Page[StayOut]:
    """Those that are not over, by their beginning."""
    (after,) = place_of(cursor, float) if cursor else (-math.inf,)
    assert isinstance(after, float)
    return _page(desk, row, stay, after, limit)


def tell_stay(request: Request, desk: AtDesk, row: OfHome, stay: AsStay, told: StayIn) -> Page[StayOut]:
    """Nobody is at home, or somebody is with the resident, in this time. 409 when another stands in the way."""
    clock = HomeClock(row.home.zone, desk.now())
    try:
        start = read_start(told.start, clock)
        end = read_end(told.end or "", stay, start, clock)
    except TypedError as error:
        raise _wrong(error) from error
    return _act(desk, row, stay, (start, end), by=named(request, told.by), is_new=True)


def tell_end(request: Request, desk: AtDesk, row: OfHome, stay: AsStay, start: str, told: EndIn) -> Page[StayOut]:
    """The one that begins then ends at another time, or is said to hold on. 409 when another stands in the way."""
    clock = HomeClock(row.home.zone, desk.now())
    try:
        began = read_name(start, clock)
        end = read_end(told.end or "", stay, began, clock)
    except TypedError as error:
        raise _wrong(error) from error
    return _act(desk, row, stay, (began, end), by=named(request, told.by), is_new=False)


def end_stay(request: Request, desk: AtDesk, row: OfHome, stay: AsStay, start: str) -> Page[StayOut]:
    """The one that begins then ends now; one that has not begun is withdrawn."""
    try:
        began = read_name(start, HomeClock(row.home.zone, desk.now()))
    except TypedError as error:
        raise _wrong(error) from error
    by = session_of(request).name
    return _act(desk, row, stay, (began, desk.now() // MINUTE * MINUTE), by=by, is_new=False)


def _act(desk: Desk, row: HomeRow, stay: Stay, span: tuple[float, float], *, by: str, is_new: bool) -> Page[StayOut]:
    home = row.home.id
    match desk.acts.tell_stay(home, stay, span, by=by, is_new=is_new):
        case Answer.UNKNOWN:
            raise HTTPException(404, f"No {stay} is told that begins then.")
        case Answer.OVERLAPS:
            words = clash_words(home_row(desk, home), stay, span, desk.now(), is_new=is_new)
            raise HTTPException(409, f"{words[0].upper()}{words[1:]}.")
    return _page(desk, home_row(desk, home), stay, -math.inf, USUAL)


def _page(desk: Desk, row: HomeRow, stay: Stay, after: float, limit: int) -> Page[StayOut]:
    now = desk.now()
    behind = [one for one in standing(row, stay, now) if one.start > after]
    return page_of(behind, limit, show=lambda one: stay_out(one, now), place=lambda one: (float(one.start),))


def _wrong(error: TypedError) -> HTTPException:
    return HTTPException(422, f"{error.field}: {error}")


def _routes(folder: str) -> APIRouter:
    routes = APIRouter(prefix=f"/api/v1/homes/{{home}}/{folder}", tags=[folder])
    see, tell = [needs(Action.SEE_STAYS)], [needs(Action.TELL_STAYS)]
    clash: dict[int | str, dict[str, Any]] = {409: PROBLEM}
    routes.get("", dependencies=see)(list_stays)
    routes.post("", dependencies=tell, responses=clash)(tell_stay)
    routes.put("/{start}", dependencies=tell, responses=clash)(tell_end)
    routes.delete("/{start}", dependencies=tell, responses=clash)(end_stay)
    return routes


stays_apis = [_routes(folder) for folder in FOLDER]
"""One folder each: one for both would also take the place of every other folder of a home."""
