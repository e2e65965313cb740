"""What a technician does to a device on the home's page beside placing it: replaces it, or takes it away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.model.reading import is_device_id
from sensor_hub.web.desk import session_of
from sensor_hub.web.devices_api import ELSEWHERE, done
from sensor_hub.web.forms import Seen, checked
from sensor_hub.web.home_pages import DEVICE_STALE, AtDesk, show_home
from sensor_hub.web.needs import needs
from sensor_hub.web.ports import Answer

device_pages = APIRouter(prefix="/homes/{home}/devices", include_in_schema=False)
Typed = Annotated[str, Form()]


@device_pages.post("/replace", dependencies=[needs(Action.PLACE_DEVICES), Depends(checked)])
def replace_device(request: Request, desk: AtDesk, home: str, device: Typed, by_device: Typed = "") -> Response:
    by_device = by_device.strip()
    if not is_device_id(by_device) or by_device == device:
        return show_home(request, desk, home, errors={f"by-{device}": "Say which device stands there now: its id"})
    answer = desk.acts.replace_device(home, device, by_device, by=session_of(request).name)
    if answer is Answer.TAKEN:
        return show_home(request, desk, home, errors={f"by-{device}": ELSEWHERE})
    done(answer)
    return RedirectResponse(f"/homes/{home}?told=replaced#devices", status_code=303)


@device_pages.post("/take-away", dependencies=[needs(Action.PLACE_DEVICES), Depends(checked)])
def take_device_away(request: Request, desk: AtDesk, home: str, device: Typed, version: Seen = None) -> Response:
    answer = desk.acts.take_away(home, device, by=session_of(request).name, version=version)
    if answer is Answer.STALE:
        return show_home(request, desk, home, errors={f"by-{device}": DEVICE_STALE})
    done(answer)
    return RedirectResponse(f"/homes/{home}?told=taken-away#devices", status_code=303)
