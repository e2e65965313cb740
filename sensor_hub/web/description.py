"""The description of the API, for whoever is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.needs import needs

description = APIRouter(include_in_schema=False)


@description.get("/api/openapi.json", dependencies=[needs(Action.SEE_API)])
def describe(request: Request) -> Response:
    return JSONResponse(request.app.openapi())
