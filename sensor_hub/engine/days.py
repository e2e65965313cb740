"""Days that are over: each is learned once, when it could be seen, or became visible within a week."""

from __future__ import annotations

from itertools import pairwise

from sensor_hub.engine import lessons, words
from sensor_hub.engine.civil import BIN, bin_of, next_hour
from sensor_hub.engine.detectors.inactivity import SHORTEST, SURPRISE, Inactivity, rarity
from sensor_hub.engine.detectors.slow_change import SlowChange
from sensor_hub.engine.hazard import VISIBLE, calibrated, learn_day
from sensor_hub.engine.state import Span
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Deviation
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR

LEARNABLE = 0.5
"""A day of which less could be seen waits to be learned."""
PATIENCE = 7 * DAY
SHORTEST_DAY = 12 * HOUR
"""The rest of the day on which the home was fitted is not learned if it is shorter."""


class Days:
    """One home's days, from local midnight to midnight."""

    def __init__(self, view: View, inactivity: Inactivity, slow: SlowChange) -> None:
        self.view = view
        self.slow = slow
        self.inactivity = inactivity

    def tick(self) -> list[Deviation]:
        """Learns the day that is over, and days seen only now; returns what is to be told of the latter."""
        view, state = self.view, self.view.state
        closed = False
        while state.day_ends <= state.frontier:
            state.days.append(Span(state.day_began, state.day_ends))
            state.day_began, state.day_ends = state.day_ends, next_hour(view.zone, state.day_ends, (0,))
            closed = True
        if view.is_catching_up or not (closed or view.has_caught_up):
            return []
        return [late for day in list(state.days) for late in self._close(day)]

    def _close(self, day: Span) -> list[Deviation]:
        view, state = self.view, self.view.state
        if day.end < state.frontier - PATIENCE or day.end - day.start < SHORTEST_DAY:
            state.days.remove(day)
            return []
        first, last = bin_of(day.start), bin_of(day.end - 1)
        shares = view.visibility(first, last)
        if sum(shares, 0.0) < LEARNABLE * len(shares):
            day.was_blind = True
            return []
        state.days.remove(day)
        told = self._silences_of(day) if day.was_blind else []
        self.slow.close_day(day.start, day.end)
        self._learn(first, shares)
        return told

    def _learn(self, first: int, shares: list[float]) -> None:
        """Learns the bins from `first` on, but none in an absence, in company, or in a silence being told or real."""
        view, state = self.view, self.view.state
        since = state.inactive_since
        if since is not None and lessons.is_accepted(state, since):
            since = None
        for place in range(len(shares)):
            start, end = (first + place) * BIN, (first + place + 1) * BIN
            told = since is not None and end > since
            real = lessons.is_real(state, start, end)
            if told or real or view.is_absent_in(start, end) or view.is_in_company(start, end):
                shares[place] = 0.0
        if since is not None and (first + len(shares)) * BIN > since:
            lessons.leave_out(state, since, (first + len(shares)) * BIN)
        if any(share >= VISIBLE for share in shares):
            learn_day(view, first, first + len(shares) - 1, shares)
            self.inactivity.forget_table()

    def _silences_of(self, day: Span) -> list[Deviation]:
        """What would have been a page on a day that could be seen only afterwards: one line for the review.

        Silences that began before the day or ended after it count, but not the one that still lasts.
        """
        view, timeline = self.view, self.view.timeline
        first, last = bin_of(day.start), bin_of(day.end - 1)
        needed = SURPRISE + view.asked(Kind.INACTIVITY)
        active = [n for n in range(timeline.oldest, timeline.newest + 1) if timeline.active_in(n)]
        for before, after in pairwise(active):
            if after - before <= SHORTEST / BIN or after <= first or before >= last:
                continue
            surprise, seen = self.inactivity.surprise(view, before + 1, after * BIN)
            surprise = calibrated(view.state.hazard, surprise)
            if timeline.active_in(before) & view.exit_bits or surprise < needed or seen < SHORTEST:
                continue
            return [self._told_late((before + 1) * BIN, after * BIN, surprise)]
        return []

    def _told_late(self, start: float, end: float, surprise: float) -> Deviation:
        view = self.view
        began, ended = words.clock(start, view.frontier, view.zone), words.clock(end, view.frontier, view.zone)
        learned = view.state.hazard
        rare = words.once_in(rarity(learned, surprise), known=learned.days)
        text = (
            f"Seen only afterwards: no movement from {began} to {ended}, when the home could not be seen. "
            f"Such a silence comes here {rare} ({words.many(learned.days, 'day')} known)."
        )
        evidence = {"silent_hours": words.hours(end - start), "surprise": round(surprise, 2)}
        return Deviation(Kind.INACTIVITY, "seen late", Urgency.NOTICE, start, text, evidence)
