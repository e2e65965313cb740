"""The description of the API, for whoever is signed in. What every call may answer is said here, once for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.responses import JSONResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.examples import add_examples
from sensor_hub.web.needs import declared, needs
from sensor_hub.web.problems import MEDIA_TYPE
from sensor_hub.web.turn import HEADER, REPLAYED
from sensor_hub.web.unchanged import JSON

description = APIRouter(include_in_schema=False)
Described = dict[str, Any]
ABOUT = """Alerts and homes. Moments are ISO 8601 in UTC, or epoch seconds where it says so. What is wrong is told as a
problem (RFC 9457). What you may not see answers 404, as what is not there. Lists come by pages: send back `following`
as `cursor` until it is null. A POST with an `Idempotency-Key` is done once, also when it is sent again within a day."""
PROBLEM: Mapping[str, object] = {
    "title": "Problem",
    "description": "RFC 9457. `detail` is for people.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["There is no such home."]},
    },
}
WAYS_IN: Mapping[str, object] = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `shub_...`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sensor_hub_session", "description": "As pages have it"},
}
WORDS = {
    400: "The address holds a NUL, or the body is not JSON",
    401: "Nobody that the hub knows",
    403: "Seen, and not theirs to do; or sent by another site's page",
    404: "Not there, or not theirs to see",
    409: "It is not so any more, or something stands in the way",
    411: "It does not say how long the body is",
    412: "Somebody changed it since",
    413: "The body is too long",
    422: "Not as described, or it cannot be so",
    428: "If-Match is missing",
    429: "Too many requests",
    503: "Not now",
}
WAITS = {429, 503}
RETRY = {"Retry-After": {"schema": {"type": "integer", "minimum": 0}, "description": "seconds"}}
CHALLENGE = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
KEY: Mapping[str, object] = {
    "name": HEADER,
    "in": "header",
    "description": "Of this request alone: sent again with it within a day, it is not done again, and answered alike.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
AGAIN = {REPLAYED: {"schema": {"type": "string", "enum": ["true"]}, "description": "Only where it was done before"}}
HAVE: Mapping[str, object] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of what you have: if it is so still, the answer is 304",
    "schema": {"type": "string"},
}
MARK = {"ETag": {"schema": {"type": "string"}, "required": True}}
OF_BODIES = {411, 413, 422}
SAFE = {"get", "head"}


class Site(FastAPI):
    """Describes its API with every answer that the gate and the needs of routes give."""

    def openapi(self) -> Described:
        if self.openapi_schema is None:
            schema: Described = super().openapi()
            complete(schema, _actions(self))
            add_examples(schema)
        return self.openapi_schema or {}


@description.get("/api/openapi.json", dependencies=[needs(Action.SEE_API)])
def describe(request: Request) -> Response:
    return JSONResponse(request.app.openapi())


def complete(schema: Described, actions: Mapping[tuple[str, str], Action | None]) -> None:
    """Adds to each operation what every one may answer; `actions` by method and path."""
    parts = schema.setdefault("components", {})
    parts["securitySchemes"] = dict(WAYS_IN)
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = dict(PROBLEM)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(method, operation, actions.get((method.upper(), path)))


def _complete(method: str, operation: Described, action: Action | None) -> None:
    answers, told = operation["responses"], {400, 429, 503}
    told |= {int(status) for status in answers if int(status) >= 400}
    if action is not None:
        told |= {401, 403, 404}
        operation["security"] = [{name: []} for name in WAYS_IN]
        operation["x-action"] = action.value
    if method not in SAFE:
        told |= {403, 411, 413}
    shown = answers.get("200", {})
    if method == "get" and action is not None and JSON in shown.get("content", {}):
        operation.setdefault("parameters", []).append(dict(HAVE))
        shown["headers"] = shown.get("headers", {}) | MARK
        answers["304"] = {"description": "As `If-None-Match` has it", "headers": MARK}
    if method == "post" and action is not None:
        operation.setdefault("parameters", []).append(dict(KEY))
        told.add(409)
        for status, each in answers.items():
            if int(status) < 400:
                each["headers"] = each.get("headers", {}) | AGAIN
    if "requestBody" in operation:
        told |= OF_BODIES
    if operation.get("parameters"):
        told.add(422)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "if-match":
            parameter["required"] = True
    operation["responses"] = {
        **{status: each for status, each in answers.items() if int(status) < 400},
        **{str(status): _problem(status) for status in sorted(told)},
    }


def _problem(status: int) -> Described:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = RETRY if status in WAITS else CHALLENGE if status == 401 else None
    return {"description": WORDS[status], "content": content} | ({} if headers is None else {"headers": headers})


def _actions(site: FastAPI) -> Mapping[tuple[str, str], Action | None]:
    return {
        (method, route.path_format or ""): declared(route)
        for route in iter_route_contexts(site.routes)
        for method in route.methods or ()
    }
