"""Changes over weeks: followed when a day is kept, and said at every tick without looking again."""

from __future__ import annotations

from sensor_hub.engine.daily import note_day, set_layout
from sensor_hub.engine.detectors import decline, routine
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Finding, Unfitted
from sensor_hub.model.kind import Kind

KINDS = (Kind.ACTIVITY_DECLINE, Kind.ROUTINE_CHANGE)


class SlowChange:
    """One home's slow changes. What is found is a function of the days kept and of today."""

    def __init__(self, view: View) -> None:
        set_layout(view)
        self.view = view
        self._found: list[Finding] = []
        self._found_for: tuple[float, bytes] | None = None

    def close_day(self, start: float, end: float) -> None:
        """The day from `start` to `end` is over and as visible as it will be."""
        if self.view.home.residents == 1 and note_day(self.view, start, end):
            decline.follow(self.view)
            routine.follow(self.view)

    def judge(self) -> list[Finding]:
        """What holds, or why it cannot be told."""
        state = self.view.state
        known = (state.day_began, state.daily.rows)
        if self._found_for != known:
            self._found_for, self._found = known, self._look()
        return self._found

    def _look(self) -> list[Finding]:
        view, daily = self.view, self.view.state.daily
        why = ""
        if not view.watchers:
            why = "no sensor here can show movement"
        elif view.home.residents > 1:
            why = "several residents: who it was cannot be told"
        if why:
            return [Unfitted(kind, "", why) for kind in KINDS]
        return [*decline.judge(view, daily.decline), *routine.judge(view, daily.routine)]
