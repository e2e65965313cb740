"""Coverage in the API: what of each home can be seen now, and since when something of it cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from sensor_hub.access.action import Action
from sensor_hub.model.moment import iso
from sensor_hub.web.answers import CoverageOut
from sensor_hub.web.api import AtDesk
from sensor_hub.web.needs import needs
from sensor_hub.web.overview import view_home
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import HomeRow, Sight

coverage_api = APIRouter(prefix="/api/v1")
Unseen = Literal["wholly", "in part"]


class Sights(Protocol):
    def unseen_now(self, homes: Collection[str]) -> Mapping[str, float]:
        """Since when those of these homes that cannot be seen now are seen no better."""


class HomeCoverageOut(BaseModel):
    """`sight`: of what concerns the resident, at its worst, as the page of homes says it. `unseen`: `wholly` or
    `in part` where the home cannot be seen, since `unseen_since`; null where it can. `kinds`: every kind that is judged
    there, with the reason where it is not watched; a home without any was not looked at yet, and nothing is seen."""

    home: Annotated[str, Field(examples=["elm-14"])]
    sight: Annotated[Sight, Field(examples=["blind"])]
    unseen: Annotated[Unseen | None, Field(examples=["in part"])]
    unseen_since: Annotated[str | None, Field(examples=["2026-11-24T14:09:00Z"])]
    last_heard: Annotated[str | None, Field(examples=["2026-11-24T17:05:00Z"])]
    kinds: list[CoverageOut]


@coverage_api.get("/coverage", dependencies=[needs(Action.SEE_HOMES)])
def list_coverage(request: Request, desk: AtDesk, limit: Limit = USUAL, cursor: Cursor = "") -> Page[HomeCoverageOut]:
    """Homes by id, with what of each can be seen now."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows, now = desk.reads.homes_after(after, limit=limit + 1), desk.now()
    sights: Sights | None = request.app.state.sights
    unseen = {} if sights is None else sights.unseen_now([row.home.id for row in rows])

    def show(row: HomeRow) -> HomeCoverageOut:
        return _out(row, unseen.get(row.home.id), now)

    return page_of(rows, limit, show=show, place=lambda row: (row.home.id,))


def _out(row: HomeRow, since: float | None, now: float) -> HomeCoverageOut:
    view = view_home(row, now)
    unseen: Unseen | None = "wholly" if view.is_wholly_blind else "in part" if view.sight is Sight.BLIND else None
    return HomeCoverageOut(
        home=row.home.id,
        sight=view.sight,
        unseen=unseen,
        unseen_since=None if unseen is None or since is None else iso(since),
        last_heard=None if row.last_heard is None else iso(row.last_heard),
        kinds=[CoverageOut(each.kind, each.subject, each.sight, each.reason) for each in row.coverage],
    )
