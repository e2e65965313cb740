"""The engine of one home: readings and ticks in, findings out. Pure: the time is an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from sensor_hub.engine import heat
from sensor_hub.engine.absences import take_word
from sensor_hub.engine.civil import bin_of, next_hour
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
from sensor_hub.engine.detectors.silence import count_silence, devices_due, gateway_due, judge_devices, judge_gateway
from sensor_hub.engine.detectors.slow_change import SlowChange
from sensor_hub.engine.dial import DIALLED, note_outcome
from sensor_hub.engine.forgetting import find_bits, forget_gone, forget_old
from sensor_hub.engine.intake import Intake
from sensor_hub.engine.lessons import Lesson, begin_telling, learn_outcome
from sensor_hub.engine.part import ALWAYS, NEVER, Part
from sensor_hub.engine.state import EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.engine.view import EVERYONE, View, watching
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading

MOST_VISITS = 64
"""Visits of people that are remembered: those of the last weeks."""
CAUGHT_UP, LONGEST_BACKLOG = 15 * MINUTE, 2 * HOUR
RESTING_ON_SILENCE = (
    ("late_rising", late_rising.judge, late_rising.due),
    ("door_at_night", door_at_night.judge, door_at_night.due),
    ("no_return", no_return.judge, no_return.due),
    ("visit_missed", visit_missed.judge, visit_missed.due),
)
"""Detectors of comings and goings, by name: what they say, and when to ask again."""


class Engine:
    """Judges, then learns. `observe` readings in order of `at` (late ones first), then `tick` at the frontier."""

    def __init__(self, home: Home, state: EngineState) -> None:
        self.state = state
        self.timeline = Timeline(state.newest, state.heard, state.active)
        self.temperatures = Temperatures(state.newest, state.temperatures)
        self.inactivity = Inactivity()
        self.silence_counts = True
        self.findings: list[Finding] = []
        self.unpack()
        self.set_home(home)

    def begin(self, at: float) -> None:
        """The home is watched from `at` on."""
        state = self.state
        state.begun_at = state.frontier = state.heard_at = at
        self.view.frontier = at
        self.timeline.advance(at)
        self.temperatures.advance(at)
        state.day_began, state.day_ends = at, next_hour(self.view.zone, at, (0,))

    def set_home(self, home: Home) -> None:
        """The home is as described from now on; what was learned of devices that stay is kept."""
        self.home = home
        forget_gone(self.state, {device.id for device in home.devices}, self.temperatures)
        find_bits(self.state, [device.id for device in watching(home)], self.timeline)
        self.timeline.fit(len(self.state.bits))
        self.view = View(home, self.state, self.timeline, self.temperatures)
        self.habits = Habits(self.view)
        self.slow = SlowChange(self.view)
        self.low_intake = LowIntake(self.view)
        self.days = Days(self.view, self.inactivity, self.slow)
        self.observe = Intake(self.view, self.inactivity).observe
        """Takes in readings not newer than the coming tick's frontier. One of an unknown device is not used."""
        self.parts = tuple(self._parts(self.view))
        self._due = ALWAYS
        self._plan(home.absences)
        visit_missed.replan(self.view)

    def _parts(self, view: View) -> Iterator[Part]:
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

    def _plan(self, planned: tuple[Absence, ...]) -> None:
        """The absences of the home's description are these and no others; those told otherwise stay.

        What was forgotten stays so: it would begin again as one from which nobody has returned.
        """
        state, wanted = self.state, {(absence.start, absence.end) for absence in planned}
        state.absences = [one for one in state.absences if not one.is_planned or (one.start, one.end) in wanted]
        known = {(absence.start, absence.end) for absence in state.absences if absence.is_planned}
        for absence in planned:
            if (absence.start, absence.end) not in known:
                take_word(state, absence, is_planned=True)

    def add_absence(self, absence: Absence) -> None:
        """Nobody is at home for this time; the engine knows from `received` on. The last word of the one that begins
        then holds."""
        take_word(self.state, absence)
        self.view.stir()

    def add_visit(self, start: float, end: float) -> None:
        """Somebody is with the resident for this time: it is not learned. The last word of the one that begins then
        holds; one that ends where it begins is withdrawn."""
        visits = [visit for visit in self.state.visits_told if visit[0] != start]
        self.state.visits_told = [*visits, *([(start, end)] if end > start else [])][-MOST_VISITS:]
        # Whose the door was that moved last is judged anew.
        self.view.wake(EVERYONE)

    def note_future(self, reading: Reading) -> None:
        """A reading came from the future: its gateway's clock is wrong. It is not used otherwise."""
        self.state.future_latest = max(self.state.future_latest, reading.at)
        self.view.wake("clock")

    def sound(self, reading: Reading, received: float) -> Deviation | None:
        """What a reading of an alarm must tell at once, on arrival."""
        self.view.wake("alarms")
        return alarms.sound(self.view, reading, received)

    def set_dial(self, false_pages: float) -> None:
        """So many false pages a month per hundred homes are accepted from now on."""
        self.state.false_pages = false_pages
        self.view.wake(EVERYONE)

    def take_outcome(self, lesson: Lesson) -> None:
        """People said what an alert was: its kind asks for more or less evidence here, and learns accordingly."""
        if lesson.kind not in DIALLED:
            return
        note_outcome(self.state, lesson.kind, lesson.alert, lesson.outcome, lesson.at)
        if lesson.kind is Kind.INACTIVITY:
            learn_outcome(self.view, lesson)
            self.inactivity.forget_table()
        self.habits.take_outcome(lesson.kind, lesson.outcome)
        self.view.wake(EVERYONE)

    def try_limits(self, asked: Mapping[Kind, float]) -> None:
        """A back-test lets these kinds ask for so much more surprise; a home that lives never does."""
        self.state.tried = {kind.value: more for kind, more in asked.items()}
        self.view.wake(EVERYONE)

    def forget_outcomes(self, kind: Kind) -> None:
        """What people said of its alerts moves the kind's limits no longer."""
        self.state.outcomes.pop(kind, None)
        self.view.wake(EVERYONE)

    def end_alarm(self, kind: Kind, device: str) -> None:
        """People have dealt with it."""
        self.view.wake("alarms")
        alarms.end(self.view, kind, device)

    def tick(self, frontier: float, *, silence_counts: bool) -> list[Finding]:
        """Everything that holds, or cannot be told, at `frontier`. The same list as before where nothing changed."""
        state, view = self.state, self.view
        passed = frontier - state.frontier
        state.frontier = frontier
        number = bin_of(frontier)
        if number > self.timeline.newest:
            self.timeline.advance(frontier)
        if number > self.temperatures.newest:
            self.temperatures.advance(frontier)
        view.move_to(frontier)
        if silence_counts is not self.silence_counts:
            self.silence_counts = silence_counts
            view.wake(EVERYONE)
        if silence_counts:
            count_silence(view, passed)
        if view.woken or frontier >= self._due:
            self._ask(frontier)
        return self.findings

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
        for part in self.parts:
            if (frontier >= part.due or (woken and (is_everyone or part.name in woken))) and part.ask():
                differs = True
            if part.due < due:
                due = part.due
        self._due = due
        if differs:
            findings = [finding for part in self.parts for finding in part.said]
            if findings != self.findings:
                self.findings = findings

    def _gateway(self) -> Iterator[Finding]:
        return judge_gateway(self.view, silence_counts=self.silence_counts)

    def _devices(self) -> Iterator[Finding]:
        return judge_devices(self.view, silence_counts=self.silence_counts)

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
        if told is not None and not self.silence_counts:
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
        if self.silence_counts:
            return found
        away = "the hub itself was away"
        return [Blind(one.kind, one.subject, away) if isinstance(one, Deviation) else one for one in found]

    def _inactivity_due(self, said: list[Finding]) -> float:
        return self.inactivity.due(self.view, said) if self.silence_counts else ALWAYS

    def pack(self) -> EngineState:
        """The state, complete for a snapshot. `unpack` it afterwards: it holds the timeline a second time."""
        state = self.state
        state.newest = self.timeline.newest
        state.heard, state.active = self.timeline.heard.tobytes(), self.timeline.active.tobytes()
        state.temperatures = self.temperatures.pack()
        return state

    def unpack(self) -> None:
        """Drops from the state what the engine holds itself."""
        self.state.heard = self.state.active = b""
        self.state.temperatures = {}
