"""The engine of one home: readings and ticks in, findings out. Pure: the time is an argument."""

from __future__ import annotations

from sensor_hub.engine.channels import CHECKED, accept
from sensor_hub.engine.civil import bin_of, next_hour
from sensor_hub.engine.days import Days
from sensor_hub.engine.detectors import alarms, battery, damp, temperature
from sensor_hub.engine.detectors.habits import Habits
from sensor_hub.engine.detectors.inactivity import Inactivity
from sensor_hub.engine.detectors.sensor_fault import follow_clock, judge_clock, judge_sensors
from sensor_hub.engine.detectors.silence import count_silence, judge_devices, judge_gateway
from sensor_hub.engine.hazard import VISIBLE, learn_tail
from sensor_hub.engine.outings import AT_THE_DOOR, LONG_ENOUGH, learn_silence
from sensor_hub.engine.state import AbsenceState, ChannelState, EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.engine.view import View, Watcher
from sensor_hub.engine.visits import note_movement
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

MOST_VISITS = 64
"""Visits of people that are remembered: those of the last weeks."""
CAUGHT_UP, LONGEST_BACKLOG = 15 * MINUTE, 2 * HOUR


class Engine:
    """Judges, then learns. `observe` readings in order of `at` (late ones first), then `tick` at the frontier."""

    def __init__(self, home: Home, state: EngineState) -> None:
        self.state = state
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
        self.view = View(home, self.state, self.timeline, self.temperatures)
        self.habits = Habits(self.view)
        self.days = Days(self.view, self.inactivity)
        self.devices: dict[str, Device] = {device.id: device for device in home.devices}
        self.watchers: dict[str, Watcher] = {watcher.device.id: watcher for watcher in self.view.watchers}
        self.washrooms = {watcher.device.id for watcher in self.view.washrooms}
        self._plan(home.absences)

    def _plan(self, planned: tuple[Absence, ...]) -> None:
        """The absences of the home's description are these and no others; those told otherwise stay."""
        state, wanted = self.state, {(absence.start, absence.end) for absence in planned}
        state.absences = [one for one in state.absences if not one.is_planned or (one.start, one.end) in wanted]
        known = {(absence.start, absence.end) for absence in state.absences}
        for absence in planned:
            if (absence.start, absence.end) not in known:
                self.add_absence(absence, is_planned=True)

    def add_absence(self, absence: Absence, *, is_planned: bool = False) -> None:
        """Nobody is at home for this time; the engine knows from `received` on."""
        known_from = 0.0 if absence.received is None else absence.received
        self.state.absences.append(AbsenceState(absence.start, absence.end, known_from, is_planned=is_planned))

    def add_visit(self, start: float, end: float) -> None:
        """Somebody is with the resident for this time: it is not learned."""
        self.state.visits_told = [*self.state.visits_told, (start, end)][-MOST_VISITS:]

    def note_future(self, reading: Reading) -> None:
        """A reading came from the future: its gateway's clock is wrong. It is not used otherwise."""
        self.state.future_latest = max(self.state.future_latest, reading.at)

    def sound(self, reading: Reading, received: float) -> Deviation | None:
        """What a reading of an alarm must tell at once, on arrival."""
        return alarms.sound(self.view, reading, received)

    def end_alarm(self, kind: Kind, device: str) -> None:
        """People have dealt with it."""
        alarms.end(self.view, kind, device)

    def observe(self, reading: Reading) -> None:
        """Takes in a reading not newer than the coming tick's frontier. One of an unknown device is not used."""
        state, at = self.state, reading.at
        device = self.devices.get(reading.device)
        if device is None or isinstance(reading.value, str):
            return
        if at <= state.frontier:
            state.late_at = state.frontier
            if state.late_began is None:
                state.late_began = state.frontier
        if at > state.heard_at:
            state.heard_at = at
        known = self.view.device(device.id)
        if known.heard_at is None or at > known.heard_at:
            known.heard_at, known.unheard = at, 0.0
        watcher = self.watchers.get(device.id)
        if watcher is not None:
            is_active = reading.metric in ACTIVITY and reading.value > 0
            self.timeline.note(at, watcher.bit, is_active=is_active)
            if is_active:
                self._active(watcher, at)
        if reading.metric is Metric.BATTERY:
            battery.note(known, at, reading.value)
        elif reading.metric in CHECKED:
            self._measured(device, reading.metric, at, reading.value)

    def _active(self, watcher: Watcher, at: float) -> None:
        """A sign of a person: ends a silence, which is learned from, and may be part of a bathroom visit."""
        state = self.state
        last = max(state.inside_at or 0.0, state.exit_at or 0.0)
        if last and at - last >= LONG_ENOUGH and not self.view.is_absent_in(last, at):
            self._silence_over(watcher, last, at)
        if watcher.is_exit:
            state.exit_at = max(at, state.exit_at or at)
        elif state.inside_at is None or at > state.inside_at:
            state.inside_at, state.inside_device = at, watcher.device.id
        if watcher.device.id in self.washrooms:
            note_movement(state.visits, at)
        for absence in state.absences:
            if at >= absence.end and (absence.returned_at is None or at < absence.returned_at):
                absence.returned_at = at

    def _silence_over(self, watcher: Watcher, last: float, at: float) -> None:
        """Learns from a silence from `last` to `at`, if it could be seen."""
        state = self.state
        shares = self.view.visibility(bin_of(last), bin_of(at))
        if sum(shares) < VISIBLE * len(shares):
            return
        if (state.exit_at or 0.0) >= (state.inside_at or 0.0) - AT_THE_DOOR:
            learn_silence(state.outings, at - last, ended_at_door=watcher.is_exit)
        else:
            learn_tail(state.hazard, self.inactivity.surprise(self.view, bin_of(last) + 1, at)[0])

    def _measured(self, device: Device, metric: Metric, at: float, value: float) -> None:
        channels = self.view.device(device.id).channels
        channel = channels.setdefault(metric.value, ChannelState())
        if accept(channel, metric, at, value) and metric is Metric.TEMPERATURE and device.room is not Room.OUTDOOR:
            self.temperatures.note(device.id, at, value)

    def tick(self, frontier: float, *, silence_counts: bool) -> list[Finding]:
        """Everything that holds, or cannot be told, at `frontier`."""
        state, view = self.state, self.view
        passed = frontier - state.frontier
        state.frontier = view.frontier = frontier
        self.timeline.advance(frontier)
        self.temperatures.advance(frontier)
        self._catch_up()
        if silence_counts:
            count_silence(view, passed)
        findings: list[Finding] = [*judge_gateway(view, silence_counts=silence_counts)]
        findings += judge_devices(view, silence_counts=silence_counts)
        findings += judge_sensors(view)
        follow_clock(view)
        findings += judge_clock(view)
        findings += battery.judge(view)
        findings += self._climate()
        alarms.follow(view)
        findings += alarms.judge(view)
        findings += self._inactivity(silence_counts=silence_counts)
        told_late = self.habits.tick() + self.days.tick()
        findings += self.habits.judge()
        # What came to light of a time that could not be seen is told once, in one line.
        findings += told_late[:1]
        return findings

    def _climate(self) -> list[Finding]:
        """Cold, heat and damp: judged, then learned."""
        state, view = self.state, self.view
        felt = temperature.feel(view)
        found: list[Finding] = []
        for side, episode in ((temperature.COLD, state.cold), (temperature.HEAT, state.heat)):
            temperature.follow(view, side, episode, felt)
            found += temperature.judge(view, side, episode, felt)
        temperature.learn(view, felt)
        damp.follow(view)
        return [*found, *damp.judge(view)]

    def _catch_up(self) -> None:
        """Follows a backlog: over when nothing late came for a while, or when readings are simply always late here."""
        state, view = self.state, self.view
        view.has_caught_up = False
        if state.late_began is not None:
            now = state.frontier
            view.has_caught_up = now - state.late_at >= CAUGHT_UP or now - state.late_began >= LONGEST_BACKLOG
            if view.has_caught_up:
                state.late_began = None
        view.is_catching_up = state.late_began is not None

    def _inactivity(self, *, silence_counts: bool) -> list[Finding]:
        found = list(self.inactivity.judge(self.view))
        told = next((finding for finding in found if isinstance(finding, Deviation)), None)
        if told is not None and not silence_counts:
            return [Blind(Kind.INACTIVITY, "", "the hub itself was away")]
        if told is not None:
            self.state.inactive_since = told.since
        elif not found or not isinstance(found[0], Blind):
            self.state.inactive_since = None
        return found

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
