"""The weekly review in the API, as figures: a week's alerts, what they were, and what could not be seen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from sensor_hub.access.action import Action
from sensor_hub.alerts.review import Answering, Tally, answering, by_home, by_kind, tally
from sensor_hub.model.alert import Outcome
from sensor_hub.model.home import zone_of_most
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import WEEK, iso
from sensor_hub.web.api import AtDesk
from sensor_hub.web.needs import needs
from sensor_hub.web.review_page import Reviews

review_api = APIRouter(prefix="/api/v1")
MOST = 1000
"""Homes and alerts that are named in one answer; of more, the first."""
ISO_WEEK = r"^([0-9]{4}-W[0-9]{2})?$"
Week = Annotated[
    str,
    Query(max_length=8, pattern=ISO_WEEK, description="`2026-W47` (ISO 8601); left out: the last seven days"),
]


class OutcomesOut(BaseModel):
    """What people said of so many alerts. `precision`: the share that was true, of those of which it was said."""

    alerts: Annotated[int, Field(examples=[12])]
    true: Annotated[int, Field(examples=[7])]
    false: Annotated[int, Field(examples=[2])]
    unknown: Annotated[int, Field(examples=[1])]
    unsaid: Annotated[int, Field(examples=[2])]
    precision: Annotated[float | None, Field(examples=[0.78])]


class KindOut(BaseModel):
    kind: Kind
    outcomes: OutcomesOut


class AnsweringOut(BaseModel):
    """How soon alerts of an urgency were taken or closed; those that were not are in neither time."""

    urgency: Urgency
    answered: Annotated[int, Field(examples=[9])]
    unanswered: Annotated[int, Field(examples=[0])]
    median_seconds: Annotated[float | None, Field(examples=[240.0])]
    longest_seconds: Annotated[float | None, Field(examples=[1260.0])]


class HomeAlertsOut(BaseModel):
    home: Annotated[str, Field(examples=["elm-14"])]
    alerts: Annotated[int, Field(examples=[3])]


class UnseenOut(BaseModel):
    home: Annotated[str, Field(examples=["elm-14"])]
    wholly_seconds: Annotated[float, Field(examples=[21600.0])]
    in_part_seconds: Annotated[float, Field(examples=[0.0])]


class WaitedOut(BaseModel):
    """An alert that only waits for the review."""

    id: Annotated[str, Field(examples=["9c1f"])]
    home: Annotated[str, Field(examples=["elm-14"])]
    kind: Kind
    since: Annotated[str, Field(examples=["2026-11-18T02:10:00Z"])]


class ReviewOut(BaseModel):
    """`pages`: alerts that were not urgent and interrupted people. `exhausted`: alerts of which everybody was told and
    nobody answered, with home and kind in words. `away_seconds`: the hub itself did not run. `cards`, `consents`: homes
    of which the card or what is agreed is to be looked at. Of homes and alerts at most 1,000 are named each."""

    start: Annotated[str, Field(examples=["2026-11-16T00:00:00Z"])]
    end: Annotated[str, Field(examples=["2026-11-23T00:00:00Z"])]
    homes: Annotated[int, Field(examples=[40])]
    outcomes: OutcomesOut
    kinds: list[KindOut]
    answering: list[AnsweringOut]
    pages: Annotated[int, Field(examples=[5])]
    pages_per_home_week: Annotated[float, Field(examples=[0.125])]
    busiest: list[HomeAlertsOut]
    exhausted: Annotated[list[str], Field(examples=[["elm-14: No movement"]])]
    unseen: list[UnseenOut]
    away_seconds: Annotated[float, Field(examples=[0.0])]
    waited: list[WaitedOut]
    cards: Annotated[list[str], Field(examples=[["elm-14"]])]
    consents: Annotated[list[str], Field(examples=[[]])]


@review_api.get("/review", dependencies=[needs(Action.SEE_REVIEW)])
def read_review(request: Request, desk: AtDesk, week: Week = "") -> ReviewOut:
    """Of the homes in sight: the last seven days, or a week from Monday by the clock of most of them."""
    reviews: Reviews = request.app.state.reviews
    homes = [row.home for row in desk.reads.homes()]
    start, end = _span(week, ZoneInfo(zone_of_most(homes)), desk.now())
    review = reviews.review(frozenset(home.id for home in homes), start, end)
    waited = [each for each in review.alerts if each.urgency is Urgency.NOTICE]
    return ReviewOut(
        start=iso(start),
        end=iso(end),
        homes=review.homes,
        outcomes=_outcomes(tally(review.alerts)),
        kinds=[KindOut(kind=kind, outcomes=_outcomes(those)) for kind, those in by_kind(review.alerts)],
        answering=[
            _answering(urgency, answering(review.alerts, urgency)) for urgency in (Urgency.URGENT, Urgency.SOON)
        ],
        pages=review.pages,
        pages_per_home_week=round(review.pages_per_home_week, 4),
        busiest=[HomeAlertsOut(home=home, alerts=count) for home, count in by_home(review.alerts)[:MOST]],
        exhausted=list(review.exhausted[:MOST]),
        unseen=[
            UnseenOut(home=each.home, wholly_seconds=each.wholly, in_part_seconds=each.in_part)
            for each in review.unseen[:MOST]
        ],
        away_seconds=review.away,
        waited=[
            WaitedOut(id=each.alert, home=each.home, kind=each.kind, since=iso(each.since)) for each in waited[:MOST]
        ],
        cards=[each.home for each in review.cards[:MOST]],
        consents=[each.home for each in review.consents[:MOST]],
    )


def _span(week: str, zone: ZoneInfo, now: float) -> tuple[float, float]:
    """HTTPException 422 for a week that is none, or has not begun."""
    if not week:
        return now - WEEK, now
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() for day in (monday, monday + timedelta(7))
        )
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, "week: there is no such week") from error
    if not 0 <= start < now:
        raise HTTPException(422, "week: it has not begun, or was before all weeks")
    return start, min(end, now)


def _outcomes(those: Tally) -> OutcomesOut:
    return OutcomesOut(
        alerts=those.count,
        true=those.outcomes[Outcome.TRUE],
        false=those.outcomes[Outcome.FALSE],
        unknown=those.outcomes[Outcome.UNKNOWN],
        unsaid=those.outcomes[None],
        precision=None if those.precision is None else round(those.precision, 4),
    )


def _answering(urgency: Urgency, those: Answering) -> AnsweringOut:
    return AnsweringOut(
        urgency=urgency,
        answered=those.answered,
        unanswered=those.unanswered,
        median_seconds=those.middle,
        longest_seconds=those.worst,
    )
