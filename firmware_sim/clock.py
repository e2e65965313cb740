"""The simulator's clock: the only place that reads the machine's."""

from __future__ import annotations

import threading
import time

from sensor_hub.model.pace import Pace

LONGEST_WAIT = 1.0
"""Real seconds after which a wait looks again: a stop, or a clock that was set, is noticed."""


def wall() -> float:
    """The real moment."""
    return time.time()


def monotonic() -> float:
    """Real seconds since some moment, never running backwards."""
    return time.monotonic()


class Clock:
    """Simulated time for a program that started at the real moment `started`. No pace: as fast as possible."""

    def __init__(self, pace: Pace | None, started: float) -> None:
        self.pace = pace
        self.started = started

    def wait_until(self, at: float, stop: threading.Event) -> bool:
        """Returns once the simulated moment is `at` or later, True; False as soon as `stop` is set."""
        while not stop.is_set():
            left = self._left(at)
            if left <= 0:
                return True
            stop.wait(min(left, LONGEST_WAIT))
        return False

    def _left(self, at: float) -> float:
        """Real seconds until the simulated moment `at`."""
        if self.pace is None:
            return 0.0
        return (at - self.pace.moment(wall(), self.started)) / self.pace.speed
