"""Rotas in the API: who is on call now and next, the shifts of a time, and who stands in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sensor_hub.access.action import Action
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota
from sensor_hub.alerts.stand_in import StandIn
from sensor_hub.model.moment import parse_moment
from sensor_hub.web.api import PROBLEM, AtDesk, Name, named
from sensor_hub.web.desk import session_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.rota_answers import (
    RotaOut,
    ShiftOut,
    StandInOut,
    rota_out,
    shift_out,
    stand_in_out,
)
from sensor_hub.web.shift_window import From, Until, window_of
from sensor_hub.web.standing_in import Asked, StandInError, StandingIn, plan_now, read_stand_in, standing_in
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

rota_api = APIRouter(prefix="/api/v1/rotas")
stand_in_api = APIRouter(prefix="/api/v1/rotas/{rota}/stand-ins")
NO_ROTA, NO_STAND_IN = "There is no such rota.", "There is no such stand-in."
FULL = "This rota has as many stand-ins as it may: end some, or describe another rota."
ENDED = "This stand-in has ended already."


@dataclass(frozen=True, slots=True)
class OnRota:
    """The rota that is asked about, as it is now."""

    rota: Rota
    plan: Plan


def on_rota(request: Request, desk: AtDesk, rota: str) -> OnRota:
    """HTTPException 404 where it is not there, or not theirs to see."""
    plan = plan_now(request, desk)
    if rota not in plan.rotas:
        raise HTTPException(404, NO_ROTA)
    return OnRota(plan.rotas[rota], plan)


At = Annotated[OnRota, Depends(on_rota)]


def kept(request: Request) -> StandingIn:
    found = standing_in(request)
    assert found is not None
    return found


Kept = Annotated[StandingIn, Depends(kept)]


class StandInIn(BaseModel):
    """`who`: a contact of whom it is confirmed that notices arrive, or a team with one. `instead_of`: only where this
    one would be on call; empty: whoever it is, also nobody. Moments are ISO 8601 with a zone; `from` empty: now. `by`:
    who asks; the name that the request was made with when it is left out."""

    model_config = ConfigDict(
        populate_by_name=True,
        extra="forbid",
        json_schema_extra={"examples": [{"who": "bea", "from": "", "until": "2026-11-25T08:00:00Z"}]},
    )
    who: Annotated[str, Field(max_length=64)]
    instead_of: Annotated[str, Field(max_length=64)] = ""
    start: Annotated[str, Field(alias="from", max_length=40)] = ""
    until: Annotated[str, Field(max_length=40)]
    by: Name = ""


@rota_api.get("", dependencies=[needs(Action.SEE_ROTAS)])
def list_rotas(request: Request, desk: AtDesk, limit: Limit = USUAL, cursor: Cursor = "") -> Page[RotaOut]:
    """The rotas of one's tenant by id, with who is on call now and who follows."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    plan, now = plan_now(request, desk), desk.now()
    found = sorted((rota for name, rota in plan.rotas.items() if name > after), key=lambda rota: rota.id)
    return page_of(found, limit, show=lambda rota: rota_out(rota, plan, now), place=lambda rota: (rota.id,))


@rota_api.get("/{rota}", dependencies=[needs(Action.SEE_ROTAS)])
def read_rota(desk: AtDesk, at: At) -> RotaOut:
    """Who is on call now, and who takes over when."""
    return rota_out(at.rota, at.plan, desk.now())


@rota_api.get("/{rota}/shifts", dependencies=[needs(Action.SEE_ROTAS)])
def list_shifts(
    desk: AtDesk, at: At, start: From = None, until: Until = None, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[ShiftOut]:
    """Whole shifts of which some lies in this time, by when they begin: two weeks from now where none is said."""
    begin, end = window_of(start, until, desk.now())
    (after,) = place_of(cursor, float) if cursor else (-1.0,)
    stints = list(islice((each for each in at.rota.stints(begin, end) if each.start > after), limit + 1))
    return page_of(
        stints, limit, show=lambda each: shift_out(at.rota.id, each, at.plan), place=lambda each: (float(each.start),)
    )


@stand_in_api.get("", dependencies=[needs(Action.SEE_ROTAS)])
def list_stand_ins(desk: AtDesk, at: At, kept: Kept, limit: Limit = USUAL, cursor: Cursor = "") -> Page[StandInOut]:
    """Those of now and later, by when they begin, also such as were ended."""
    place = place_of(cursor, float, str) if cursor else None
    found = kept.page(at.rota.id, desk.now(), limit + 1, place)
    return page_of(found, limit, show=stand_in_out, place=lambda each: (float(each.start), each.id))


@stand_in_api.post("", dependencies=[needs(Action.SET_ROTAS)], status_code=201, responses={409: PROBLEM})
def add_stand_in(request: Request, response: Response, desk: AtDesk, at: At, kept: Kept, told: StandInIn) -> StandInOut:
    """From its beginning on alerts go to them at once. 409 where the rota has as many as it may."""
    now = desk.now()
    try:
        start, until = parse_moment(told.start) if told.start else now, parse_moment(told.until)
    except ValueError as error:
        raise HTTPException(422, f"from, until: {error}") from error
    asked = Asked(told.who, told.instead_of, start, until, named(request, told.by))
    try:
        made = read_stand_in(asked, at.plan, at.rota, kept, now)
    except StandInError as error:
        raise HTTPException(422, f"{error.field}: {error}") from error
    if not kept.add(made, tenant=at.rota.tenant):
        raise HTTPException(409, FULL)
    response.headers["Location"] = f"/api/v1/rotas/{made.rota}/stand-ins/{made.id}"
    response.headers["ETag"] = etag(made.version)
    return stand_in_out(made)


def _found(at: At, kept: Kept, stand_in: str) -> StandIn:
    found = kept.get(at.rota.id, stand_in)
    if found is None:
        raise HTTPException(404, NO_STAND_IN)
    return found


Found = Annotated[StandIn, Depends(_found)]


@stand_in_api.get("/{stand_in}", dependencies=[needs(Action.SEE_ROTAS)])
def read_stand_in_(response: Response, found: Found) -> StandInOut:
    """Its ETag is what an end of it names in If-Match."""
    response.headers["ETag"] = etag(found.version)
    return stand_in_out(found)


@stand_in_api.delete("/{stand_in}", dependencies=[needs(Action.SET_ROTAS)], responses=CHANGES | {409: PROBLEM})
def end_stand_in(request: Request, desk: AtDesk, at: At, kept: Kept, found: Found, version: Version) -> StandInOut:
    """Ends it now: whoever has the shift is on call again, at once. 409 where it is over."""
    if version != found.version:
        raise HTTPException(412, STALE)
    if not kept.end(found, by=session_of(request).name, tenant=at.rota.tenant):
        raise HTTPException(409, ENDED)
    return stand_in_out(kept.get(found.rota, found.id) or found)
