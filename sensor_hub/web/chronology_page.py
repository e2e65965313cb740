"""Who saw and did what, for who may ask: the page and the same in the API. Nobody sees further than their tenant and
homes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.model.moment import LATEST, iso
from sensor_hub.web.desk import Desk, desk_of, principal_of
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import Cursor, End, Page, Start, page_of, place_of

chronology_pages = APIRouter(include_in_schema=False)
chronology_api = APIRouter(prefix="/api/v1/chronology")
SHOWN = 100
Text = Annotated[str, Query(max_length=120)]


class Place(NamedTuple):
    """Of an entry, in the order of all: by the moment (ms), the tenant, the number; the newest first."""

    at_ms: int
    tenant: str
    number: int


@dataclass(frozen=True, slots=True)
class ChronologyRow:
    entry: ChronologyEntry
    place: Place
    hash: bytes


@dataclass(frozen=True, slots=True)
class ChronologyAsked:
    """Which entries; None, or empty: whatever it is."""

    tenant: str | None
    homes: Sequence[str] | None
    who: str = ""
    act: str = ""
    start: float = 0.0
    end: float = LATEST


class HubChronology(Protocol):
    def newest(self, asked: ChronologyAsked, *, limit: int, before: Place | None) -> Sequence[ChronologyRow]: ...


@dataclass(frozen=True, slots=True)
class ChronologyOut:
    at: str
    tenant: str
    """Empty: the hub's own."""
    number: Annotated[int, Field(examples=[412])]
    who: Annotated[str, Field(examples=["5f0c2a9be1d4"])]
    role: str
    act: Annotated[str, Field(examples=["acknowledged"])]
    home: str
    about: Annotated[str, Field(examples=["elm-14-silent"])]
    detail: Annotated[str, Field(examples=[""])]
    hash: Annotated[str, Field(examples=["9f2c4a8be0d17c3350fb1e6a9d42c8075be13fa6d90c2e7748a1b6f35d0ec921"])]


def _asked(
    request: Request,
    home: Text = "",
    who: Text = "",
    act: Text = "",
    start: Start = 0.0,
    end: End = LATEST,
) -> ChronologyAsked:
    person = principal_of(request)
    homes = None if person.homes is None else sorted(person.homes)
    if home:
        homes = [home] if homes is None or home in homes else []
    return ChronologyAsked(person.tenant, homes, who.strip(), act.strip(), start, end)


Asked = Annotated[ChronologyAsked, Depends(_asked)]


def _place(
    cursor: Cursor = "",
) -> Place | None:
    return Place(*place_of(cursor, int, str, int)) if cursor else None


Before = Annotated[Place | None, Depends(_place)]


def _read(request: Request, asked: ChronologyAsked, before: Place | None, limit: int) -> Page[ChronologyOut]:
    chronology: HubChronology = request.app.state.chronology
    rows = chronology.newest(asked, limit=limit + 1, before=before)
    return page_of(rows, limit, show=_out, place=lambda row: row.place)


@chronology_api.get("", dependencies=[needs(Action.SEE_CHRONOLOGY)])
def read_chronology(
    request: Request, asked: Asked, before: Before, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> Page[ChronologyOut]:
    """Who saw and did what, the newest first."""
    return _read(request, asked, before, limit)


@chronology_pages.get("/chronology", dependencies=[needs(Action.SEE_CHRONOLOGY)])
def chronology(
    request: Request, desk: Annotated[Desk, Depends(desk_of)], asked: Asked, before: Before, home: Text = ""
) -> Response:
    page = _read(request, asked, before, SHOWN)
    form = {"home": home, "who": asked.who, "act": asked.act}
    older = "" if page.following is None else "?" + urlencode({**form, "cursor": page.following})
    return desk.page(
        request, "chronology.html", rows=page.items, form=form, acts=[each.value for each in Act], older=older
    )


def _out(row: ChronologyRow) -> ChronologyOut:
    said = row.entry
    return ChronologyOut(
        at=iso(said.at),
        tenant=said.tenant,
        number=row.place.number,
        who=said.who,
        role=said.role,
        act=said.act,
        home=said.home,
        about=said.about,
        detail=said.detail,
        hash=row.hash.hex(),
    )
