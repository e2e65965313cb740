"""Visits to the bathroom: movements there no more than five minutes apart are one visit, in any order of arrival."""

from __future__ import annotations

from bisect import bisect_left

from sensor_hub.model.moment import MINUTE

MERGE = 5 * MINUTE

Visits = list[tuple[float, float]]


def note_movement(visits: Visits, at: float) -> None:
    """Adds a movement at `at`: a new visit, or part of the one or two that it touches. Visits stay in order."""
    place = bisect_left(visits, (at, at))
    start = end = at
    if place < len(visits) and visits[place][0] - at <= MERGE:
        end = visits[place][1]
        del visits[place]
    if place > 0 and at - visits[place - 1][1] <= MERGE:
        place -= 1
        start, end = visits[place][0], max(end, visits[place][1])
        del visits[place]
    visits.insert(place, (start, end))


def count_between(visits: Visits, start: float, end: float) -> int:
    """Visits that began in [start, end)."""
    return bisect_left(visits, (end, end)) - bisect_left(visits, (start, start))


def forget_before(visits: Visits, at: float) -> None:
    del visits[: bisect_left(visits, (at, at))]
