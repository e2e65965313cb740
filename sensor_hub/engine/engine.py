"""The engine of one home: readings and ticks in, findings out. Pure: the time is an argument."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sensor_hub.engine.absences import plan, take_word
from sensor_hub.engine.agreement import ROUTINE, begin_anew, forget_declined
from sensor_hub.engine.civil import bin_of, next_hour
from sensor_hub.engine.daily import carry_on
from sensor_hub.engine.detection import Detection
from sensor_hub.engine.detectors import alarms, visit_missed
from sensor_hub.engine.detectors.inactivity import Inactivity
from sensor_hub.engine.detectors.silence import count_silence
from sensor_hub.engine.dial import DIALLED, note_outcome
from sensor_hub.engine.forgetting import find_bits, forget_gone
from sensor_hub.engine.intake import Intake
from sensor_hub.engine.lessons import Lesson, learn_outcome
from sensor_hub.engine.standing import hand_over, note_taken
from sensor_hub.engine.state import EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.engine.view import EVERYONE, View, watching
from sensor_hub.model.consent import Data
from sensor_hub.model.finding import Deviation, Finding
from sensor_hub.model.home import Absence, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.reading import Reading

MOST_VISITS = 64
"""Visits of people that are remembered: those of the last weeks."""


class Engine:
    """Judges, then learns. `observe` readings in order of `at` (late ones first), then `tick` at the frontier."""

    def __init__(self, home: Home, state: EngineState, declined: frozenset[Data] = frozenset()) -> None:
        """`declined`: what the resident has not agreed to; `home` is without it."""
        self.state = state
        self.declined = declined
        self.timeline = Timeline(state.newest, state.heard, state.active)
        self.temperatures = Temperatures(state.newest, state.temperatures)
        self.inactivity = Inactivity()
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
        self.view = View(home, self.state, self.timeline, self.temperatures, self.declined)
        self.detection = Detection(self.view, self.inactivity)
        self.observe = Intake(self.view, self.inactivity).observe
        """Takes in readings not newer than the coming tick's frontier. One of an unknown device is not used."""
        plan(self.state, home.absences)
        visit_missed.replan(self.view)

    def replace_device(self, old: str, new: str, home: Home, at: float) -> None:
        """From `at` on the new device stands where the old one stood; `home` says so. What was learned goes on."""
        before, days = self.view, self.state.daily
        hand_over(self.state, self.timeline, self.temperatures, old, new, at)
        self.set_home(home)
        carry_on(days, before, self.view)

    def take_away(self, device: str, home: Home, at: float) -> None:
        """The device does not stand in the home from `at` on; `home` is without it."""
        note_taken(self.view, device, at)
        self.set_home(home)

    def keep_taken(self, gone: Collection[str]) -> None:
        """Of devices that were taken away only these are still missed."""
        self.state.taken = {device: taken for device, taken in self.state.taken.items() if device in gone}

    def agree(self, home: Home, declined: frozenset[Data]) -> None:
        """The resident has agreed to all but this; `home` is without it. What was learned of it is forgotten."""
        lost, changed = declined - self.declined, declined ^ self.declined
        if changed:
            self.declined = declined
            forget_declined(self.state, lost, {device.id for device in home.devices})
            begin_anew(self.state, changed)
            if not ROUTINE.isdisjoint(lost):
                self.timeline = Timeline(self.timeline.newest)
                self.inactivity = Inactivity()
            if Data.CLIMATE in lost:
                self.temperatures = Temperatures(self.temperatures.newest, {})
        self.set_home(home)

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
        self.detection.habits.take_outcome(lesson.kind, lesson.outcome)
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
        if silence_counts:
            count_silence(view, passed)
        return self.detection.tick(frontier, silence_counts=silence_counts)

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
