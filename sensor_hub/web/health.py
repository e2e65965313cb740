"""What machines ask: is it alive, can it work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response

from sensor_hub.web.desk import Desk, hub_desk_of

health = APIRouter(include_in_schema=False)
AtDesk = Annotated[Desk, Depends(hub_desk_of)]


@health.get("/healthz")
def alive() -> Response:
    return PlainTextResponse("alive\n")


@health.get("/readyz")
def ready(desk: AtDesk) -> Response:
    """503 when the hub cannot do its work; it says no more, since anybody may ask."""
    return PlainTextResponse("ready\n") if desk.reads.ready() else PlainTextResponse("not ready\n", 503)
