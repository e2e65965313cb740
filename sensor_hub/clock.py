"""The hub's only clock. Everything else is given the time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.pace import Pace


@dataclass(frozen=True, slots=True)
class Clock:
    """Real time, or simulated time at `pace` for a program that started at the real moment `started`."""

    pace: Pace | None = None
    started: float = 0.0

    @property
    def is_simulated(self) -> bool:
        return self.pace is not None

    @property
    def speed(self) -> float:
        """How many seconds of `now` pass in a real second."""
        return 1.0 if self.pace is None else self.pace.speed

    def now(self) -> float:
        """The moment that homes, alerts and pages live in."""
        wall = time.time()
        return to_millisecond(wall if self.pace is None else self.pace.moment(wall, self.started))

    def wall(self) -> float:
        """The real moment: what retries and deliveries are timed by."""
        return to_millisecond(time.time())

    def monotonic(self) -> float:
        """Real seconds that no change of the clock touches."""
        return time.monotonic()

    def seconds_until(self, moment: float) -> float:
        """Real seconds until `now` is `moment`; 0 where it has passed."""
        return max(0.0, (moment - self.now()) / self.speed)
