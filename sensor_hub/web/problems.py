"""What went wrong, as a problem of RFC 9457 for programs and as a page for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sensor_hub.history.port import HistoryError
from sensor_hub.web.desk import desk_of
from sensor_hub.web.gateway_ports import GatewayError
from sensor_hub.web.headers import HEADERS
from sensor_hub.web.people_ports import LockedError
from sensor_hub.web.ports import BusyError
from sensor_hub.web.turn import ReplayedError, turn_of

MEDIA_TYPE = "application/problem+json"
IN_WORDS = {
    400: ("Not understood", "The hub cannot read what was sent. Go back and try again."),
    403: ("Not for your role", "Your role does not let you do this."),
    404: ("Not found", "There is no such page, or it is not for you to see."),
    405: ("Shown only by a button", "This page opens by a button on another page. Go back there and press it again."),
    413: ("Too much at once", "What was sent is larger than the hub takes."),
    422: ("Not understood", "The hub cannot do what was asked for."),
    429: ("Wait a moment", "Too many attempts. Wait a minute and try again."),
    500: ("Something went wrong", "The hub could not answer."),
    503: ("Not possible now", "The hub cannot do this now. Try again in a minute."),
}
"""For people: the title of a status, and what is said where nothing better is known."""
UNSHOWN = "We cannot show the history now. The home is watched and alerts are told all the same. Look again later."


def is_for_programs(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics"


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """A problem whose type is its status (`about:blank`)."""
    row = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(row, status, media_type=MEDIA_TYPE)


def fields_wrong(errors: Mapping[str, str], status: int = 422) -> HTTPException:
    """What is wrong with what was sent, by field."""
    return HTTPException(status, "; ".join(f"{name}: {words}" for name, words in errors.items()))


def add_problems(site: FastAPI) -> None:
    """Makes `site` answer every error this way."""
    site.add_exception_handler(HTTPException, _refused)
    site.add_exception_handler(RequestValidationError, _invalid)
    site.add_exception_handler(ReplayedError, _replayed)
    site.add_exception_handler(BusyError, _busy)
    site.add_exception_handler(LockedError, _locked)
    site.add_exception_handler(HistoryError, _unshown)
    site.add_exception_handler(GatewayError, _undone)
    site.add_exception_handler(Exception, _broken)


def told(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A problem for a program, a page for a person."""
    title = HTTPStatus(status).phrase
    if is_for_programs(request.url.path):
        answer: Response = problem(status, title, detail)
    else:
        in_words, instead = IN_WORDS.get(status, (title, detail))
        said = instead if detail in {title, HTTPStatus(status).description} else detail
        answer = desk_of(request).page(request, "problem.html", status=status, title=in_words, detail=said)
    answer.headers.update(headers or {})
    return answer


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    default = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != default else HTTPStatus(error.status_code).description or default
    return told(request, error.status_code, detail, headers)


def _allowed(request: Request) -> list[str]:
    """What may be asked of this path; the router tells only of the first of its routes."""
    site: FastAPI = request.app
    found: set[str] = set()
    for route in iter_route_contexts(site.routes):
        pattern: re.Pattern[str] | None = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(request.url.path):
            found |= route.methods or set()
    return sorted(found)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = "; ".join(f"{'.'.join(str(part) for part in row['loc'])}: {row['msg']}" for row in error.errors())
    return told(request, 422, wrong)


def _replayed(_: Request, error: Exception) -> Response:
    assert isinstance(error, ReplayedError)
    return error.response()


def _busy(request: Request, error: Exception) -> Response:
    assert isinstance(error, BusyError)
    turn = turn_of(request)
    if turn is not None:
        turn.is_unsure = error.is_waiting
    detail = "The hub is busy. What you asked for was perhaps not done: look, then try again."
    return told(request, 503, detail, {"Retry-After": "5"})


def _locked(request: Request, _: Exception) -> Response:
    """Why stands in the hub's log: paths of its machine are nobody else's business."""
    detail = "Personal data are locked: the hub lacks their key. Whoever runs it finds out why with sensor-hub check."
    return told(request, 503, detail)


def _unshown(request: Request, _: Exception) -> Response:
    return told(request, 503, UNSHOWN, {"Retry-After": "60"})


def _undone(request: Request, error: Exception) -> Response:
    return told(request, 409, str(error))


def _broken(request: Request, _: Exception) -> Response:
    """This answer does not pass the gate again; the server logs the error itself."""
    detail = "The hub could not answer. What you asked for was perhaps not done: look before you act again."
    return told(request, 500, detail, {**HEADERS, "Cache-Control": "no-store"})
