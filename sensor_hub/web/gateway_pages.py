"""The pages of gateways, for who fits them: how each is, codes to join with, passwords and settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.api import AtDesk, OfHome
from sensor_hub.web.desk import Desk
from sensor_hub.web.forms import checked
from sensor_hub.web.gateway_ports import Change, GatewayError, HubGateways
from sensor_hub.web.gateway_rows import gateway_rows
from sensor_hub.web.gateways_api import NO_CODE, NO_GATEWAY, ROTATING, AtGateways
from sensor_hub.web.needs import needs
from sensor_hub.web.ports import Answer, HomeRow

A_PAGE = 50
STALE = "Somebody changed the settings since. These are the newest: change what you find"
gateway_pages = APIRouter(prefix="/gateways", include_in_schema=False)
Typed = Annotated[str, Form()]


@gateway_pages.get("", dependencies=[needs(Action.ADD_GATEWAYS)])
def gateways(request: Request, desk: AtDesk, known: AtGateways, after: str = "") -> Response:
    homes = desk.reads.homes_after(after, limit=A_PAGE + 1)
    rows = gateway_rows(desk.reads, known, homes[:A_PAGE])
    following = rows[-1].home if len(homes) > A_PAGE else ""
    return desk.page(request, "gateways.html", rows=rows, following=following)


@gateway_pages.get("/{home}", dependencies=[needs(Action.ADD_GATEWAYS)])
def one_gateway(request: Request, desk: AtDesk, known: AtGateways, home: OfHome, told: str = "") -> Response:
    return _page(request, desk, known, home, told=told)


@gateway_pages.post("/{home}/code", dependencies=[needs(Action.ADD_GATEWAYS), Depends(checked)])
def make_code(request: Request, desk: AtDesk, known: AtGateways, home: OfHome) -> Response:
    """The page that shows it is the answer to this form alone."""
    made = known.make_code(home.home.id)
    answer = desk.page(request, "join_code.html", home=home.home.id, made=made)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@gateway_pages.post("/{home}/code/withdraw", dependencies=[needs(Action.ADD_GATEWAYS), Depends(checked)])
def withdraw_code(known: AtGateways, home: OfHome, mark: Typed = "") -> Response:
    if not known.withdraw_code(home.home.id, mark):
        raise HTTPException(404, NO_CODE)
    return _back(home, "code-withdrawn")


@gateway_pages.post("/{home}/rotate", dependencies=[needs(Action.ADD_GATEWAYS), Depends(checked)])
def rotate(known: AtGateways, home: OfHome) -> Response:
    if known.rotate(home.home.id) is None:
        raise HTTPException(409, ROTATING)
    return _back(home, "rotating")


@gateway_pages.post("/{home}/remove", dependencies=[needs(Action.ADD_GATEWAYS), Depends(checked)])
def remove(known: AtGateways, home: OfHome) -> Response:
    if known.remove(home.home.id) is not Answer.DONE:
        raise HTTPException(404, NO_GATEWAY)
    return _back(home, "gateway-removed")


@gateway_pages.post("/{home}/settings", dependencies=[needs(Action.SET_GATEWAYS), Depends(checked)])
def send_settings(
    request: Request,
    desk: AtDesk,
    known: AtGateways,
    home: OfHome,
    version: Annotated[int, Form()] = 0,
    settings: Typed = "",
) -> Response:
    try:
        wanted = _object(settings)
        changed = known.change_settings(home.home.id, wanted, version)
    except (ValueError, RecursionError) as error:
        return _page(request, desk, known, home, errors={"settings": f"Not a JSON object: {error}"}, typed=settings)
    except GatewayError as error:
        return _page(request, desk, known, home, errors={"settings": str(error)}, typed=settings)
    if changed is Change.STALE:
        return _page(request, desk, known, home, errors={"settings": STALE})
    if changed is not Change.DONE:
        return _page(request, desk, known, home, errors={"settings": changed.value}, typed=settings)
    return _back(home, "gateway-settings")


def _object(text: str) -> dict[str, Any]:
    """ValueError for what is no JSON object."""
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def _back(home: HomeRow, told: str) -> Response:
    return RedirectResponse(f"/gateways/{home.home.id}?told={told}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    known: HubGateways,
    home: HomeRow,
    *,
    told: str = "",
    errors: Mapping[str, str] | None = None,
    typed: str | None = None,
) -> Response:
    (row,) = gateway_rows(desk.reads, known, [home])
    settings = known.settings(home.home.id)
    text = json.dumps(settings.wanted, indent=1, ensure_ascii=False) if typed is None else typed
    return desk.page(
        request,
        "gateway.html",
        status=422 if errors else 200,
        told=told,
        errors=errors or {},
        gateway=row,
        settings=settings,
        typed=text,
        own=json.dumps(settings.own, indent=1, ensure_ascii=False) if settings.own else "",
        codes=known.codes(home.home.id),
    )
