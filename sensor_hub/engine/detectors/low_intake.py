"""Hot, and fewer visits to kitchen and bathroom than usual, all three together: does the resident drink?

Heat alone is `overheating`, fewer bathroom visits alone `toileting_decrease`; together they cannot wait for days of
evidence, so the last 24 hours are judged, each hour, and each count need only be the lowest of ten, and clearly fewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from scipy.special import ndtr

from sensor_hub.engine import counts, words
from sensor_hub.engine.civil import BINS_A_DAY, bin_of
from sensor_hub.engine.daily import Day, days, entries, is_seen, kept
from sensor_hub.engine.detectors import temperature
from sensor_hub.engine.dial import LEAST_ODDS
from sensor_hub.engine.hazard import outing_bins
from sensor_hub.engine.part import ALWAYS, NEVER
from sensor_hub.engine.state import CountState
from sensor_hub.engine.view import View, Watcher
from sensor_hub.engine.visits import count_between
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import Room

HOT_FOR = 6 * HOUR
"""An episode of heat (26 °C and more) counts from then on."""
FEW = -1.2816
"""Standard deviations: the lowest tenth."""
CLEARLY = 2 / 3
"""Of the usual mean, at most: where days are alike, one visit less may be the lowest of ten."""
BACK = -0.5
"""Either count above this ends it."""
LEARNED_FROM = 28
"""The newest days kept say what is usual."""
NEEDED_DAYS = 7
PRIOR_KITCHEN, PRIOR_VISITS = 8.0, 11.0
"""Visits a day, before any is learned."""
MOST_OUT, MOST_COMPANY = 16, 4 * HOUR
"""Quarters out of the house, seconds in company: with more of it in the day, the counts say nothing."""


class LowIntake:
    """One home's visits to kitchen and bathroom in the heat."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.kitchen = tuple(w for w in view.watchers if w.device.room is Room.KITCHEN and not w.is_exit)
        self.watchers: tuple[Watcher, ...] = self.kitchen + view.washrooms
        self.unfitted = self._unfitted()

    def due(self, _said: list[Finding]) -> float:
        """At the next whole hour; its words change while it is told."""
        if self.view.state.low_intake.since is not None:
            return ALWAYS
        return NEVER if self.unfitted else (self.view.state.low_intake.hour + 1) * HOUR

    def _follow(self) -> None:
        """Counts the last 24 hours, once an hour in the heat."""
        view, state = self.view, self.view.state.low_intake
        hour = int(view.frontier // HOUR)
        if self.unfitted or hour == state.hour:
            return
        state.hour = hour
        if not self._is_hot():
            state.since = None
            return
        if view.is_catching_up or not self._can_count():
            return
        end = bin_of(view.frontier) - 1
        state.kitchen = entries(view, sum(w.bit for w in self.kitchen), end - BINS_A_DAY + 1, end)
        state.visits = count_between(view.state.visits, view.frontier - DAY, view.frontier)
        kitchen, visits = self._usual()
        pairs = ((kitchen, state.kitchen, PRIOR_KITCHEN), (visits, state.visits, PRIOR_VISITS))
        unusual = [counts.unusual(usual, count, prior) for usual, count, prior in pairs]
        few = _few(view.asked(Kind.LOW_INTAKE))
        if all(z < few for z in unusual) and all(count <= CLEARLY * usual.total / usual.n for usual, count, _ in pairs):
            state.since = view.frontier if state.since is None else state.since
        elif any(z > BACK for z in unusual):
            state.since = None

    def judge(self) -> Iterator[Finding]:
        """What holds, or why it cannot be told."""
        self._follow()
        view, since, kind = self.view, self.view.state.low_intake.since, Kind.LOW_INTAKE
        absence = view.absence_at(view.frontier)
        if self.unfitted:
            yield Unfitted(kind, "", self.unfitted)
        elif absence is not None:
            yield Blind(kind, "", view.away_words(absence))
        elif since is not None:
            yield self._deviation(since)
        elif silent := view.silent_names(self.watchers):
            yield Blind(kind, "", f"cannot see there: {words.listed(silent)} not heard")
        elif (learned := kept(view.state.daily)) < NEEDED_DAYS:
            yield Learning(kind, "", f"{learned} of {NEEDED_DAYS} days learned")

    def _unfitted(self) -> str:
        if not self.kitchen or not self.view.washrooms:
            return "needs a movement sensor in the kitchen and one in the bathroom"
        if not self.view.thermometers:
            return "no thermometer in a lived-in room"
        return "several residents: who it was cannot be told" if self.view.home.residents > 1 else ""

    def _is_hot(self) -> bool:
        heat, now = self.view.state.heat, self.view.frontier
        return heat.since is not None and heat.back_since is None and now - heat.since >= HOT_FOR

    def _can_count(self) -> bool:
        """Whether the last 24 hours could be seen and were the resident's own, at home, with no silence being told."""
        view, now = self.view, self.view.frontier
        first, last = bin_of(now) - BINS_A_DAY, bin_of(now) - 1
        if view.state.inactive_since is not None or view.is_absent_in(now - DAY, now):
            return False
        if view.company_in(now - DAY, now) > MOST_COMPANY or len(outing_bins(view, first, last)) > MOST_OUT:
            return False
        return kept(view.state.daily) >= NEEDED_DAYS and is_seen(view, self.watchers, first, last)

    def _learned(self, value: Callable[[Day], int]) -> CountState:
        values = [value(day) for day in days(self.view.state.daily)[-LEARNED_FROM:]]
        return CountState(n=len(values), total=sum(values, 0.0), squares=sum([one * one for one in values], 0.0))

    def _usual(self) -> tuple[CountState, CountState]:
        """Kitchen and bathroom visits a day."""
        return self._learned(lambda day: day.kitchen), self._learned(lambda day: day.visits)

    def _chance(self) -> float:
        """How likely the less unusual of the two counts is by itself, on an ordinary day."""
        state, (kitchen, visits) = self.view.state.low_intake, self._usual()
        most = max(
            counts.unusual(kitchen, state.kitchen, PRIOR_KITCHEN), counts.unusual(visits, state.visits, PRIOR_VISITS)
        )
        return max(float(ndtr(most)), 1e-9)

    def _deviation(self, since: float) -> Deviation:
        view, state, heat = self.view, self.view.state.low_intake, self.view.state.heat
        felt, hot_since = temperature.feel(view), since if heat.since is None else heat.since
        learned = self._usual()
        usual = [words.between(*counts.usual_range(one)) for one in learned]
        known = round(learned[0].n)
        warm = "Hot" if felt is None else f"Hot ({words.degrees(felt.value)})"
        text = (
            f"{warm} for {words.span(view.frontier - hot_since)}, and in the last 24 h fewer visits to the kitchen "
            f"({state.kitchen}, usually {usual[0]}) and the bathroom ({state.visits}, usually {usual[1]}). "
            f"So few of either come here {words.once_in(1 / self._chance(), known=known)} "
            f"({words.many(known, 'day')} known)."
        ) + words.not_heard(view.silent_names(self.watchers))
        evidence: dict[str, float | int | str] = {
            "kitchen visits": state.kitchen,
            "bathroom visits": state.visits,
            "hot_hours": words.hours(view.frontier - hot_since),
        }
        if felt is not None:
            evidence["temperature"] = round(felt.value, 1)
        return Deviation(Kind.LOW_INTAKE, "", Urgency.SOON, since, text, evidence)


def _few(asked: float) -> float:
    """Standard deviations below which either count is unusual, where so much more surprise is asked of both together.

    A normal tail is about exp(−z²/2): half of what is asked for each adds as much to z².
    """
    return -math.sqrt(FEW * FEW + max(asked, LEAST_ODDS)) if asked else FEW
