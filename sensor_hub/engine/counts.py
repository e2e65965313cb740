"""Whether a count is unusual for this person: a Student-t prediction from a Normal-inverse-gamma model, and evidence
over days by one-sided cumulative sums (Page 1954).

Bathroom visits are under-dispersed (in a recorded home their variance was a fifth of their mean), so Poisson tails are
far too wide: the spread is learned, from a prior that says "variance as large as the mean".
"""

from __future__ import annotations

import math

from scipy.special import ndtri, stdtr

from sensor_hub.engine.state import CountState

FADING = 0.97
PRIOR_COUNTS, PRIOR_SPREAD = 2.0, 7.0
"""How many windows the prior is worth: for the mean, for the variance."""
LEAST_VARIANCE = 0.35
CAP = 3.0
"""No single window counts for more standard deviations than this: one odd day is no illness."""
RISE_SLACK, RISE_LIMIT = 1.0, 3.0
FALL_SLACK, FALL_LIMIT = 0.75, 3.5
OVER = 0.5
"""Evidence below this ends an episode."""
MOST_EVIDENCE = 5.0
UNUSUAL = 1.0
NEEDED_WINDOWS = 7
RECENT = 3
"""Windows that are told, and looked at for more than one odd one."""
STRANGE, STRANGE_WEIGHT = 2.0, 0.25
"""A window further off than this is learned at a quarter: slow illness must not become normal, a new routine may."""


def unusual(counts: CountState, count: int, prior_mean: float) -> float:
    """How many standard deviations `count` lies above (below: negative) what is usual."""
    n, total = counts.n, counts.total
    kappa = PRIOR_COUNTS + n
    mean = (PRIOR_COUNTS * prior_mean + total) / kappa
    average = total / n if n else prior_mean
    nu = PRIOR_SPREAD + n
    squares = max(counts.squares - total * average, 0.0)
    spread = PRIOR_SPREAD * prior_mean + squares + PRIOR_COUNTS * n / kappa * (average - prior_mean) ** 2
    scale = math.sqrt(max(spread / nu, LEAST_VARIANCE) * (1.0 + 1.0 / kappa))
    chance = float(stdtr(nu, (count - mean) / scale))
    return float(ndtri(min(max(chance, 1e-9), 1.0 - 1e-9)))


def usual_range(counts: CountState) -> tuple[int, int]:
    """What is usual, as whole numbers: about two windows in three lie within."""
    mean = counts.total / counts.n if counts.n else 0.0
    spread = math.sqrt(max(counts.squares / counts.n - mean * mean, 0.0)) if counts.n else 0.0
    return max(round(mean - spread), 0), round(mean + spread)


def judge_window(counts: CountState, end: float, count: int, z: float) -> None:
    """Adds the evidence of one window that ended at `end`."""
    counts.recent = [*counts.recent, (end, count, round(z, 3))][-RECENT:]
    capped = min(max(z, -CAP), CAP)
    if counts.windows < NEEDED_WINDOWS:
        return
    counts.rise = min(max(counts.rise + capped - RISE_SLACK, 0.0), MOST_EVIDENCE)
    counts.fall = min(max(counts.fall - capped - FALL_SLACK, 0.0), MOST_EVIDENCE)
    counts.rising_since = _since(counts.rising_since, counts.rise, end, began=_is_rising(counts))
    counts.falling_since = _since(counts.falling_since, counts.fall, end, began=_is_falling(counts))


def _since(since: float | None, evidence: float, end: float, *, began: bool) -> float | None:
    """When the episode began: with strong evidence, and it lasts until the evidence has gone."""
    if since is None:
        return end if began else None
    return since if evidence >= OVER else None


def forget_evidence(counts: CountState) -> None:
    """Ends both episodes: what they rest on is over."""
    counts.rise = counts.fall = 0.0
    counts.rising_since = counts.falling_since = None


def _is_rising(counts: CountState) -> bool:
    """Evidence of an increase, from at least two of the last three windows."""
    return counts.rise >= RISE_LIMIT and sum(z > UNUSUAL for _, _, z in counts.recent) >= 2


def _is_falling(counts: CountState) -> bool:
    return counts.fall >= FALL_LIMIT and sum(z < -UNUSUAL for _, _, z in counts.recent) >= 2


def learn_window(counts: CountState, count: int, z: float) -> None:
    """Learns a window that was seen whole."""
    weight = STRANGE_WEIGHT if abs(z) > STRANGE and counts.windows >= NEEDED_WINDOWS else 1.0
    counts.n = counts.n * FADING + weight
    counts.total = counts.total * FADING + weight * count
    counts.squares = counts.squares * FADING + weight * count * count
    counts.windows += 1
