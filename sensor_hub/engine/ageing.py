"""Silences that have lasted: they end less readily than the hour of the day alone says.

Somebody who has been still for an hour naps or sleeps. So of the quarters that follow an hour (and three hours) of
silence we learn how many ended it, against how many would have by `hazard.hazard_table`, for four parts of the day.
"""

from __future__ import annotations

from sensor_hub.engine.civil import BINS_A_DAY
from sensor_hub.engine.numbers import numbers
from sensor_hub.engine.state import HazardState

OLD, VERY_OLD = 4, 12
"""Silent quarters before this one, from which on a silence counts as old, and as very old."""
PRIOR = 8.0
"""Endings that the prior is worth: old silences end as young ones do."""
LEAST = 0.2
"""However seldom old silences ended here, they are held to end at this share of the usual."""
PARTS = ((24, 48), (48, 72), (72, 88))
"""Morning, afternoon and evening, in quarters of the day; the rest is night."""
PART_OF = tuple(sum(n for n, (first, end) in enumerate(PARTS, 1) if first <= slot < end) for slot in range(BINS_A_DAY))
"""The part that each quarter of the day lies in; 0 is night."""


def _group(slot: int, age: int) -> int:
    return PART_OF[slot] + (len(PARTS) + 1) * (age >= VERY_OLD)


def readiness(learned: HazardState, slot: int, age: int) -> float:
    """By what factor (`LEAST` to 1) a silence is less likely to end in quarter `slot` after `age` silent ones."""
    if age < OLD:
        return 1.0
    group = _group(slot, age)
    ratio = (learned.old_ended[group] + PRIOR) / (learned.old_expected[group] + PRIOR)
    return min(max(ratio, LEAST), 1.0)


def learn(learned: HazardState, slot: int, age: int, *, expected: float, ended: bool) -> None:
    """Learns a quarter that followed `age` silent ones. `expected`: the chance that it ended the silence."""
    if age >= OLD:
        group = _group(slot, age)
        learned.old_expected[group] += expected
        learned.old_ended[group] += ended


def fade(learned: HazardState, fading: float) -> None:
    learned.old_expected = numbers(value * fading for value in learned.old_expected)
    learned.old_ended = numbers(value * fading for value in learned.old_ended)
