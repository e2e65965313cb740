"""The gateway's clock: the only file of it that reads one."""

from __future__ import annotations

import time

from sensor_hub.model.pace import Pace


class Clock:
    """The moment, real or simulated (`[clock]`). Sockets and retries go by `elapsed`, which is always real."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.pace = pace
        self._started = time.time()

    @property
    def speed(self) -> float:
        """How many seconds of the program pass in a real one."""
        return 1.0 if self.pace is None else self.pace.speed

    def now(self) -> float:
        """The moment for readings and for all that people read."""
        wall = self.wall()
        return wall if self.pace is None else self.pace.moment(wall, self._started)

    def wall(self) -> float:
        """The real moment."""
        return time.time()

    def elapsed(self) -> float:
        """Real seconds since some point in the past; never steps when the clock is set."""
        return time.monotonic()

    def real(self, span: float) -> float:
        """How many real seconds `span` seconds of the program last."""
        return span / self.speed
