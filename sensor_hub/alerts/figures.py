"""Figures over many homes for who may not know of any one of them. Pure.

What fewer than `FEWEST` homes stand behind is not told: with less, who knows the street knows the resident. It goes by
homes, not by alerts: ten alerts of one home are one resident's. Only whole calendar weeks are told and nothing is
added up over them, so that no figure is the difference of two others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from sensor_hub.alerts.review import Review, Reviewed
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, WEEK

FEWEST = 5
MONDAY = 4 * DAY
"""The epoch began on a Thursday; weeks begin on Mondays, 00:00 UTC."""


@dataclass(frozen=True, slots=True)
class Count:
    kind: Kind
    alerts: int | None
    """None: too few homes to be told."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How alerts of one urgency were answered in a week; None: too few homes to be told."""

    urgency: Urgency
    share: float | None
    """Of those raised that somebody took or closed by now, 0 to 1."""
    median: float | None
    """Seconds from raising to the first answer."""


@dataclass(frozen=True, slots=True)
class WeekFigures:
    start: float
    """Monday, 00:00 UTC."""
    seen: float
    """The share of the homes' time in which anything could be seen of them, 0 to 1."""
    counts: Sequence[Count]
    """Of every kind that was raised in any of the weeks."""
    answered: Sequence[Answered]


@dataclass(frozen=True, slots=True)
class Figures:
    homes: int | None
    """None: fewer than `FEWEST`, so nothing is told."""
    weeks: Sequence[WeekFigures]
    """Oldest first."""


def whole_weeks(now: float, count: int) -> Iterator[tuple[float, float]]:
    """Beginning and end of the last `count` weeks that are over, oldest first."""
    this = (now - MONDAY) // WEEK * WEEK + MONDAY
    for ago in range(count, 0, -1):
        yield this - ago * WEEK, this - (ago - 1) * WEEK


def figures(reviews: Sequence[Review], homes: int) -> Figures:
    """Of a week's review each, all over the same `homes` homes."""
    if homes < FEWEST:
        return Figures(None, [])
    kinds = [kind for kind in Kind if any(alert.kind is kind for review in reviews for alert in review.alerts)]
    return Figures(homes, [_week(review, kinds, homes) for review in reviews])


def _week(review: Review, kinds: Sequence[Kind], homes: int) -> WeekFigures:
    unseen = sum(each.wholly for each in review.unseen) + review.away * homes
    whole = (review.end - review.start) * homes
    return WeekFigures(
        review.start,
        max(0.0, 1 - unseen / whole),
        [Count(kind, _told([alert for alert in review.alerts if alert.kind is kind])) for kind in kinds],
        [_answered(urgency, [alert for alert in review.alerts if alert.urgency is urgency]) for urgency in Urgency],
    )


def _told(alerts: Sequence[Reviewed]) -> int | None:
    """How many; none at all is told, since it is about everybody."""
    return len(alerts) if not alerts or _are_enough(alerts) else None


def _are_enough(alerts: Sequence[Reviewed]) -> bool:
    return len({alert.home for alert in alerts}) >= FEWEST


def _answered(urgency: Urgency, alerts: Sequence[Reviewed]) -> Answered:
    waits = [alert.answered_at - alert.raised_at for alert in alerts if alert.answered_at is not None]
    share = len(waits) / len(alerts) if _are_enough(alerts) else None
    answered = [alert for alert in alerts if alert.answered_at is not None]
    return Answered(urgency, share, median(waits) if _are_enough(answered) else None)
