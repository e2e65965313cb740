"""Bathroom visits above or below this person's usual, over days; day (06–22) and night (22–06) apart."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import counts, words
from sensor_hub.engine.civil import bin_of, is_night, next_hour
from sensor_hub.engine.state import CountState, Span
from sensor_hub.engine.view import View
from sensor_hub.engine.visits import count_between, forget_before
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY

MORNING, EVENING = 6, 22
PRIOR_DAY, PRIOR_NIGHT = 9.0, 2.0
"""Visits before anything is learned (as movement sensors count them; facts II.4)."""
SEEN = 0.9
"""Windows of which less could be seen are neither judged nor learned."""
PATIENCE = 7 * DAY
"""For so long a window that could not be seen waits for what was kept back."""
KEPT = 8 * DAY


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
        if not closed and not state.late:
            return []
        told = [deviation for window in list(state.windows) if (deviation := self._close(view, window)) is not None]
        forget_before(state.visits, now - KEPT)
        return told[:1]

    def _close(self, view: View, window: Span) -> Deviation | None:
        state = view.state
        length = window.end - window.start
        if view.is_absent_in(window.start, window.end) or window.end < view.frontier - PATIENCE or length < 6 * 3600.0:
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
        before = counts.is_rising(counted), counts.is_falling(counted)
        counts.judge_window(counted, window.end, count, z)
        counts.learn_window(counted, count, z)
        if window.was_blind and before != (counts.is_rising(counted), counts.is_falling(counted)):
            return self._told_late(view, counted, window, night=night)
        return None

    def judge(self, view: View) -> Iterator[Finding]:
        """The evidence as it stands, for more and for fewer visits."""
        state = view.state
        reason = self._blind(view)
        rising = self._side(view, Kind.TOILETING_INCREASE, reason)
        yield from rising
        yield from self._side(view, Kind.TOILETING_DECREASE, reason)
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

    def _side(self, view: View, kind: Kind, blind: str | None) -> list[Finding]:
        state = view.state
        up = kind is Kind.TOILETING_INCREASE
        standing = [
            night for night in (False, True) if self._stands(state.toilet_night if night else state.toilet_day, up)
        ]
        if view.home.residents == 1 and standing and (blind is None or self._since(view, standing[0], up) is not None):
            return [self._deviation(view, kind, standing, up)]
        return [] if blind is None else [Blind(kind, "", blind)]

    def _stands(self, counted: CountState, up: bool) -> bool:
        """Whether an episode of this window holds: begun by strong evidence, over when it has gone."""
        evidence = counted.rise if up else counted.fall
        since = counted.rising_since if up else counted.falling_since
        began = counts.is_rising(counted) if up else counts.is_falling(counted)
        if since is None and began:
            since = counted.recent[-1][0]
        elif since is not None and evidence < counts.OVER:
            since = None
        if up:
            counted.rising_since = since
        else:
            counted.falling_since = since
        return since is not None

    def _since(self, view: View, night: bool, up: bool) -> float | None:
        counted = view.state.toilet_night if night else view.state.toilet_day
        return counted.rising_since if up else counted.falling_since

    def _deviation(self, view: View, kind: Kind, standing: list[bool], up: bool) -> Deviation:
        state = view.state
        texts, evidence = [], dict[str, float | int | str]()
        for night in standing:
            counted = state.toilet_night if night else state.toilet_day
            low, high = counts.usual_range(counted)
            recent = [count for _, count, _ in counted.recent[-3:]]
            when = "at night" if night else "by day"
            texts.append(
                f"Bathroom visits {when} {', '.join(map(str, recent))} (usual {low}–{high}, {counted.windows} learned)."
            )
            name = "night" if night else "day"
            evidence |= {
                f"{name}_visits": ",".join(map(str, recent)),
                f"{name}_usual_low": low,
                f"{name}_usual_high": high,
            }
            evidence[f"{name}_evidence"] = round(counted.rise if up else counted.fall, 2)
        advice = (
            "More often than usual: ask how they feel, and about drinks."
            if up
            else "Fewer than usual: ask about drinks and how they feel."
        )
        since = min(at for night in standing if (at := self._since(view, night, up)) is not None)
        return Deviation(kind, "", Urgency.SOON, since, " ".join([*texts, advice]), evidence)

    def _told_late(self, view: View, counted: CountState, window: Span, *, night: bool) -> Deviation:
        """A window judged once it became visible: no page, for it is over; one line for the review."""
        up = counts.is_rising(counted)
        kind = Kind.TOILETING_INCREASE if up else Kind.TOILETING_DECREASE
        if up:
            counted.rise, counted.rising_since = 0.0, None
        else:
            counted.fall, counted.falling_since = 0.0, None
        low, high = counts.usual_range(counted)
        when = words.clock(window.end, view.frontier, view.zone)
        text = (
            f"Seen only afterwards: {counted.recent[-1][1]} bathroom visits in the {'night' if night else 'day'} that ended "
            f"{when} (usual {low}–{high}), when the home could not be seen."
        )
        return Deviation(kind, "seen late", Urgency.NOTICE, window.end, text, {"visits": counted.recent[-1][1]})
