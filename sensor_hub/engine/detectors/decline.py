"""Weeks of doing less: the days of the last four weeks against those of the eight before.

Each number of the day by itself: lower beyond chance (Mann–Whitney, false discoveries held down over the numbers by
Benjamini and Hochberg), by much (Hodges–Lehmann shift over the spread of the days before), and falling (Theil–Sen).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from sensor_hub.engine import shift, words
from sensor_hub.engine.daily import KEPT, Day, days, moment_of, number_of
from sensor_hub.engine.dial import rarer
from sensor_hub.engine.state import SlowState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning
from sensor_hub.model.kind import Kind, Urgency

RECENT = 28
"""Days that are judged; the rest of `KEPT` is what they are compared with."""
NEEDED_RECENT, NEEDED_BEFORE = 20, 28
EVERY = 7
"""Days from one judgement to the next: it is for a weekly review."""
RARE = 0.01
"""Share of false discoveries among the numbers."""
MUCH, ALSO = 1.25, 1.0
"""So many standard deviations of single days are much for one number alone, or for each of two.

At 1.5 a third of slow generated declines was missed; no recorded home had a fall between the two."""
OVER = 0.75
PAUSE = 28
"""Days: a change is not told twice in a month."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of the day. `of_home`: outings alone are no decline, for winter ends them everywhere."""

    words: str
    value: Callable[[Day], float]
    of_home: bool = True


MEASURES = (
    Measure("quarters of an hour with movement", lambda day: day.active),
    Measure("times into another room", lambda day: day.entries),
    Measure("rooms used", lambda day: day.rooms),
    Measure("outings", lambda day: day.outings, of_home=False),
    Measure("kitchen visits", lambda day: day.kitchen),
    Measure("hours from the first to the last movement", lambda day: day.span / 4),
)
LEAST_SPREAD, LEAST_SHARE = 1.0, 0.1
"""Days that are all alike still differ by one, or by a tenth."""


class Fall(NamedTuple):
    """By how much one measure fell: `size` in standard deviations of a day, `chance` if nothing had changed."""

    measure: Measure
    size: float
    chance: float
    before: float
    recent: float


def follow(view: View) -> None:
    """Judges once a week; called when a day was kept."""
    kept, slow = days(view.state.daily), view.state.daily.decline
    newest = kept[-1].number
    recent, before = _split(kept, newest)
    if newest - slow.judged < EVERY or len(recent) < NEEDED_RECENT or len(before) < NEEDED_BEFORE:
        return
    slow.judged = newest
    falls = _falls(recent, before)
    if slow.since is not None:
        if all(fall.size < OVER for fall in falls):
            slow.since = None
        return
    sure = _told(falls, rarer(RARE, view.asked(Kind.ACTIVITY_DECLINE)))
    if _is_decline(sure, kept) and (slow.told is None or newest - slow.told >= PAUSE):
        slow.since, slow.told = newest - RECENT + 1, newest


def judge(view: View, slow: SlowState) -> Iterator[Finding]:
    """The decline that is told, or why none could be."""
    kept, today = days(view.state.daily), number_of(view, view.state.day_began) - 1
    recent, before = _split(kept, today)
    if slow.since is not None and _split(kept, kept[-1].number)[1]:
        yield _deviation(view, slow.since, kept)
    elif len(before) >= NEEDED_BEFORE and len(recent) < NEEDED_RECENT:
        yield Blind(Kind.ACTIVITY_DECLINE, "", f"only {len(recent)} of the last {RECENT} days could be seen whole")
    elif len(before) < NEEDED_BEFORE:
        learned = min(len(kept), NEEDED_RECENT + NEEDED_BEFORE)
        yield Learning(
            Kind.ACTIVITY_DECLINE, "", f"{learned} of {NEEDED_RECENT + NEEDED_BEFORE} days learned, to compare weeks"
        )


def _split(kept: Sequence[Day], newest: int) -> tuple[list[Day], list[Day]]:
    """The days of the last four weeks, and those of the eight before."""
    since = newest - RECENT
    return [d for d in kept if d.number > since], [d for d in kept if newest - KEPT < d.number <= since]


def _falls(recent: Sequence[Day], before: Sequence[Day]) -> list[Fall]:
    falls = []
    for measure in MEASURES:
        now, then = [measure.value(day) for day in recent], [measure.value(day) for day in before]
        spread = shift.deviation(then, max(LEAST_SPREAD, LEAST_SHARE * median(then)))
        size = -shift.shift(now, then) / spread
        falls.append(Fall(measure, size, shift.lower(now, then), median(then), median(now)))
    return falls


def _told(falls: Sequence[Fall], rare: float) -> list[Fall]:
    """Those that are no chance and at least one deviation, the largest first."""
    found = shift.discoveries([fall.chance for fall in falls], rare)
    sure = [fall for fall, is_found in zip(falls, found, strict=True) if is_found and fall.size >= ALSO]
    return sorted(sure, key=lambda fall: -fall.size)


def _is_decline(sure: Sequence[Fall], kept: Sequence[Day]) -> bool:
    indoors = [fall for fall in sure if fall.measure.of_home]
    if not indoors or (indoors[0].size < MUCH and len(sure) < 2):
        return False
    return _slope(indoors[0].measure, kept) < 0


def _slope(measure: Measure, kept: Sequence[Day]) -> float:
    return shift.slope([(day.number, measure.value(day)) for day in kept])


def _deviation(view: View, since: int, kept: Sequence[Day]) -> Deviation:
    """What fell most, in words. Compares the weeks since the change was found with those before it."""
    recent, before = _split(kept, kept[-1].number)
    falls = sorted(_falls(recent, before), key=lambda fall: -fall.size)[:3]
    shown = [fall for fall in falls if fall.size >= OVER] or falls[:1]
    told = [f"{fall.recent:.3g} {fall.measure.words} (was {fall.before:.3g})" for fall in shown]
    rare = words.once_in(EVERY / min(max(fall.chance, 1e-12) for fall in shown), known=len(recent) + len(before))
    text = (
        f"Doing less for weeks: {words.listed(told)} a day. "
        f"The last 4 weeks against the 8 before ({len(recent)} and {len(before)} days seen); "
        f"so large a fall comes by chance {rare}."
    )
    evidence: dict[str, float | int | str] = {}
    for fall in shown:
        evidence[fall.measure.words] = f"{fall.recent:.3g} (was {fall.before:.3g})"
        evidence[f"{fall.measure.words}, change a week"] = round(_slope(fall.measure, kept) * 7, 2)
    evidence["standard deviations"] = round(shown[0].size, 2)
    return Deviation(Kind.ACTIVITY_DECLINE, "", Urgency.NOTICE, moment_of(view, since), text, evidence)
