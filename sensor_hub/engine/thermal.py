"""How a room loses its warmth: one resistance and one store of heat (1R1C), fitted to the nights of this home.

Without heat dT/dt = (To − T)/τ, so a room falls as T(t) = To + (T0 − To)·exp(−t/τ) (Bacher and Madsen, "Identifying
suitable models for the heat dynamics of buildings", 2011, their simplest model). Temperatures °C, times and τ in hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from sensor_hub.engine import shift

NIGHTS, NEEDED = 14, 5
"""The last so many nights that fitted are kept; of fewer than `NEEDED` nothing is known."""
LEAST_FIT = 0.8
"""Share of the variance (R²) that the line must explain."""
LEAST_ABOVE = 3.0
"""°C above outdoors, throughout: nearer to it noise decides."""
LEAST_FALL = 0.3
"""°C in the night: less is the step of a thermometer."""
LEAST, MOST = 3.0, 500.0
"""τ outside these hours is not a building's."""
BASE = 15.5
"""°C outdoors, on average, from which a home needs no heating: the base of degree days in the UK."""
SPREAD = 0.5
"""Nights that differ by more than this share of their median (MAD) say nothing."""


class Decay(NamedTuple):
    """A stretch of one night: hours, temperatures, and outdoors on average."""

    hours: Sequence[float]
    values: Sequence[float]
    outdoors: float


def fit(decay: Decay) -> float | None:
    """τ of one night's decay, by the Theil-Sen slope of ln(T − To); None where it does not fall as a room without heat.

    25 hours: `fit(Decay([0, 1, 2, 3, 4, 5], [20.0, 19.41, 18.85, 18.3, 17.78, 17.28], 5.0))` is about 25.
    """
    above = [value - decay.outdoors for value in decay.values]
    if min(above) < LEAST_ABOVE or decay.values[0] - decay.values[-1] < LEAST_FALL:
        return None
    logs = [math.log(value) for value in above]
    slope = shift.slope(list(zip(decay.hours, logs, strict=True)))
    rests = [log - slope * hour for log, hour in zip(logs, decay.hours, strict=True)]
    middle, mean = median(rests), sum(logs, 0.0) / len(logs)
    unexplained = sum([(rest - middle) ** 2 for rest in rests], 0.0)
    if slope >= 0 or unexplained > (1 - LEAST_FIT) * sum([(log - mean) ** 2 for log in logs], 0.0):
        return None
    tau = -1 / slope
    return round(tau, 2) if LEAST <= tau <= MOST else None


def time_constant(nights: Sequence[float]) -> float | None:
    """τ of the nights together, the median; None while they are too few, or contradict each other."""
    if len(nights) < NEEDED:
        return None
    middle = median(nights)
    return middle if median(abs(night - middle) for night in nights) <= SPREAD * middle else None


def supply(rate: float, indoors: float, outdoors: float, tau: float) -> float:
    """What heats the room, °C/h: what it gains (`rate`) and what it must be losing. Near 0 without any heat."""
    return rate + (indoors - outdoors) / tau


class Fall(NamedTuple):
    """A room that gets colder: °C in it and outdoors now, °C outdoors in the hours to come, °C/h (below 0)."""

    indoors: float
    outdoors: float
    expected: float
    rate: float


def hours_until(limit: float, fall: Fall, tau: float) -> float:
    """In how many hours the room reaches `limit`; infinity where it never does.

    t = τ·ln((T − To*)/(θ − To*)). A room that falls more slowly than τ says has other warmth, g = dT/dt − (To − T)/τ,
    and settles above outdoors: To* = To + g·τ. One that falls faster does so with the τ that its fall says.
    """
    if fall.indoors <= limit:
        return 0.0
    if fall.rate >= 0 or fall.outdoors >= fall.indoors:
        return math.inf
    gain = supply(fall.rate, fall.indoors, fall.outdoors, tau)
    if gain < 0:
        tau, gain = (fall.outdoors - fall.indoors) / fall.rate, 0.0
    settles = fall.expected + gain * tau
    return tau * math.log((fall.indoors - settles) / (limit - settles)) if settles < limit else math.inf
