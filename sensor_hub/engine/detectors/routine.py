"""A change in the mix of the day: where, and in which part of it, there is movement.

The last seven days seen against the weeks learned, by the Jensen–Shannon distance between their shares (Lin, IEEE
Trans. Inf. Theory 37:145, 1991). How far weeks usually lie from the others is learned from the home: each learned week
against the rest, log-normal, by a Student-t that starts from a spread found in recorded homes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scipy.special import stdtr

from sensor_hub.engine import words
from sensor_hub.engine.daily import CELLS, PARTS, PLACES, WEEK, Day, days, mixes, moment_of, number_of, weeks
from sensor_hub.engine.dial import LEAST_ODDS
from sensor_hub.engine.state import DailyState, SlowState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning
from sensor_hub.model.kind import Kind, Urgency

NEEDED_WEEKS = 4
SURPRISE = 5.0
"""exp(−5) of this home's weeks are so different, if the model is right."""
NEEDED_DAYS = 3
"""In a row: one odd day is in seven windows."""
LEAST_MOVED = 0.08
"""The share of the movement that must have moved elsewhere: less is no change of a life, however sure."""
OVER = 2.5
PAUSE = 28
"""Days: a change is not told twice in a month."""
PRIOR_WEEKS, PRIOR_SPREAD = 4.0, 0.35
"""Standard deviation of the logarithm of the distance between one week and the others."""
SHRINKAGE = 50.0
"""So many quarters of the usual mix are added to what is compared: about a quarter of a quiet week."""
LEAST_MOVEMENT = 100
"""Quarters in a week with which shares can be told."""
STALE = 14
"""Days that the last seven days seen may be spread over."""


class Change(NamedTuple):
    """How the mix of the last days differs: −ln of the chance, the share that moved, and the shares now and usually."""

    surprise: float
    moved: float
    now: list[float]
    usual: list[float]


def follow(view: View) -> None:
    """Judges the last seven days seen; called when a day was kept."""
    state = view.state.daily
    slow, recent = state.routine, days(state)[-WEEK:]
    newest, change = recent[-1].number, _change(state)
    if change is None or len(recent) < WEEK or newest - recent[0].number >= STALE:
        return
    needed = SURPRISE + max(view.asked(Kind.ROUTINE_CHANGE), LEAST_ODDS)
    strange = change.surprise >= needed and change.moved >= LEAST_MOVED
    slow.strange = slow.strange + 1 if strange else 0
    if slow.since is not None:
        if change.surprise < OVER:
            slow.since = None
    elif slow.strange >= NEEDED_DAYS and (slow.told is None or newest - slow.told >= PAUSE):
        slow.since, slow.told = recent[0].number, newest


def judge(view: View, slow: SlowState) -> Iterator[Finding]:
    """The change that is told, or why none could be."""
    state = view.state.daily
    today, learned = number_of(view, view.state.day_began) - 1, len(weeks(state))
    recent = sum(day.number > today - STALE for day in days(state))
    change = None if slow.since is None else _change(state)
    if slow.since is not None and change is not None:
        yield _deviation(view, slow.since, change)
    elif learned < NEEDED_WEEKS:
        yield Learning(Kind.ROUTINE_CHANGE, "", f"{learned} of {NEEDED_WEEKS} weeks learned, besides the present one")
    elif recent < WEEK:
        yield Blind(Kind.ROUTINE_CHANGE, "", f"only {recent} of the last {STALE} days could be seen whole")
    elif not _can_compare(weeks(state), _recent(state)):
        yield Blind(Kind.ROUTINE_CHANGE, "", "too little movement in a week to compare")


def _change(state: DailyState) -> Change | None:
    """The last seven days against the weeks learned; None while there is too little of either."""
    learned, recent = weeks(state), _recent(state)
    if not _can_compare(learned, recent):
        return None
    total = _added(learned)
    usual, now = _shares(total), _shrunk(recent, total)
    past = [_apart(week, [cell - own for cell, own in zip(total, week, strict=True)]) for week in learned]
    moved = sum(abs(one - other) for one, other in zip(now, usual, strict=True)) / 2
    return Change(_surprise(_apart(recent, total), past), moved, now, usual)


def _recent(state: DailyState) -> list[int]:
    return _added(mixes(state)[-WEEK:])


def _can_compare(learned: Sequence[bytes], recent: Sequence[int]) -> bool:
    return len(learned) >= NEEDED_WEEKS and min(sum(week) for week in (recent, *learned)) >= LEAST_MOVEMENT


def _surprise(distance: float, past: Sequence[float]) -> float:
    """−ln of the chance of so large a distance, given those between the learned weeks."""
    logs = [math.log(max(one, 1e-3)) for one in past]
    mean, n = sum(logs) / len(logs), len(logs)
    squares = PRIOR_WEEKS * PRIOR_SPREAD**2 + sum((one - mean) ** 2 for one in logs)
    scale = math.sqrt(squares / (PRIOR_WEEKS + n) * (1 + 1 / n))
    # The lower tail of the mirrored value: 1 − p would be lost to rounding.
    chance = float(stdtr(PRIOR_WEEKS + n, (mean - math.log(max(distance, 1e-3))) / scale))
    return -math.log(max(chance, 1e-12))


def _apart(week: Sequence[int], others: Sequence[int]) -> float:
    """The Jensen–Shannon distance, nats, of a week's shares from those of other weeks."""
    distance = 0.0
    for one, other in zip(_shrunk(week, others), _shares(others), strict=True):
        middle = (one + other) / 2
        distance += sum(part * math.log(part / middle) for part in (one, other) if part > 0) / 2
    return math.sqrt(max(distance, 0.0))


def _shares(cells: Sequence[int]) -> list[float]:
    total = sum(cells)
    return [cell / total for cell in cells]


def _shrunk(cells: Sequence[int], usual: Sequence[int]) -> list[float]:
    """Its shares, drawn towards the usual ones: a week is little to tell a rare place by."""
    total = sum(cells) + SHRINKAGE
    return [(cell + SHRINKAGE * share) / total for cell, share in zip(cells, _shares(usual), strict=True)]


def _added(rows: Sequence[bytes]) -> list[int]:
    return [sum(cells) for cells in zip(*rows, strict=True)] if rows else [0] * CELLS


def _deviation(view: View, since: int, change: Change) -> Deviation:
    """Says the place and part of the day that gained most and the one that lost most."""
    gains = [now - usual for now, usual in zip(change.now, change.usual, strict=True)]
    more, less = (_named(choose(range(CELLS), key=gains.__getitem__), change) for choose in (max, min))
    known, spread = len(weeks(view.state.daily)), _spread(days(view.state.daily)[-WEEK:])
    text = (
        f"More in {more}, less in {less}, of all movement in the last {WEEK} days seen{spread}. "
        f"So different a week comes here {words.once_in(WEEK * math.exp(change.surprise), known=WEEK * known)} "
        f"({words.many(known, 'week')} known)."
    )
    evidence = {"moved_percent": round(100 * change.moved), "surprise": round(change.surprise, 2)}
    return Deviation(Kind.ROUTINE_CHANGE, "", Urgency.NOTICE, moment_of(view, since), text, evidence)


def _spread(recent: Sequence[Day]) -> str:
    """` (of 9)`, where some days between could not be seen whole."""
    passed = recent[-1].number - recent[0].number + 1
    return f" (of {passed})" if passed > len(recent) else ""


def _named(cell: int, change: Change) -> str:
    """`the kitchen in the morning (14 %, usually 6 %)`."""
    (name, _), part = PLACES[cell // len(PARTS)], PARTS[cell % len(PARTS)]
    return f"{name} {part} ({100 * change.now[cell]:.0f} %, usually {100 * change.usual[cell]:.0f} %)"
