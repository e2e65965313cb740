"""`sensor-gateway walktest`: a technician walks through the rooms, and each device must be heard by the daemon.

What counts is a reading in the daemon's outbox, so the whole way is tested: sensor, radio, source, gateway.
"""

from __future__ import annotations

import select
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from gateway.app import OUTBOX, is_running
from gateway.clock import Clock
from gateway.overview import overview
from gateway.settings import Settings
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room

Position = tuple[int, int]
LOOK_EVERY = 0.5
_ACTS = ACTIVITY | {Metric.SOS, Metric.BUTTON, Metric.VIBRATION, Metric.SMOKE, Metric.WATER_LEAK}
_ASKS = {
    Metric.MOTION: "move in front of it",
    Metric.PRESENCE: "stand in front of it",
    Metric.CONTACT: "open and close it",
    Metric.SOS: "press it",
    Metric.BUTTON: "press it",
    Metric.VIBRATION: "knock on it",
    Metric.SMOKE: "press its test button",
    Metric.WATER_LEAK: "wet its contacts",
}


class Outcome(Enum):
    PASS = "pass"
    FAIL = "FAIL"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One device to be tried."""

    device: str
    name: str
    room: str
    metrics: frozenset[Metric]

    @property
    def asks(self) -> str:
        """What the technician is to do."""
        acts = [_ASKS[metric] for metric in sorted(self.metrics & _ACTS)]
        return acts[0] if acts else "breathe on it, or press its button"

    @property
    def wanted(self) -> frozenset[Metric]:
        """The metrics of which one must come: where a person can act, that; any sign of life otherwise."""
        return self.metrics & _ACTS or self.metrics


@dataclass(frozen=True, slots=True)
class Walk:
    """How the walk goes: `heard` are the (device, metric) that came since `newest`."""

    heard: Callable[[Position], set[tuple[str, str]]]
    newest: Callable[[], Position]
    is_skipped: Callable[[float], bool]
    """Waits so many seconds for Enter; whether it was pressed."""
    elapsed: Callable[[], float]

    def try_one(self, step: Step, within: float) -> tuple[Outcome, float]:
        """Whether the device was heard, and after how many seconds."""
        after, started = self.newest(), self.elapsed()
        wanted = {(step.device, metric.value) for metric in step.wanted}
        while (spent := self.elapsed() - started) < within:
            if self.heard(after) & wanted:
                return Outcome.PASS, spent
            if self.is_skipped(LOOK_EVERY):
                return Outcome.SKIPPED, self.elapsed() - started
        return Outcome.FAIL, spent


def walk_home(settings: Settings, within: float) -> int:
    """Runs the test on the terminal; 0 when every device that was tried was heard."""
    if not is_running(settings.data):
        raise InputError("the daemon does not run", where=str(settings.data), expected="'sensor-gateway run' beside it")
    seen = Seen(settings.data / OUTBOX)
    steps = steps_of(overview(settings))
    return walk(steps, Walk(seen.heard, seen.newest, _enter_within, Clock().elapsed), within, sys.stdout)


def walk(steps: Sequence[Step], way: Walk, within: float, out: TextIO) -> int:
    """Names each device, waits for it, and writes what came of it."""
    if not steps:
        out.write("No device was heard yet: pair the sensors first, then walk.\n")
        return 1
    outcomes = []
    for number, step in enumerate(steps, 1):
        out.write(f"{number}/{len(steps)} {step.room}: {step.name or step.device} - {step.asks} (Enter skips)\n")
        out.flush()
        outcome, spent = way.try_one(step, within)
        outcomes.append(outcome)
        out.write(f"    {outcome.value} {step.device} after {spent:.1f} s\n")
    counts = ", ".join(f"{outcomes.count(outcome)} {outcome.value.lower()}" for outcome in Outcome)
    out.write(f"{len(steps)} devices: {counts}\n")
    return 1 if Outcome.FAIL in outcomes else 0


def steps_of(found: dict[str, object]) -> list[Step]:
    """The devices of an overview, room by room; what only says that the gateway is there is none."""
    rows = found.get("devices")
    order = [room.value for room in Room]
    steps = []
    for device, row in (rows if isinstance(rows, dict) else {}).items():
        metrics = frozenset(Metric(metric) for metric in row.get("metrics") or ())
        if metrics != {Metric.ONLINE}:
            steps.append(
                Step(device, row.get("name") or "", row.get("room") or "unplaced", metrics or frozenset(Metric))
            )
    return sorted(steps, key=lambda step: (order.index(step.room) if step.room in order else len(order), step.device))


class Seen:
    """What the daemon has put into its outbox, read beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest(self) -> tuple[int, int]:
        """The last row, and the last of those that wait for their moments."""
        rows = self._rows("SELECT (SELECT max(number) FROM reading), (SELECT max(id) FROM held)", ())
        return (int(rows[0][0] or 0), int(rows[0][1] or 0)) if rows else (0, 0)  # type: ignore[call-overload]

    def heard(self, after: tuple[int, int]) -> set[tuple[str, str]]:
        """Device and metric of what came after these; a cleared motion is none."""
        query = (
            "SELECT device, metric FROM reading JOIN series ON series.id = series WHERE number > ? AND value <> 0"
            " UNION SELECT device, metric FROM held JOIN series ON series.id = series WHERE held.id > ? AND value <> 0"
        )
        return {(str(device), str(metric)) for device, metric in self._rows(query, after)}

    def _rows(self, query: str, values: tuple[int, ...]) -> list[tuple[object, ...]]:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=2.0)) as db:
                return db.execute(query, values).fetchall()
        except sqlite3.Error:
            return []


def _enter_within(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    if not ready:
        return False
    # At the end of the input there is nobody to press it: waiting goes on.
    return sys.stdin.readline() != "" or _wait(seconds)


def _wait(seconds: float) -> bool:
    select.select([], [], [], seconds)
    return False
