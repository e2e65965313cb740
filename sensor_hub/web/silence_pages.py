"""The page on which alerts are silenced, and the same in the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from sensor_hub.access.action import Action
from sensor_hub.alerts.silence import SILENCEABLE
from sensor_hub.model.kind import KINDS, Kind
from sensor_hub.model.moment import DAY, HOUR, iso, parse_moment
from sensor_hub.web.api import PROBLEM, AtDesk, Name, named
from sensor_hub.web.bounded_silences import BoundedSilences
from sensor_hub.web.desk import Desk, bounds_of, session_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer
from sensor_hub.web.silences import (
    ENDED_SHOWN,
    LONGEST_WHY,
    Asked,
    SilenceError,
    SilenceMark,
    SilenceRow,
    Silencing,
    read_silence,
    view_silence,
)
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

silence_pages = APIRouter(include_in_schema=False)
silence_api = APIRouter(prefix="/api/v1/silences")
SPANS = {
    "1": "1 hour",
    "4": "4 hours",
    "12": "12 hours",
    "24": "1 day",
    "72": "3 days",
    "168": "1 week",
    "336": "2 weeks",
    "744": "31 days",
}
NO_SILENCE = "There is no such silence."


def _silencing(request: Request) -> Silencing:
    bounds = bounds_of(request)
    silencing: Silencing = request.app.state.silencing
    return silencing if bounds.are_none else BoundedSilences(silencing, bounds)


def _silenceable(request: Request) -> list[Kind]:
    """What the person who asks may silence."""
    return [kind for kind in Kind if kind in SILENCEABLE and bounds_of(request).shows_kind(kind)]


Silent = Annotated[Silencing, Depends(_silencing)]


@dataclass(frozen=True, slots=True)
class SilenceForm:
    """As it was sent."""

    homes: str
    kinds: list[str]
    place: str
    hours: str
    why: str


def _form(
    homes: Annotated[str, Form()] = "",
    kinds: Annotated[list[str] | None, Form()] = None,
    place: Annotated[str, Form()] = "",
    hours: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> SilenceForm:
    return SilenceForm(homes, kinds or [], place, hours, why)


@silence_pages.get("/silences", dependencies=[needs(Action.SEE_SILENCES)])
def silences(
    request: Request,
    desk: AtDesk,
    silencing: Silent,
    home: str = "",
    kind: Annotated[list[str] | None, Query()] = None,
    told: str = "",
) -> Response:
    form = SilenceForm(home, kind or [], "", "4", "")
    return _page(request, desk, silencing, form, told=told)


@silence_pages.post("/silences", dependencies=[needs(Action.SILENCE), Depends(checked)])
def ask(request: Request, desk: AtDesk, silencing: Silent, form: Annotated[SilenceForm, Depends(_form)]) -> Response:
    if form.hours not in SPANS:
        return _page(request, desk, silencing, form, errors={"hours": "Choose for how long"})
    until = desk.now() + float(form.hours) * HOUR
    asked = Asked(form.homes, form.kinds, form.place, desk.now(), until, session_of(request).name, form.why)
    try:
        silence = read_silence(asked, bounds_of(request).in_sight(), desk.now(), _silenceable(request))
    except SilenceError as error:
        return _page(request, desk, silencing, form, errors={error.field: str(error)})
    silencing.add(silence)
    return RedirectResponse("/silences?told=silenced", status_code=303)


@silence_pages.post("/silences/{silence}/end", dependencies=[needs(Action.SILENCE), Depends(checked)])
def end(request: Request, silencing: Silent, silence: str) -> Response:
    answer = silencing.end(silence, by=session_of(request).name)
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_SILENCE)
    told = "unsilenced" if answer is Answer.DONE else "already-unsilenced"
    return RedirectResponse(f"/silences?told={told}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    silencing: Silencing,
    form: SilenceForm,
    *,
    told: str = "",
    errors: Mapping[str, str] | None = None,
) -> Response:
    now = desk.now()
    views = [view_silence(row, now) for row in silencing.rows(since=now - ENDED_SHOWN)]
    return desk.page(
        request,
        "silences.html",
        status=422 if errors else 200,
        standing=[view for view in views if view.stands],
        ended=[view for view in views if not view.stands],
        form=form,
        errors=errors or {},
        spans=SPANS,
        kinds=[(kind.value, KINDS[kind].title) for kind in _silenceable(request)],
        told=told,
        longest_why=LONGEST_WHY,
        days=int(ENDED_SHOWN / DAY),
    )


class SilenceIn(BaseModel):
    """`homes`: a home or a pattern. `kinds` empty: all but alarms. `place`: a room or a device. Times are ISO 8601 with
    a zone; `start` empty: now. `by`: who asks; the name that the request was made with when it is left out."""

    homes: Annotated[str, Field(max_length=64, examples=["elm-14"])]
    kinds: Annotated[list[str], Field(max_length=len(Kind))] = []
    place: Annotated[str, Field(max_length=64, examples=["hall"])] = ""
    start: Annotated[str, Field(max_length=40)] = ""
    until: Annotated[str, Field(max_length=40)]
    why: Annotated[str, Field(max_length=LONGEST_WHY, examples=["builders in the hall"])]
    by: Name = ""


@dataclass(frozen=True, slots=True)
class SilenceOut:
    id: Annotated[str, Field(examples=["03370633"])]
    homes: Annotated[str, Field(examples=["elm-14"])]
    kinds: list[Kind]
    place: Annotated[str, Field(examples=["hall"])]
    start: str
    until: str
    who: str
    why: Annotated[str, Field(examples=["builders in the hall"])]
    ended_at: str | None
    ended_by: str
    """Empty where it ended by itself."""
    held_back: Annotated[list[str], Field(examples=[["elm-14-silent"]])]
    """The ids of the alerts that it held back."""
    version: int
    """What a change names in If-Match."""


@silence_api.get("", dependencies=[needs(Action.SEE_SILENCES)])
def list_silences(desk: AtDesk, silencing: Silent, limit: Limit = USUAL, cursor: Cursor = "") -> Page[SilenceOut]:
    """Those that have not ended, or have in the last seven days; the one that begins last comes first."""
    rows = silencing.newest(since=desk.now() - ENDED_SHOWN, limit=limit + 1, after=_mark(cursor) if cursor else None)
    return page_of(rows, limit, show=_out, place=lambda row: (float(row.silence.start), row.silence.id))


@silence_api.post("", dependencies=[needs(Action.SILENCE)], status_code=201)
def add_silence(request: Request, response: Response, desk: AtDesk, silencing: Silent, told: SilenceIn) -> SilenceOut:
    """Nobody is told of such alerts in that time. What it held back and still holds is told when it ends."""
    now = desk.now()
    try:
        start, until = parse_moment(told.start) if told.start else now, parse_moment(told.until)
    except ValueError as error:
        raise HTTPException(422, f"start, until: {error}") from error
    asked = Asked(told.homes, told.kinds, told.place, start, until, named(request, told.by), told.why)
    try:
        silence = read_silence(asked, bounds_of(request).in_sight(), now, _silenceable(request))
    except SilenceError as error:
        raise HTTPException(422, f"{error.field}: {error}") from error
    silencing.add(silence)
    response.headers["Location"] = f"{silence_api.prefix}/{silence.id}"
    return _shown(response, silencing.row(silence.id) or SilenceRow(silence, []))


def _found(silencing: Silent, silence: str) -> SilenceRow:
    row = silencing.row(silence)
    if row is None:
        raise HTTPException(404, NO_SILENCE)
    return row


Found = Annotated[SilenceRow, Depends(_found)]


@silence_api.get("/{silence}", dependencies=[needs(Action.SEE_SILENCES)])
def show_silence(response: Response, row: Found) -> SilenceOut:
    """One of them. Its ETag is what ending it names in If-Match."""
    return _shown(response, row)


@silence_api.delete("/{silence}", dependencies=[needs(Action.SILENCE)], responses=CHANGES | {409: PROBLEM})
def end_silence(request: Request, response: Response, silencing: Silent, row: Found, version: Version) -> SilenceOut:
    """Ends it now. 409 where it has ended."""
    silence = row.silence
    if silence.version == version and silence.ended_at is not None:
        raise HTTPException(409, "This silence has ended already.")
    # Of two who end it at once one is told that it was the other.
    if silence.version != version or silencing.end(silence.id, by=session_of(request).name) is not Answer.DONE:
        raise HTTPException(412, STALE)
    return _shown(response, silencing.row(silence.id) or row)


def _mark(cursor: str) -> SilenceMark:
    return SilenceMark(*place_of(cursor, float, str))


def _shown(response: Response, row: SilenceRow) -> SilenceOut:
    shown = _out(row)
    response.headers["ETag"] = etag(shown.version, shown)
    return shown


def _out(row: SilenceRow) -> SilenceOut:
    silence = row.silence
    return SilenceOut(
        id=silence.id,
        homes=silence.homes,
        kinds=sorted(silence.kinds),
        place=silence.place,
        start=iso(silence.start),
        until=iso(silence.until),
        who=silence.who,
        why=silence.why,
        ended_at=None if silence.ended_at is None else iso(silence.ended_at),
        ended_by=silence.ended_by,
        held_back=[each.id for each in row.held_back],
        version=silence.version,
    )
