"""Bathroom visits above or below this person's usual, over days; day (06–22) and night (22–06) apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.engine import counts, words
from sensor_hub.engine.civil import bin_of, is_night, next_hour
from sensor_hub.engine.state import CountState, Span
from sensor_hub.engine.view import View
from sensor_hub.engine.visits import count_between, forget_before
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR

MORNING, EVENING = 6, 22
PRIOR_DAY, PRIOR_NIGHT = 9.0, 2.0
"""Visits before anything is learned (as movement sensors count them; facts II.4)."""
SEEN = 0.9
"""Windows of which less could be seen are neither judged nor learned."""
PATIENCE = 7 * DAY
"""For so long a window that could not be seen waits for what was kept back."""
KEPT = 8 * DAY
SHORTEST_WINDOW = 6 * HOUR
MEANING = {Kind.TOILETING_INCREASE: "More than usual for days.", Kind.TOILETING_DECREASE: "Fewer than usual for days."}


class Toileting:
    """Counts visits window by window. `tick` closes windows; `judge` says what the evidence is."""

    def tick(self, view: View) -> list[Deviation]:
        """Closes the windows that are over, and those seen only now; returns what is to be told of the latter."""
        state, now = view.state, view.frontier
        if not state.window_ends:
            state.window_began, state.window_ends = now, next_hour(view.zone, now, (MORNING, EVENING))
        closed = False
        while state.window_ends <= now:
            state.windows.append(Span(state.window_began, state.window_ends))
            state.window_began = state.window_ends
            state.window_ends = next_hour(view.zone, state.window_ends, (MORNING, EVENING))
            closed = True
        if view.is_catching_up or not (closed or view.has_caught_up):
            return []
        told = [deviation for window in list(state.windows) if (deviation := self._close(view, window)) is not None]
        forget_before(state.visits, now - KEPT)
        return told

    def _close(self, view: View, window: Span) -> Deviation | None:
        state = view.state
        length = window.end - window.start
        if (
            view.is_absent_in(window.start, window.end)
            or window.end < view.frontier - PATIENCE
            or length < SHORTEST_WINDOW
        ):
            state.windows.remove(window)
            return None
        first, last = bin_of(window.start), bin_of(window.end - 1)
        shares = view.visibility(first, last, view.washrooms)
        if sum(shares) < SEEN * len(shares):
            window.was_blind = True
            return None
        state.windows.remove(window)
        night = is_night(view.zone, window.start)
        counted = state.toilet_night if night else state.toilet_day
        count = count_between(state.visits, window.start, window.end)
        z = counts.unusual(counted, count, PRIOR_NIGHT if night else PRIOR_DAY)
        before = counted.rising_since, counted.falling_since
        counts.judge_window(counted, window.end, count, z)
        counts.learn_window(counted, count, z)
        began = (counted.rising_since, counted.falling_since) != before
        return self._told_late(view, counted, window, night=night) if window.was_blind and began else None

    def judge(self, view: View) -> Iterator[Finding]:
        """The evidence as it stands, for more and for fewer visits."""
        state = view.state
        reason = self._blind(view)
        rising = _side(view, Kind.TOILETING_INCREASE, reason)
        yield from rising
        yield from _side(view, Kind.TOILETING_DECREASE, reason)
        windows = min(state.toilet_day.windows, state.toilet_night.windows)
        if not rising and reason is None and windows < counts.NEEDED_WINDOWS:
            waits = f"{windows} of {counts.NEEDED_WINDOWS} days and nights learned"
            yield Learning(Kind.TOILETING_INCREASE, "", waits)
            yield Learning(Kind.TOILETING_DECREASE, "", waits)

    def _blind(self, view: View) -> str | None:
        if not view.washrooms:
            return "no movement sensor in the bathroom or toilet"
        if view.home.residents > 1:
            return "several residents: visits cannot be told apart"
        absence = view.absence_at(view.frontier)
        if absence is not None:
            return f"away until {words.clock(absence.end, view.frontier, view.zone)} as planned"
        silent = view.silent_names(view.washrooms)
        return f"cannot see the bathroom: {words.listed(silent)} not heard" if silent else None

    def _told_late(self, view: View, counted: CountState, window: Span, *, night: bool) -> Deviation:
        """A window judged once it became visible: no page, for it is over; one line for the review."""
        kind = Kind.TOILETING_DECREASE if counted.rising_since is None else Kind.TOILETING_INCREASE
        counts.forget_evidence(counted)
        low, high = counts.usual_range(counted)
        ended, visits = words.clock(window.end, view.frontier, view.zone), counted.recent[-1][1]
        when = "in the night" if night else "on the day"
        text = f"Seen only afterwards: {visits} bathroom visits {when} until {ended} (usual {low}–{high})."
        return Deviation(kind, "seen late", Urgency.NOTICE, window.end, text, {"visits": visits})


def _side(view: View, kind: Kind, blind: str | None) -> list[Finding]:
    state, rises = view.state, kind is Kind.TOILETING_INCREASE
    both = (Side(state.toilet_day, "by day", rises), Side(state.toilet_night, "at night", rises))
    standing = [side for side in both if side.since is not None]
    if standing and view.home.residents == 1:
        return [_deviation(kind, standing)]
    return [] if blind is None else [Blind(kind, "", blind)]


@dataclass(frozen=True, slots=True)
class Side:
    """The evidence for more, or for fewer, visits in one window of the day."""

    counted: CountState
    when: str
    rises: bool

    @property
    def since(self) -> float | None:
        return self.counted.rising_since if self.rises else self.counted.falling_since

    @property
    def evidence(self) -> float:
        return self.counted.rise if self.rises else self.counted.fall


def _deviation(kind: Kind, standing: list[Side]) -> Deviation:
    texts: list[str] = []
    evidence: dict[str, float | int | str] = {}
    for side in standing:
        low, high = counts.usual_range(side.counted)
        recent = ", ".join(str(count) for _, count, _ in side.counted.recent[-3:])
        texts.append(f"Bathroom visits {side.when} {recent} (usual {low}–{high}, {side.counted.windows} learned).")
        evidence |= {f"visits {side.when}": recent, f"usual {side.when}": f"{low}–{high}"}
        evidence[f"evidence {side.when}"] = round(side.evidence, 2)
    texts.append(MEANING[kind])
    since = min(side.since for side in standing if side.since is not None)
    return Deviation(kind, "", Urgency.SOON, since, " ".join(texts), evidence)
