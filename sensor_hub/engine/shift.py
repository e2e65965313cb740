"""Whether one set of daily numbers lies lower than another: rank statistics, which no single odd day can move."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import median

from scipy.special import ndtr

MAD_TO_DEVIATION = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""


def lower(recent: Sequence[float], before: Sequence[float]) -> float:
    """The chance that `recent` would lie so low if both were alike.

    One-sided Mann–Whitney (Ann. Math. Stat. 18:50, 1947), normal approximation with ties and continuity corrected: for
    the weeks of days compared here it is right to a tenth.
    """
    n, m = len(recent), len(before)
    below = sum((new < old) + 0.5 * (new == old) for new in recent for old in before)
    ties = sum(count**3 - count for count in Counter([*recent, *before]).values())
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return 1.0
    return float(ndtr((n * m / 2 + 0.5 - below) / math.sqrt(variance)))


def shift(recent: Sequence[float], before: Sequence[float]) -> float:
    """By how much `recent` lies above `before`, as Hodges and Lehmann (Ann. Math. Stat. 34:598, 1963) estimate it."""
    return median(new - old for new in recent for old in before)


def deviation(values: Sequence[float], least: float) -> float:
    """The standard deviation as the median absolute deviation says it, at least `least`."""
    middle = median(values)
    return max(MAD_TO_DEVIATION * median(abs(value - middle) for value in values), least)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The rise per unit of the first number: the median of all slopes between two points (Sen, JASA 63:1379, 1968)."""
    slopes = [
        (later - earlier) / (end - start)
        for place, (start, earlier) in enumerate(points)
        for end, later in points[place + 1 :]
        if end != start
    ]
    return median(slopes) if slopes else 0.0


def discoveries(chances: Sequence[float], rate: float) -> list[bool]:
    """Which of several chances are small, so that about `rate` of those named are wrong (Benjamini, Hochberg 1995)."""
    ranked = sorted(chances)
    passed = [chance for rank, chance in enumerate(ranked, 1) if chance <= rate * rank / len(ranked)]
    limit = max(passed, default=-1.0)
    return [chance <= limit for chance in chances]
