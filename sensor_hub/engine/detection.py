"""All detectors of one home: who is asked at a tick, in which order, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from sensor_hub.engine import heat
from sensor_hub.engine.days import Days
from sensor_hub.engine.detectors import (
    alarms,
    battery,
    damp,
    door_at_night,
    foresight,
    heating,
    late_rising,
    no_return,
    temperature,
    visit_missed,
)
from sensor_hub.engine.detectors.habits import Habits
from sensor_hub.engine.detectors.inactivity import Inactivity
from sensor_hub.engine.detectors.low_intake import LowIntake
from sensor_hub.engine.detectors.sensor_fault import clock_due, judge_clock, judge_sensors, sensors_due
from sensor_hub.engine.detectors.silence import devices_due, gateway_due, judge_devices, judge_gateway
from sensor_hub.engine.detectors.slow_change import SlowChange
from sensor_hub.engine.forgetting import forget_old
from sensor_hub.engine.lessons import begin_telling
from sensor_hub.engine.part import ALWAYS, NEVER, Part
from sensor_hub.engine.standing import aloud, note_unfitted
from sensor_hub.engine.view import EVERYONE, View
from sensor_hub.model.consent import Data, not_agreed_words
from sensor_hub.model.finding import Blind, Deviation, Finding, NotAgreed, Unfitted
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import HOUR, MINUTE

CAUGHT_UP, LONGEST_BACKLOG = 15 * MINUTE, 2 * HOUR
RESTING_ON_SILENCE = (
    ("late_rising", late_rising.judge, late_rising.due),
    ("door_at_night", door_at_night.judge, door_at_night.due),
    ("no_return", no_return.judge, no_return.due),
    ("visit_missed", visit_missed.judge, visit_missed.due),
)
"""Detectors of comings and goings, by name: what they say, and when to ask again."""


class Detection:
    """The detectors over one view of the home; made anew when the home is described anew."""

    def __init__(self, view: View, inactivity: Inactivity) -> None:
        self.view = view
        self.state = view.state
        self.inactivity = inactivity
        self.habits = Habits(view)
        self.slow = SlowChange(view)
        self.low_intake = LowIntake(view)
        self.days = Days(view, inactivity, self.slow)
        self.findings: list[Finding] = []
        self._silence_counts = True
        self._parts = tuple(self._parts_of(view))
        self._due = ALWAYS

    def tick(self, frontier: float, *, silence_counts: bool) -> list[Finding]:
        """What they say at `frontier`, to which the view has moved. The same list as before where nothing changed."""
        if silence_counts is not self._silence_counts:
            self._silence_counts = silence_counts
            self.view.wake(EVERYONE)
        if self.view.woken or frontier >= self._due:
            self._ask(frontier)
        return self.findings

    def _parts_of(self, view: View) -> Iterator[Part]:
        """Who is asked at a tick, in this order: later ones build on what earlier ones follow."""
        yield Part("gateway", self._gateway, partial(gateway_due, view))
        yield Part("devices", self._devices, partial(devices_due, view))
        yield Part("sensors", lambda: judge_sensors(view), partial(sensors_due, view))
        yield Part("clock", lambda: judge_clock(view), partial(clock_due, view))
        yield Part("battery", lambda: battery.judge(view), partial(battery.due, view))
        yield Part("heat", lambda: heat.follow(view), partial(heat.due, view))
        yield Part("climate", self._climate, lambda said: temperature.due(view, said))
        yield Part("heating", lambda: heating.judge(view), partial(heating.due, view))
        yield Part("damp", lambda: damp.judge(view), partial(damp.due, view))
        yield Part("alarms", lambda: alarms.judge(view), partial(alarms.due, view))
        yield Part("inactivity", self._inactivity, self._inactivity_due)
        for name, judge, due in RESTING_ON_SILENCE:
            yield Part(name, partial(self._unless_away, judge), partial(due, view))
        yield Part("routines", self._routines, self._routines_due)
        yield Part("low_intake", self.low_intake.judge, self.low_intake.due)

    def _ask(self, frontier: float) -> None:
        """Asks those who are due or woken, in the order in which they build on each other."""
        view, woken = self.view, self.view.woken
        # What wakes somebody from here on does so for the next tick.
        view.woken = set()
        if EVERYONE in woken:
            view.felt.clear()
        self._catch_up()
        is_everyone, due = EVERYONE in woken, NEVER
        differs = is_everyone
        for part in self._parts:
            if (frontier >= part.due or (woken and (is_everyone or part.name in woken))) and part.ask():
                differs = True
            if part.due < due:
                due = part.due
        self._due = due
        if differs:
            findings = [finding for part in self._parts for finding in part.said]
            if view.declined:
                findings = [_as_agreed(finding, view.declined) for finding in findings]
            note_unfitted(self.state, findings)
            if self.state.taken:
                findings = list(aloud(view, findings))
            if findings != self.findings:
                self.findings = findings

    def _gateway(self) -> Iterator[Finding]:
        return judge_gateway(self.view, silence_counts=self._silence_counts)

    def _devices(self) -> Iterator[Finding]:
        return judge_devices(self.view, silence_counts=self._silence_counts)

    def _climate(self) -> list[Finding]:
        """Cold and heat: judged, then learned."""
        state, view = self.state, self.view
        felt = temperature.feel(view)
        view.is_felt = felt is not None
        found: list[Finding] = []
        for side, episode in ((temperature.COLD, state.cold), (temperature.HEAT, state.heat)):
            temperature.follow(view, side, episode, felt)
            found += temperature.judge(view, side, episode, felt)
        foresight.follow(view, felt)
        found = foresight.join(view, felt, found)
        temperature.learn(view, felt)
        return found

    def _routines(self) -> list[Finding]:
        """Days and windows of days that are over, and what they say together with those before."""
        day_ends = self.state.day_ends
        told_late = self.habits.tick() + self.days.tick()
        if self.state.day_ends != day_ends:
            forget_old(self.state)
            self.view.wake(EVERYONE)
        # What came to light of a time that could not be seen is told once, in one line.
        return [*self.habits.judge(), *self.slow.judge(), *told_late[:1]]

    def _routines_due(self, said: list[Finding]) -> float:
        told_late = any(isinstance(finding, Deviation) and finding.subject for finding in said)
        return ALWAYS if told_late else min(self.habits.due(), self.state.day_ends)

    def _catch_up(self) -> None:
        """Follows a backlog: over when nothing late came for a while, or when readings are simply always late here."""
        state, view = self.state, self.view
        view.has_caught_up = False
        if state.late_began is not None:
            now = state.frontier
            view.has_caught_up = now - state.late_at >= CAUGHT_UP or now - state.late_began >= LONGEST_BACKLOG
            if view.has_caught_up:
                state.late_began = None
            view.wake(EVERYONE)
        view.is_catching_up = state.late_began is not None

    def _inactivity(self) -> list[Finding]:
        state, found = self.state, list(self.inactivity.judge(self.view))
        told = next((finding for finding in found if isinstance(finding, Deviation)), None)
        if told is not None and not self._silence_counts:
            return [Blind(Kind.INACTIVITY, "", "the hub itself was away")]
        if told is not None:
            if state.inactive_since is None:
                begin_telling(state, told.since)
            state.inactive_since = told.since
        elif state.inactive_since is not None and not (found and isinstance(found[0], Blind)):
            state.inactive_since = None
            self.view.wake("inactivity")
        return found

    def _unless_away(self, judge: Callable[[View], Iterable[Finding]]) -> list[Finding]:
        """What a detector says that takes silence for evidence: nothing new while the hub itself was away."""
        found = list(judge(self.view))
        if self._silence_counts:
            return found
        away = "the hub itself was away"
        return [Blind(one.kind, one.subject, away) if isinstance(one, Deviation) else one for one in found]

    def _inactivity_due(self, said: list[Finding]) -> float:
        return self.inactivity.due(self.view, said) if self._silence_counts else ALWAYS


def _as_agreed(finding: Finding, declined: frozenset[Data]) -> Finding:
    """What has no sensor because what it would show was not agreed is no gap in the home's equipment."""
    if not isinstance(finding, Unfitted):
        return finding
    why = not_agreed_words(finding.kind, declined)
    return NotAgreed(finding.kind, finding.subject, why) if why else finding
