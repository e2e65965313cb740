"""Watches one home: entries of its log and ticks in, changes of its alerts out. No clock, no input or output.

Live, recovery, replay and back-test are this same code over the same log, so they give the same answers.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from sensor_hub.alerts.episodes import Episodes
from sensor_hub.engine.engine import Engine
from sensor_hub.engine.lessons import Lesson
from sensor_hub.engine.state import EngineState
from sensor_hub.model.alert import AlertChange, Outcome
from sensor_hub.model.call import as_alarm
from sensor_hub.model.consent import EVERYTHING, Data, declined_metrics
from sensor_hub.model.description import NOTHING, Description, sharing
from sensor_hub.model.entry import (
    AbsenceTold,
    Arrival,
    DeviceGone,
    DialSet,
    Entry,
    HomeSet,
    HubAway,
    OutcomesForgotten,
    OutcomeTold,
    PlacementTold,
    ScopeSet,
    VisitTold,
)
from sensor_hub.model.finding import Finding
from sensor_hub.model.home import Home
from sensor_hub.model.metric import ALARMS, Metric
from sensor_hub.model.reading import Reading
from sensor_hub.watch.snapshot import SnapshotError, pack, unpack
from sensor_hub.watch.standing import of_place, take_standing

GRID: Final = 300.0
"""Ticks come at every whole five minutes, UTC."""
LAG: Final = 120.0
"""The frontier is this far behind the tick: what arrives within it is judged in the order in which it was measured."""
FUTURE: Final = 300.0
"""A reading measured more than this after it was received has a wrong clock."""
SETTLING: Final = 900.0
"""After the hub was away, silence counts again once what waited elsewhere had this long to arrive."""


ALARM_METRICS: Final = frozenset({*ALARMS, Metric.BUTTON})
"""What may call for somebody on arrival."""
ORDER: Final = attrgetter("at", "device", "metric")


@dataclass(slots=True)
class WatchState:
    """All that a home's watch knows: the snapshot."""

    description: Description
    engine: EngineState
    episodes: Episodes
    position: int = 0
    """Of the last log entry taken in."""
    received: float = 0.0
    ticked: float | None = None
    away: list[tuple[float, float]] = field(default_factory=list)
    """When the hub itself was away, as long as that still matters."""
    waiting: list[Reading] = field(default_factory=list)
    """Readings newer than the frontier."""


class HomeWatch:
    """One home. `feed` every entry of its log in order; `tick_past` when the clock has moved on."""

    def __init__(self, state: WatchState) -> None:
        self.state = state
        state.description.share()
        self._declined = NOTHING
        """Metrics that the resident has not agreed to: what still comes of them is not looked at."""
        self.engine = Engine(state.description.watched(), state.engine, self._agreed())
        self.findings: list[Finding] | None = None
        """What the engine said at the last tick; None before there was one."""
        self._is_settled = False
        """Whether nothing changed the episodes since `findings` did."""

    @classmethod
    def begin(cls, home: Home) -> HomeWatch:
        return cls(WatchState(Description(home), EngineState(), Episodes(home.id)))

    @classmethod
    def restore(cls, snapshot: bytes) -> HomeWatch:
        """The watch as it was when `snapshot` was taken; SnapshotError when this program cannot go on from it."""
        try:
            return cls(unpack(snapshot, WatchState))
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise SnapshotError(f"no watch can go on from it ({error})") from error

    def snapshot(self) -> bytes:
        self.state.engine = self.engine.pack()
        packed = pack(self.state)
        self.engine.unpack()
        return packed

    @property
    def home(self) -> Home:
        return self.engine.home

    def feed(self, entry: Entry, position: int = 0) -> list[AlertChange]:
        """Takes in the next entry of the log, after the ticks that are due before it."""
        if isinstance(entry, Arrival):
            return self._arrived(entry, position)
        if isinstance(entry, HubAway):
            # Known before the ticks inside it, or they would take the hub's own absence for silence of the home.
            self.state.away.append((entry.start, entry.end))
        received = max(entry.received, self.state.received)
        changes = self.tick_past(received)
        self.state.received, self.state.position = received, max(position, self.state.position)
        return changes + self._told(entry, received)

    def _arrived(self, arrival: Arrival, position: int) -> list[AlertChange]:
        # Called for every reading: so it is all in one place.
        state, (received, reading) = self.state, arrival
        if received < state.received:
            received = state.received
        ticked = state.ticked
        changes = [] if ticked is not None and received < ticked + GRID else self.tick_past(received)
        state.received = received
        if position > state.position:
            state.position = position
        if self._declined and reading.metric in self._declined:
            return changes
        if reading.at > received + FUTURE:
            self.engine.note_future(reading)
            return changes
        if state.description.gone:
            state.waiting += of_place(state.description, [reading])
        else:
            state.waiting.append(reading)
        heard, metric = state.description.heard.get(reading.device), reading.metric
        if heard is None or metric not in heard or metric in ALARM_METRICS:
            changes += self._remarkable(reading, received)
        return changes

    def _remarkable(self, reading: Reading, received: float) -> list[AlertChange]:
        """A metric that is new of this device, or an alarm."""
        state, changes = self.state, list[AlertChange]()
        if state.description.hear(reading.device, reading.metric):
            self._describe()
        if reading.metric in ALARM_METRICS:
            call = as_alarm(reading)
            alarm = self.engine.sound(call, received) if call.metric in ALARMS else None
            if alarm is not None:
                changes = state.episodes.raise_now(alarm, received)
                self._is_settled = False
        return changes

    def _told(self, entry: Entry, received: float) -> list[AlertChange]:
        """Takes in what people or the hub say."""
        state = self.state
        match entry:
            case AbsenceTold(absence=absence):
                self.engine.add_absence(absence)
            case OutcomeTold(alert=alert, outcome=Outcome() as outcome):
                self._take_outcome(alert, outcome, received)
            case VisitTold(start=start, end=end):
                self.engine.add_visit(start, end)
            case HomeSet(home=home, scope=scope):
                state.description.tell(sharing(home), received)
                if scope is None:
                    self._describe()
                else:
                    self._take_scope(scope)
            case PlacementTold() | DeviceGone():
                changes = take_standing(state.description, self.engine, state.episodes, entry, received)
                state.waiting = of_place(state.description, state.waiting)
                self._is_settled = self._is_settled and not changes
                return changes
            case ScopeSet(scope=scope):
                self._take_scope(scope)
            case DialSet(false_pages=false_pages):
                self.engine.set_dial(false_pages)
            case OutcomesForgotten(kind=kind):
                self.engine.forget_outcomes(kind)
        return []

    def _take_outcome(self, alert: str, outcome: Outcome, received: float) -> None:
        episode, told = self.state.episodes.about(alert), self.state.episodes.told.get(alert)
        if episode is not None:
            self.engine.end_alarm(episode.kind, episode.subject)
        if told is not None:
            self.engine.take_outcome(Lesson(alert, told.kind, told.since, outcome, received))

    def _describe(self) -> None:
        self.engine.set_home(self.state.description.watched())
        self.engine.keep_taken(self.state.description.gone)

    def _take_scope(self, scope: frozenset[Data]) -> None:
        """From now on only this is agreed."""
        state = self.state
        state.description.scope = scope
        declined = self._agreed()
        state.waiting = [reading for reading in state.waiting if reading.metric not in self._declined]
        self.engine.agree(state.description.watched(), declined)

    def _agreed(self) -> frozenset[Data]:
        """Follows what is agreed; what is not."""
        scope = self.state.description.scope
        self._declined = NOTHING if scope is None else declined_metrics(scope)
        return frozenset() if scope is None else EVERYTHING - scope

    def tick_past(self, moment: float) -> list[AlertChange]:
        """Every tick up to and including `moment` that has not been yet."""
        state = self.state
        if state.ticked is None:
            state.ticked = math.floor(moment / GRID) * GRID
            self.engine.begin(state.ticked - LAG)
        changes: list[AlertChange] = []
        while state.ticked + GRID <= moment:
            changes += self._tick(state.ticked + GRID)
        return changes

    def _due(self, frontier: float) -> list[Reading]:
        """The readings that are no newer, in order; the others wait on."""
        due, waiting = list[Reading](), list[Reading]()
        latest, latest_from = -math.inf, 0
        for reading in self.state.waiting:
            at = reading.at
            if at > frontier:
                waiting.append(reading)
            elif at > latest:
                # Nearly all came in the order in which they were measured.
                latest, latest_from = at, len(due)
                due.append(reading)
            elif at == latest:
                insort(due, reading, latest_from, key=ORDER)
            else:
                insort(due, reading, key=ORDER)
                latest_from += 1
        self.state.waiting = waiting
        return due

    def _tick(self, at: float) -> list[AlertChange]:
        state = self.state
        frontier = at - LAG
        due = self._due(frontier)
        if due:
            self.engine.observe(due)
        state.ticked = at
        silence_counts = True
        if state.away:
            state.away = [(start, end) for start, end in state.away if at <= end + SETTLING]
            silence_counts = all(at <= start for start, _ in state.away)
        findings = self.engine.tick(frontier, silence_counts=silence_counts)
        if findings is self.findings and self._is_settled:
            # The same list as at the last tick: it was settled then.
            return []
        self.findings, self._is_settled = findings, True
        return state.episodes.settle(findings, at)
