"""Absences and visits in the API: told, told otherwise, ended or withdrawn."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import MINUTE, iso
from sensor_hub.model.stay import Stay, ToldStay
from sensor_hub.web.answers import StayOut, stay_out
from sensor_hub.web.api import PROBLEM, AcknowledgeIn, AtDesk, OfHome, home_row, named
from sensor_hub.web.desk import Desk, session_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer, HomeRow
from sensor_hub.web.stays import HomeClock, TypedError, clash_words, read_end, read_name, read_start, standing
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

NONE_THEN = "None is told that begins then."
FOLDER = {"absences": Stay.ABSENCE, "visits": Stay.VISIT}
LONGEST_TIME = 40
Time = Annotated[str, Field(max_length=LONGEST_TIME)]


def _stay(request: Request) -> Stay:
    return FOLDER[request.url.path.split("/")[5]]


AsStay = Annotated[Stay, Depends(_stay)]


class EndIn(AcknowledgeIn):
    """Times are ISO 8601, or `2026-11-25 09:00` by the clock of the home, or `now`. `end` null: nobody knows yet, for
    absences only. `by`: who says so."""

    end: Time | None


class StayIn(EndIn):
    start: Time


def list_stays(desk: AtDesk, row: OfHome, stay: AsStay, limit: Limit = USUAL, cursor: Cursor = "") -> Page[StayOut]:
    """Those that are not over, by their beginning."""
    (after,) = place_of(cursor, float) if cursor else (-math.inf,)
    now = desk.now()
    behind = [one for one in standing(row, stay, now) if one.start > after]
    return page_of(behind, limit, show=lambda one: stay_out(one, now), place=lambda one: (float(one.start),))


def read_stay(response: Response, desk: AtDesk, row: OfHome, stay: AsStay, start: str) -> StayOut:
    """The one that begins then. Its ETag is what a change names in If-Match."""
    return _told(response, row, stay, _began(start, _clock(desk, row)), desk.now())


def tell_stay(request: Request, response: Response, desk: AtDesk, row: OfHome, stay: AsStay, told: StayIn) -> StayOut:
    """Nobody is at home, or somebody is with the resident, in this time. 409 when another stands in the way."""
    clock = _clock(desk, row)
    try:
        start = read_start(told.start, clock)
        end = read_end(told.end or "", stay, start, clock)
    except TypedError as error:
        raise _wrong(error) from error
    answer = desk.acts.tell_stay(row.home.id, stay, (start, end), by=named(request, told.by), is_new=True)
    _refuse(answer, desk, row, stay, (start, end), is_new=True)
    response.headers["Location"] = f"{request.url.path}/{iso(start)}"
    return _told(response, home_row(desk, row.home.id), stay, start, desk.now())


def tell_end(
    request: Request,
    response: Response,
    desk: AtDesk,
    row: OfHome,
    stay: AsStay,
    start: str,
    version: Version,
    told: EndIn,
) -> StayOut:
    """The one that begins then ends at another time, or is said to hold on. 409 when another stands in the way."""
    clock = _clock(desk, row)
    began = _began(start, clock)
    try:
        span = began, read_end(told.end or "", stay, began, clock)
    except TypedError as error:
        raise _wrong(error) from error
    by = named(request, told.by)
    answer = desk.acts.tell_stay(row.home.id, stay, span, by=by, is_new=False, version=version)
    _refuse(answer, desk, row, stay, span, is_new=False)
    return _told(response, home_row(desk, row.home.id), stay, began, desk.now())


def end_stay(request: Request, desk: AtDesk, row: OfHome, stay: AsStay, start: str, version: Version) -> None:
    """The one that begins then ends now; one that has not begun is withdrawn."""
    span = _began(start, _clock(desk, row)), desk.now() // MINUTE * MINUTE
    by = session_of(request).name
    answer = desk.acts.tell_stay(row.home.id, stay, span, by=by, is_new=False, version=version)
    _refuse(answer, desk, row, stay, span, is_new=False)


def _told(response: Response, row: HomeRow, stay: Stay, start: float, now: float) -> StayOut:
    told: ToldStay | None = row.stays.of(stay).get(start)
    if told is None:
        raise HTTPException(404, NONE_THEN)
    shown = stay_out(told, now)
    response.headers["ETag"] = etag(told.version, shown)
    return shown


def _refuse(answer: Answer, desk: Desk, row: HomeRow, stay: Stay, span: tuple[float, float], *, is_new: bool) -> None:
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NONE_THEN)
    if answer is Answer.STALE:
        raise HTTPException(412, STALE)
    if answer is Answer.OVERLAPS:
        words = clash_words(home_row(desk, row.home.id), stay, span, desk.now(), is_new=is_new)
        raise HTTPException(409, f"{words[0].upper()}{words[1:]}.")


def _clock(desk: Desk, row: HomeRow) -> HomeClock:
    return HomeClock(row.home.zone, desk.now())


def _began(start: str, clock: HomeClock) -> float:
    try:
        return read_name(start, clock)
    except TypedError as error:
        raise _wrong(error) from error


def _wrong(error: TypedError) -> HTTPException:
    return HTTPException(422, f"{error.field}: {error}")


def _routes(folder: str) -> APIRouter:
    routes = APIRouter(prefix=f"/api/v1/homes/{{home}}/{folder}", tags=[folder])
    see, tell = [needs(Action.SEE_STAYS)], [needs(Action.TELL_STAYS)]
    clash: dict[int | str, dict[str, Any]] = {409: PROBLEM}
    routes.get("", dependencies=see)(list_stays)
    routes.post("", dependencies=tell, responses=clash, status_code=201)(tell_stay)
    routes.get("/{start}", dependencies=see)(read_stay)
    routes.put("/{start}", dependencies=tell, responses=clash | CHANGES)(tell_end)
    routes.delete("/{start}", dependencies=tell, responses=clash | CHANGES, status_code=204)(end_stay)
    return routes


stays_apis = [_routes(folder) for folder in FOLDER]
"""One folder each: one for both would also take the place of every other folder of a home."""
