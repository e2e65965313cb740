"""How many false pages people accept, and how much evidence every statistical kind asks for then.

Evidence of all these kinds is counted in surprise, in nats: exp(−surprise) is the share of ordinary times that look as
odd. The surprise of a silence is that already; a cumulative sum with slack k is a log-likelihood ratio once it is
multiplied by 2k (Page 1954). Each detector has its own limit, settled by measuring; the dial asks all of them for so
much more, or less, and this home's outcomes one of them. At the default nothing is moved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sensor_hub.engine.state import EngineState, Mark
from sensor_hub.model.alert import Outcome
from sensor_hub.model.dial import DEFAULT_FALSE_PAGES
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import DAY


@dataclass(frozen=True, slots=True)
class Curve:
    """False pages a home-week of a kind that asks for x more surprise: rate · exp(−slope · x).

    A silence of calibrated surprise beyond τ comes 7 · G · exp(−τ) times a week (G silences a day); the cumulative sum
    of independent windows is false about once in exp(2kh) of them (Siegmund 1985, Sequential Analysis). Both say slope
    1. Homes are less regular than that: days resemble their neighbours, and what is cried wolf about are real silences
    and real changes. So rate and slope are measured.
    """

    rate: float
    slope: float


CURVES = {
    Kind.INACTIVITY: Curve(0.135, 0.26),
    Kind.TOILETING_INCREASE: Curve(0.037, 0.29),
    Kind.TOILETING_DECREASE: Curve(0.011, 0.40),
    Kind.NIGHT_ACTIVITY: Curve(0.021, 0.48),
}
"""Fitted to the 33 measured cases with x from −3 to 4: `tests/benchmarks/dial_curve.py` prints them.

Since then limits were moved, and fewer false pages come than are accepted at each setting: they are a bound.
"""
ODDS = frozenset(
    {
        Kind.DOOR_AT_NIGHT,
        Kind.NO_RETURN,
        Kind.LOW_INTAKE,
        Kind.ROUTINE_CHANGE,
        Kind.ACTIVITY_DECLINE,
        Kind.SLEEP_DISTURBANCE,
    }
)
"""Kinds without a curve: too few of their pages are false to fit one. What is asked of the others is asked of them."""
DIALLED = frozenset({*CURVES, *ODDS})
"""The kinds whose limit the dial and outcomes move. The others are fixed: cold, smoke, help buttons, silent devices."""
LEAST, MOST = -3.0, 4.0
"""The dial asks for so much less or more at most: beyond it the curves were not measured."""

LEAST_ODDS = -1.0
"""Of a chance without a curve no more than this is taken back: how many false pages that gives nobody has measured."""

STEP = {Outcome.TRUE: -0.5, Outcome.FALSE: 0.5}
"""What an outcome adds to the surprise that this home's alerts of the kind must have."""
LEAST_OWN, MOST_OWN = -1.0, 2.0
HALF_LIFE = 90 * DAY
"""An outcome counts half after so long: people and homes change."""
KEPT = 16
"""Outcomes of a kind that are remembered: older ones hardly count."""


@lru_cache(maxsize=64)
def asked_by_dial(false_pages: float) -> float:
    """How much more surprise every kind asks for where so many false pages a month per hundred homes are accepted.

    The same for all: no kind's pages are worth more evidence than another's. Where the curves of all kinds together
    give the same share of what they give at the default.
    """
    share = false_pages / DEFAULT_FALSE_PAGES
    if share == 1.0:
        return 0.0
    low, high = LEAST, MOST
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _share(middle) > share else (low, middle)
    return round(low, 6)


def rarer(chance: float, asked: float) -> float:
    """The chance that is told where so much more surprise is asked for than by `chance`: chance · exp(−asked)."""
    return chance * math.exp(-max(asked, LEAST_ODDS))


def expected(asked: float) -> float:
    """False pages a month per hundred homes where every kind asks for so much more surprise."""
    return DEFAULT_FALSE_PAGES * _share(asked)


def _share(asked: float) -> float:
    """Of the false pages at the default."""
    left = sum(curve.rate * math.exp(-curve.slope * asked) for curve in CURVES.values())
    return left / sum(curve.rate for curve in CURVES.values())


def asked_by_outcomes(marks: Sequence[Mark], now: float) -> float:
    """How much more surprise this home asks for since people said what its alerts of the kind were."""
    asked, at = 0.0, now
    for mark in marks:
        asked = asked * _fading(mark.at - at) + STEP[mark.outcome]
        asked, at = min(max(asked, LEAST_OWN), MOST_OWN), mark.at
    return asked * _fading(now - at)


def _fading(passed: float) -> float:
    return math.pow(0.5, max(passed, 0.0) / HALF_LIFE)


def asked(state: EngineState, kind: Kind, *, later: float = 0.0) -> float:
    """How much more surprise than its own limit `kind` must have to be told in this home now, or so much later."""
    own = asked_by_outcomes(state.outcomes.get(kind, ()), state.frontier + later)
    return asked_by_dial(state.false_pages) + own + state.tried.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A kind that asks for `asked` more surprise in this home since people said what its alerts were."""

    kind: Kind
    asked: float
    false_ones: int
    true_ones: int


def own_limits(state: EngineState) -> list[OwnLimit]:
    """The kinds that outcomes move in this home, to a tenth."""
    found = []
    for kind, marks in sorted(state.outcomes.items()):
        asked = round(asked_by_outcomes(marks, state.frontier), 1)
        false_ones = sum(mark.outcome is Outcome.FALSE for mark in marks)
        if asked:
            found.append(OwnLimit(Kind(kind), asked, false_ones, len(marks) - false_ones))
    return found


def note_outcome(state: EngineState, kind: Kind, alert: str, outcome: Outcome, at: float) -> None:
    """Keeps what people said of an alert, in the place of what they said of it before."""
    marks = [one for one in state.outcomes.get(kind, []) if one.alert != alert]
    if outcome is not Outcome.UNKNOWN:
        marks.append(Mark(alert, outcome, at))
    state.outcomes[kind] = marks[-KEPT:]
    if not state.outcomes[kind]:
        del state.outcomes[kind]
