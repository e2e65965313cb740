"""Months of one home, run through the engine with a tick an hour: enough for what is judged by the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sensor_hub.engine.engine import Engine
from sensor_hub.engine.state import EngineState
from sensor_hub.model.entry import Arrival
from sensor_hub.model.finding import Deviation, Finding
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.reading import Reading
from tests.homes import LONDON, moment, ordinary_days

START = moment("2025-03-03 00:00")
Change = Callable[[int, Reading], Reading | None]
"""From the day, counted from `START`, and what an ordinary day has then, to what there is; None: nothing."""


class Told(NamedTuple):
    day: int
    finding: Deviation


class Months:
    """What the engine said of some kinds, as it began and ended, and what it says now."""

    def __init__(self, home: Home, kinds: Iterable[Kind]) -> None:
        self.engine = Engine(home, EngineState())
        self.engine.begin(START)
        self.kinds = set(kinds)
        self.told: list[Told] = []
        self.ended: list[tuple[int, Kind]] = []
        self.now: dict[Kind, Finding] = {}

    def live(self, days: int, change: Change = lambda _day, reading: reading, *, silent: str = "") -> Months:
        """Goes on for so many days; `silent` is a device that is not heard."""
        at = self.engine.state.frontier
        end = day_start(round((at - START) / DAY) + days)
        devices = [d for d in self.engine.home.devices if Metric.BATTERY in d.metrics and d.id != silent]
        moves = _changed(ordinary_days(self.engine.home, at, end), change, silent)
        waiting = next(moves, None)
        while at < end:
            at += HOUR
            due = [Reading(at - 1800, device.id, Metric.BATTERY, 95.0) for device in devices]
            while waiting is not None and waiting.at <= at:
                due.append(waiting)
                waiting = next(moves, None)
            self.engine.observe(sorted(due, key=lambda one: one.at))
            self._note(at, self.engine.tick(at, silence_counts=True))
        return self

    def _note(self, at: float, findings: list[Finding]) -> None:
        day, before = round((at - START) // DAY), self.now
        self.now = {finding.kind: finding for finding in findings if finding.kind in self.kinds}
        for kind in self.kinds:
            old, new = before.get(kind), self.now.get(kind)
            if isinstance(new, Deviation) and not isinstance(old, Deviation):
                self.told.append(Told(day, new))
            elif isinstance(old, Deviation) and not isinstance(new, Deviation):
                self.ended.append((day, kind))


def day_start(day: int) -> float:
    """The midnight at which the day begins, counted from `START`."""
    date = datetime.fromtimestamp(START, LONDON).date() + timedelta(days=day)
    return datetime(date.year, date.month, date.day, tzinfo=LONDON).timestamp()


def _changed(moves: Iterator[Arrival], change: Change, silent: str) -> Iterator[Reading]:
    for arrival in moves:
        day = (
            datetime.fromtimestamp(arrival.reading.at, LONDON).date() - datetime.fromtimestamp(START, LONDON).date()
        ).days
        reading = change(day, arrival.reading)
        if reading is not None and reading.device != silent:
            yield reading
