"""How soon a silence of this home usually ends: a discrete-time hazard with Beta smoothing.

For each quarter of an hour of the day: given that the one before was silent, how likely is a sign of life in this one?
The surprise of a silence is the sum of −ln(1 − hazard) over the quarters it has lasted, each weighted by how much could
be seen, so that exp(−surprise) is the share of normal silences that last this long. The idea is that of the inactivity
score of Wilhelm and Wahl (Sensors 24:6583, 2024), in a form that bears sensors with a blind time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from sensor_hub.engine import ageing
from sensor_hub.engine.civil import BIN, BINS_A_DAY, bin_of, slot_of
from sensor_hub.engine.numbers import Numbers, numbers
from sensor_hub.engine.state import HazardState
from sensor_hub.engine.timeline import Timeline
from sensor_hub.engine.view import View

FADING = 0.98
"""A day: half is forgotten in 34 days."""
SMOOTHING = 3.0
"""Standard deviation, in bins, over the time of day; after a clock change wider."""
SMOOTHING_AFTER_CLOCK_CHANGE = 5.0
PRIOR_WEIGHT = 4.0
PRIOR_DAY, PRIOR_NIGHT = 0.30, 0.08
"""Chance that a silence ends in a quarter of an hour, before anything is learned, 06–22 h and 22–06 h."""
TAIL = 2.0
"""Surprise from which on a silence belongs to the tail that is calibrated."""
TAIL_PRIOR = 10.0
TAIL_CAP = 6.0
"""No silence counts as more than this beyond `TAIL`: a fall must not become usual."""
MOST_STRETCH = 2.5
VISIBLE = 0.8
"""Bins of which less could be seen are not learned from."""


@lru_cache(maxsize=4)
def _kernel(width: float) -> tuple[tuple[int, float], ...]:
    reach = int(3 * width)
    return tuple((step, math.exp(-0.5 * (step / width) ** 2)) for step in range(-reach, reach + 1))


def _prior(slot: int) -> float:
    return PRIOR_DAY if 24 <= slot < 88 else PRIOR_NIGHT


def hazard_table(learned: HazardState, width: float = SMOOTHING) -> list[float]:
    """The surprise that each silent quarter of the day adds, −ln(1 − hazard), from local midnight."""
    at_risk, ended, table = _smoothed(learned.at_risk, width), _smoothed(learned.ended, width), []
    for slot in range(BINS_A_DAY):
        hazard = (ended[slot] + PRIOR_WEIGHT * _prior(slot)) / (at_risk[slot] + PRIOR_WEIGHT)
        table.append(-math.log1p(-min(hazard, 0.98)))
    return table


def _smoothed(row: Numbers, width: float) -> list[float]:
    """The sums around each quarter of the day, weighted by the kernel; midnight has neighbours on both sides."""
    kernel = _kernel(width)
    reach = kernel[-1][0]
    day = np.frombuffer(row)
    wide, sums = np.concatenate((day[-reach:], day, day[:reach])), np.zeros(BINS_A_DAY)
    for step, weight in kernel:
        sums += weight * wide[reach + step : reach + step + BINS_A_DAY]
    return sums.tolist()


def aged(learned: HazardState, table: Sequence[float], slot: int, age: int) -> float:
    """The surprise that a silent quarter `slot` adds after `age` silent ones, by `hazard_table` and `ageing`."""
    ready = ageing.readiness(learned, slot, age)
    return table[slot] if ready == 1.0 else -math.log1p(ready * math.expm1(-table[slot]))


def calibrated(learned: HazardState, surprise: float) -> float:
    """The surprise, such that exp(−surprise) is the share of this home's silences that really last this long.

    The hazard takes quarters of an hour for independent; nights and moods are not. If it were right, silences that go
    beyond `TAIL` would do so by 1 on average; where they go further the rest is stretched accordingly (the mean excess
    of an exponential tail).
    """
    stretch = (TAIL_PRIOR + learned.tail_sum) / (TAIL_PRIOR + learned.tail_count)
    return min(surprise, TAIL) + max(surprise - TAIL, 0.0) / min(max(stretch, 1.0), MOST_STRETCH)


def learn_tail(learned: HazardState, surprise: float) -> None:
    """Learns how surprising a silence was that is over (not calibrated)."""
    if surprise > TAIL:
        learned.tail_count += 1.0
        learned.tail_sum += min(surprise - TAIL, TAIL_CAP)


def learn_day(view: View, first: int, last: int, visibility: list[float]) -> None:
    """Learns the bins `first` to `last` of one day; those that could not be seen, or lie in an outing, are left out."""
    learned, timeline = view.state.hazard, view.timeline
    skipped = outing_bins(view, first, last)
    learned.at_risk = numbers(value * FADING for value in learned.at_risk)
    learned.ended = numbers(value * FADING for value in learned.ended)
    ageing.fade(learned, FADING)
    learned.silences *= FADING
    learned.tail_count, learned.tail_sum = learned.tail_count * FADING, learned.tail_sum * FADING
    learned.breakers = {name: value * FADING for name, value in learned.breakers.items()}
    names = {watcher.bit: watcher.device.id for watcher in view.watchers}
    table, age = hazard_table(learned), _silent_before(timeline, first)
    hours = set()
    for number, (before, active) in enumerate(pairwise(timeline.active_between(first - 1, last)), first):
        lasted, age = age, 0 if active else age + 1
        if number in skipped or visibility[number - first] < VISIBLE:
            continue
        slot = slot_of(view.zone, number)
        if active:
            hours.add(slot // 4)
        if before:
            learned.silences += not active
            continue
        learned.at_risk[slot] += 1.0
        ageing.learn(learned, slot, lasted, expected=-math.expm1(-table[slot]), ended=bool(active))
        if active:
            learned.ended[slot] += 1.0
            _credit(learned, names, active)
    learned.hour_days = learned.hour_days * FADING + 1.0
    hour_active = [value * FADING + (hour in hours) for hour, value in enumerate(learned.hour_active)]
    learned.hour_active = numbers(hour_active)
    learned.days += 1


def _silent_before(timeline: Timeline, first: int) -> int:
    """How many bins just before `first` were silent, as far as it matters."""
    silent = 0
    while silent < ageing.VERY_OLD and not timeline.active_in(first - 1 - silent):
        silent += 1
    return silent


def relearn_silence(view: View, began: int, stretch: tuple[int, int], weight: float) -> None:
    """Learns the bins of `stretch` (first, last) of the silence after bin `began` `weight` times more (or less).

    They must lie in days that are over. As `learn_day` would have: none that could not be seen, nor in an outing, and
    faded by the days since.
    """
    first, last = max(stretch[0], view.timeline.oldest + 1), stretch[1]
    if last < first or view.timeline.active_in(began) & view.exit_bits:
        return
    learned, today = view.state.hazard, bin_of(view.state.day_began)
    table = hazard_table(learned)
    for number, share in zip(range(first, last + 1), view.visibility(first, last), strict=True):
        start, end = number * BIN, (number + 1) * BIN
        others = view.is_absent_in(start, end) or view.is_in_company(start, end)
        waits = any(day.start < end and start < day.end for day in view.state.days)
        if share < VISIBLE or others or waits or view.timeline.active_in(number) or view.timeline.active_in(number - 1):
            continue
        slot = slot_of(view.zone, number)
        faded = FADING ** ((today - 1 - number) // BINS_A_DAY)
        learned.at_risk[slot] = max(learned.at_risk[slot] + weight * faded, learned.ended[slot])
        missing = -math.expm1(-table[slot]) * weight * faded
        ageing.learn(learned, slot, number - began - 1, expected=missing, ended=False)


def _credit(learned: HazardState, names: dict[int, str], active: int) -> None:
    seen_by = [name for bit, name in names.items() if active & bit]
    for name in seen_by:
        learned.breakers[name] = learned.breakers.get(name, 0.0) + 1.0 / len(seen_by)


def outing_bins(view: View, first: int, last: int) -> set[int]:
    """The silent bins between two movements of an outside door: nobody was there to be seen."""
    skipped: set[int] = set()
    run: list[int] = []
    left = False
    for number, active in enumerate(view.timeline.active_between(first, last), first):
        if not active:
            run.append(number)
            continue
        came_back = bool(active & view.exit_bits)
        if left and came_back and len(run) >= 2:
            skipped.update(run)
        run, left = [], came_back and not view.is_visitors(number * BIN, number * BIN + BIN)
    return skipped
