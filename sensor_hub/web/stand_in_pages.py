"""The form on the page of shifts by which somebody stands in, from now or later on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.api import AtDesk
from sensor_hub.web.desk import acting_name
from sensor_hub.web.duty_page import StandInForm, shift_page
from sensor_hub.web.forms import checked
from sensor_hub.web.home_time import parse_home_time
from sensor_hub.web.needs import needs
from sensor_hub.web.rota_api import FULL, NO_ROTA, NO_STAND_IN, At, Kept, OnRota
from sensor_hub.web.standing_in import Asked, StandInError, StandingIn, plan_now, read_stand_in

stand_in_pages = APIRouter(prefix="/shift/stand-ins", include_in_schema=False)


def _form(
    rota: Annotated[str, Form()] = "",
    who: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> StandInForm:
    return StandInForm(rota, who, start, until)


@stand_in_pages.post("", dependencies=[needs(Action.SET_ROTAS), Depends(checked)])
def stand_in(request: Request, desk: AtDesk, kept: Kept, form: Annotated[StandInForm, Depends(_form)]) -> Response:
    plan = plan_now(request, desk)
    if form.rota not in plan.rotas:
        return shift_page(request, desk, form=form, errors={"rota": NO_ROTA})
    at = OnRota(plan.rotas[form.rota], plan)
    try:
        full = _add(form, at, kept, desk.now(), acting_name(request, ""))
    except StandInError as error:
        return shift_page(request, desk, form=form, errors={error.field: str(error)})
    if full:
        return shift_page(request, desk, form=form, errors={"rota": FULL})
    return RedirectResponse("/shift?told=stands-in", status_code=303)


@stand_in_pages.post("/{rota}/{stand_in}/end", dependencies=[needs(Action.SET_ROTAS), Depends(checked)])
def end(request: Request, at: At, kept: Kept, stand_in: str) -> Response:
    found = kept.get(at.rota.id, stand_in)
    if found is None:
        raise HTTPException(404, NO_STAND_IN)
    done = kept.end(found, by=acting_name(request, ""), tenant=at.rota.tenant)
    return RedirectResponse(f"/shift?told={'stood-in' if done else 'already-stood-in'}", status_code=303)


def _add(form: StandInForm, at: OnRota, kept: StandingIn, now: float, by: str) -> bool:
    """Times are by the rota's clock. Whether the rota has as many as it may."""
    moments = {}
    for field, text in (("from", form.start or "now"), ("until", form.until)):
        try:
            moments[field] = parse_home_time(text, at.rota.zone, now)
        except ValueError as error:
            raise StandInError(field, f"{str(error)[:1].upper()}{str(error)[1:]}") from error
    asked = Asked(form.who, "", moments["from"], moments["until"], by)
    return not kept.add(read_stand_in(asked, at.plan, at.rota, kept, now), tenant=at.rota.tenant)
