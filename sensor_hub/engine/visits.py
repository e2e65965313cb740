"""Visits to the bathroom: movements there no more than five minutes apart are one visit, in any order of arrival."""

from __future__ import annotations

from bisect import bisect_left

from sensor_hub.engine.numbers import Numbers, numbers
from sensor_hub.model.moment import MINUTE

MERGE = 5 * MINUTE

Visits = Numbers
"""Beginning and end of each visit in turn, in order."""


def note_movement(visits: Visits, at: float) -> None:
    """Adds a movement at `at`: a new visit, or part of the one or two that it touches. Visits stay in order."""
    if not visits or at > visits[-1] + MERGE:
        visits.extend((at, at))
    elif at >= visits[-1]:
        visits[-1] = at
    else:
        _put_in(visits, at)


def count_between(visits: Visits, start: float, end: float) -> int:
    """Visits that began in [start, end)."""
    begun = visits[0::2]
    return bisect_left(begun, end) - bisect_left(begun, start)


def forget_before(visits: Visits, at: float) -> None:
    """Forgets the visits that began before `at`."""
    if visits and visits[0] < at:
        del visits[: 2 * bisect_left(visits[0::2], at)]


def _put_in(visits: Visits, at: float) -> None:
    place = 2 * bisect_left(visits[0::2], at)
    start = end = at
    if place < len(visits) and visits[place] - at <= MERGE:
        end = visits[place + 1]
        del visits[place : place + 2]
    if place > 0 and at - visits[place - 1] <= MERGE:
        place -= 2
        start, end = visits[place], max(end, visits[place + 1])
        del visits[place : place + 2]
    visits[place:place] = numbers((start, end))
