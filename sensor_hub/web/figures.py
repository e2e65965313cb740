"""Figures over homes, without a name of any: a page, and the same in the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.alerts.figures import FEWEST, Answered, Figures, WeekFigures, figures, whole_weeks
from sensor_hub.alerts.review_text import span_words
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.model.moment import iso, local
from sensor_hub.web.alert_page import URGENCY_WORDS
from sensor_hub.web.chart_table import Row, Table
from sensor_hub.web.desk import Desk, bounds_of, desk_of
from sensor_hub.web.needs import needs
from sensor_hub.web.review_page import Reviews
from sensor_hub.web.wording import UTC_ZONE

figure_pages = APIRouter(include_in_schema=False)
figure_api = APIRouter(prefix="/api/v1")
SHOWN_WEEKS = 8
FEW = "few"
"""Fewer homes than may be told of."""
MOST_WEEKS = 26


@dataclass(frozen=True, slots=True)
class CountOut:
    kind: Kind
    alerts: Annotated[int | None, Field(examples=[12])]
    """Null: fewer than five homes stand behind it."""


@dataclass(frozen=True, slots=True)
class AnsweredOut:
    urgency: Urgency
    share: Annotated[float | None, Field(examples=[0.96])]
    """Of the alerts raised, answered by now; null: fewer than five homes stand behind it."""
    median_seconds: Annotated[float | None, Field(examples=[720.0])]


@dataclass(frozen=True, slots=True)
class WeekOut:
    start: Annotated[str, Field(examples=["2026-11-16T00:00:00Z"])]
    """Monday, 00:00 UTC."""
    seen: Annotated[float, Field(examples=[0.9931])]
    """The share of the homes' time in which they could be seen."""
    alerts: list[CountOut]
    answers: list[AnsweredOut]


@dataclass(frozen=True, slots=True)
class FiguresOut:
    homes: Annotated[int | None, Field(examples=[240])]
    """Null: fewer than five, of which nothing is told."""
    weeks: list[WeekOut]


@figure_api.get("/figures", dependencies=[needs(Action.SEE_FIGURES)])
def read_figures(request: Request, weeks: Annotated[int, Query(ge=1, le=MOST_WEEKS)] = SHOWN_WEEKS) -> FiguresOut:
    """The last whole weeks, oldest first: counts by kind, how soon alerts were answered, how much could be seen."""
    found = _figures(request, weeks)
    return FiguresOut(
        found.homes,
        [
            WeekOut(
                iso(week.start),
                round(week.seen, 4),
                [CountOut(count.kind, count.alerts) for count in week.counts],
                [AnsweredOut(each.urgency, each.share, each.median) for each in week.answered],
            )
            for week in found.weeks
        ],
    )


@figure_pages.get("/figures", dependencies=[needs(Action.SEE_FIGURES)])
def show_figures(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    found = _figures(request, SHOWN_WEEKS)
    weeks = found.weeks[::-1]
    kinds = [count.kind for count in weeks[0].counts] if weeks else []
    urgencies = [each.urgency for each in weeks[0].answered][::-1] if weeks else []
    return desk.page(
        request,
        "figures.html",
        homes=found.homes,
        fewest=FEWEST,
        seen=Table(["Homes seen"], [Row(_words(week), [f"{week.seen:.1%}"]) for week in weeks]),
        counts=Table([KINDS[kind].title for kind in kinds], [Row(_words(week), _counts(week)) for week in weeks]),
        answers=Table(
            [URGENCY_WORDS[urgency] for urgency in urgencies],
            [Row(_words(week), [_answer_words(each) for each in reversed(week.answered)]) for week in weeks],
        ),
    )


def _words(week: WeekFigures) -> str:
    """`17 Nov`: the Monday."""
    day = local(week.start, UTC_ZONE)
    return f"{day.day} {day:%b}"


def _counts(week: WeekFigures) -> list[str]:
    return [FEW if count.alerts is None else str(count.alerts) for count in week.counts]


def _answer_words(answered: Answered) -> str:
    """`96%, half within 12 min`."""
    if answered.share is None:
        return FEW
    half = "" if answered.median is None else f", half within {span_words(answered.median)}"
    return f"{answered.share:.0%}{half}"


def _figures(request: Request, weeks: int) -> Figures:
    reviews: Reviews = request.app.state.reviews
    homes = frozenset(bounds_of(request).in_sight())
    spans = whole_weeks(desk_of(request).now(), weeks)
    return figures([reviews.review(homes, start, end) for start, end in spans], len(homes))
