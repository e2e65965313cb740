"""Whether a count is unusual for this person: a Student-t prediction from a Normal-inverse-gamma model, and evidence
over days by one-sided cumulative sums (Page 1954).

Bathroom visits are under-dispersed (in a recorded home their variance was a fifth of their mean), so Poisson tails are
far too wide: the spread is learned, from a prior that says "variance as large as the mean".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import ndtri, stdtr

from sensor_hub.engine.state import CountState
from sensor_hub.model.moment import DAY

FADING = 0.97
PRIOR_COUNTS, PRIOR_SPREAD = 2.0, 7.0
"""How many windows the prior is worth: for the mean, for the variance."""
LEAST_VARIANCE = 0.35
CAP = 3.0
"""No single window counts for more standard deviations than this: one odd day is no illness."""
RISE_SLACK, RISE_LIMIT = 1.0, 3.0
FALL_SLACK, FALL_LIMIT = 0.75, 3.0
LEAST_LIMIT = 1.5
"""One window of at most `CAP` standard deviations is never enough evidence, whatever the dial says."""
OVER = 0.5
"""Evidence below this ends an episode."""
MOST_EVIDENCE, ROOM = 5.0, 1.5
"""Evidence is not counted beyond the first, nor beyond so much more than the limit: an episode must be able to end."""
UNUSUAL = 1.0
NEEDED_WINDOWS = 7
RECENT = 3
"""Windows that are told, and looked at for more than one odd one."""
FIRM_WINDOWS = 14
"""Learned before a change may be more than a line in the review: a week says little of what a month would bring."""
ACCEPTED_WINDOWS = 14
"""A new normal that people accepted is learned whole for two weeks."""
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


@dataclass(frozen=True, slots=True)
class Limits:
    """How much evidence a rise and a fall must have, in standard deviations beyond the slack, and what one window may
    count for."""

    rise: float = RISE_LIMIT
    fall: float = FALL_LIMIT
    cap: float = CAP


OWN = Limits()
NIGHT = Limits(rise=4.0, cap=4.0)
"""Of nights up and about, whose counts are uneven: it takes two very unusual ones, or three."""


def limits(own: Limits = OWN, *, rise_asked: float = 0.0, fall_asked: float = 0.0) -> Limits:
    """The limits where so much more surprise (nats) is asked for; a sum times twice its slack is surprise."""
    rise = max(own.rise + rise_asked / (2 * RISE_SLACK), LEAST_LIMIT)
    return replace(own, rise=rise, fall=max(own.fall + fall_asked / (2 * FALL_SLACK), LEAST_LIMIT))


def rarity(counts: CountState, *, rises: bool) -> float:
    """In how many windows so much evidence comes once by chance: exp(2 k h) of them (Siegmund 1985; see `dial`)."""
    slack, evidence = (RISE_SLACK, counts.rise) if rises else (FALL_SLACK, counts.fall)
    return math.exp(2 * slack * evidence)


def is_firm(counts: CountState, since: float) -> bool:
    """Whether enough was known when the episode of `since` began to interrupt somebody."""
    lasted = round((counts.recent[-1][0] - since) / DAY) if counts.recent else 0
    return counts.windows - 1 - lasted >= FIRM_WINDOWS


def judge_window(counts: CountState, end: float, count: int, z: float, limits: Limits = OWN) -> None:
    """Adds the evidence of one window that ended at `end`."""
    counts.recent = [*counts.recent, (end, count, round(z, 3))][-RECENT:]
    capped = min(max(z, -limits.cap), limits.cap)
    if counts.windows < NEEDED_WINDOWS:
        return
    most_rise, most_fall = max(MOST_EVIDENCE, limits.rise + ROOM), max(MOST_EVIDENCE, limits.fall + ROOM)
    counts.rise = min(max(counts.rise + capped - RISE_SLACK, 0.0), most_rise)
    counts.fall = min(max(counts.fall - capped - FALL_SLACK, 0.0), most_fall)
    counts.rising_since = _since(counts.rising_since, counts.rise, end, began=_is_rising(counts, limits.rise))
    counts.falling_since = _since(counts.falling_since, counts.fall, end, began=_is_falling(counts, limits.fall))
    if counts.rising_since is None and counts.falling_since is None:
        counts.is_real = False


def _since(since: float | None, evidence: float, end: float, *, began: bool) -> float | None:
    """When the episode began: with strong evidence, and it lasts until the evidence has gone."""
    if since is None:
        return end if began else None
    return since if evidence >= OVER else None


def accept(counts: CountState) -> None:
    """People called it a false alarm: this is the new normal. What was learned of it at a quarter is learned whole."""
    counts.is_real = False
    if not counts.accepting:
        for age, (_, count, z) in enumerate(reversed(counts.recent)):
            if abs(z) > STRANGE:
                missing = (1.0 - STRANGE_WEIGHT) * FADING**age
                counts.n += missing
                counts.total += missing * count
                counts.squares += missing * count * count
    counts.accepting = ACCEPTED_WINDOWS


def confirm(counts: CountState) -> None:
    """People found it to be real: nothing is learned until the episode is over."""
    counts.accepting = 0
    counts.is_real = counts.rising_since is not None or counts.falling_since is not None


def forget_evidence(counts: CountState) -> None:
    """Ends both episodes: what they rest on is over."""
    counts.rise = counts.fall = 0.0
    counts.rising_since = counts.falling_since = None


def _is_rising(counts: CountState, limit: float) -> bool:
    """Evidence of an increase, from at least two of the last three windows."""
    return counts.rise >= limit and sum(z > UNUSUAL for _, _, z in counts.recent) >= 2


def _is_falling(counts: CountState, limit: float) -> bool:
    return counts.fall >= limit and sum(z < -UNUSUAL for _, _, z in counts.recent) >= 2


def learn_window(counts: CountState, count: int, z: float) -> None:
    """Learns a window that was seen whole."""
    strange = abs(z) > STRANGE and counts.windows >= NEEDED_WINDOWS
    weight = STRANGE_WEIGHT if strange and not counts.accepting else 1.0
    counts.accepting = max(counts.accepting - 1, 0)
    if counts.is_real:
        return
    counts.n = counts.n * FADING + weight
    counts.total = counts.total * FADING + weight * count
    counts.squares = counts.squares * FADING + weight * count * count
    counts.windows += 1
