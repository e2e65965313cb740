"""Who lives in a home: their records, apart from what is measured there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.card_page import AtDesk, People, home_of
from sensor_hub.web.desk import Desk, principal_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs
from sensor_hub.web.people_ports import HubPeople, Saved
from sensor_hub.web.resident_form import ResidentTyped, Typed

resident_pages = APIRouter(prefix="/homes/{home}/residents", include_in_schema=False)
CHANGING = [needs(Action.SET_PEOPLE), Depends(checked)]
NEW = "new"
"""The form of a resident who has no record yet."""
CHANGED = "Somebody changed this record while you did. Nothing of yours was kept: look at it, then change it again."


@resident_pages.get("", dependencies=[needs(Action.SEE_PEOPLE)])
def residents(request: Request, desk: AtDesk, people: People, home: str, told: str = "") -> Response:
    return _page(request, desk, people, home, told=told)


@resident_pages.post("", dependencies=CHANGING)
def add(request: Request, desk: AtDesk, people: People, home: str, typed: Typed) -> Response:
    home_of(desk, home)
    if typed.errors:
        return _page(request, desk, people, home, typed=typed, which=NEW)
    people.add_resident(home, typed.record, by=principal_of(request))
    return _done(home, "resident")


@resident_pages.post("/{resident}", dependencies=CHANGING)
def change(request: Request, desk: AtDesk, people: People, home: str, resident: str, typed: Typed) -> Response:
    home_of(desk, home)
    if typed.errors:
        return _page(request, desk, people, home, typed=typed, which=resident)
    by = principal_of(request)
    saved = people.set_resident(home, resident, typed.record, version=typed.version, by=by)
    return _done(home, "resident", saved)


@resident_pages.post("/{resident}/remove", dependencies=CHANGING)
def remove(
    request: Request, desk: AtDesk, people: People, home: str, resident: str, version: Annotated[int, Form(ge=0)]
) -> Response:
    home_of(desk, home)
    saved = people.remove_resident(home, resident, version=version, by=principal_of(request))
    return _done(home, "resident-removed", saved)


def _done(home: str, told: str, saved: Saved = Saved.DONE) -> Response:
    if saved is Saved.UNKNOWN:
        raise HTTPException(404, "There is no such record any more.")
    if saved is Saved.STALE:
        raise HTTPException(409, CHANGED)
    return RedirectResponse(f"/homes/{home}/residents?told={told}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    people: HubPeople,
    home: str,
    *,
    told: str = "",
    typed: ResidentTyped | None = None,
    which: str = "",
) -> Response:
    """`which` form holds what was typed, with what is wrong about it."""
    row = home_of(desk, home)
    errors = {} if typed is None else {f"{which}-{name}": words for name, words in typed.errors.items()}
    return desk.page(
        request,
        "residents.html",
        status=422 if errors else 200,
        home=row.home,
        residents=people.residents(home, by=principal_of(request)),
        told=told,
        typed=typed,
        which=which,
        errors=errors,
    )
