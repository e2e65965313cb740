"""The last seven days, as the weekly review tells them, with links."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.alerts.review import Review, Reviewed, answering, by_home, by_kind, tally
from sensor_hub.alerts.review_text import (
    answer_words,
    blindness_words,
    card_words,
    consent_words,
    outcome_words,
    page_words,
    precision_words,
    span_words,
)
from sensor_hub.model.kind import KINDS, Urgency
from sensor_hub.model.moment import DAY
from sensor_hub.web.desk import Desk, desk_of
from sensor_hub.web.needs import needs
from sensor_hub.web.wording import UTC_ZONE, moment_words

review_pages = APIRouter(include_in_schema=False)
SHOWN = 7 * DAY


class Reviews(Protocol):
    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        """What happened in these homes."""


@review_pages.get("/review", dependencies=[needs(Action.SEE_REVIEW)])
def week(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    now, reviews = desk.now(), request.app.state.reviews
    zones = {row.home.id: row.home.zone for row in desk.reads.homes()}
    review: Review = reviews.review(frozenset(zones), now - SHOWN, now)

    def line(alert: Reviewed) -> dict[str, str]:
        title, zone = KINDS[alert.kind].title, zones.get(alert.home, UTC_ZONE)
        since = moment_words(alert.since, now, zone)
        return {"id": alert.alert, "home": alert.home, "title": title, "since": since, "summary": alert.summary}

    return desk.page(
        request,
        "review.html",
        review=review,
        whole=outcome_words(tally(review.alerts)),
        precision=precision_words(tally(review.alerts)),
        pages=page_words(review),
        urgent=answer_words(answering(review.alerts, Urgency.URGENT)),
        soon=answer_words(answering(review.alerts, Urgency.SOON)),
        kinds=[(KINDS[kind].title, those.count, outcome_words(those)) for kind, those in by_kind(review.alerts)],
        homes=by_home(review.alerts),
        unseen=[(each.home, blindness_words(each)) for each in review.unseen],
        away=span_words(review.away) if review.away else "",
        cards=card_words(review),
        consents=consent_words(review),
        waited=[line(each) for each in review.alerts if each.urgency is Urgency.NOTICE],
    )
