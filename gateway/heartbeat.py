"""The gateway's own sign of life: `online` 1 at the start and at every whole five minutes."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Event, Thread

from gateway.clock import Clock
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE, to_millisecond
from sensor_hub.model.reading import Reading

EVERY = 5 * MINUTE
LONGEST_WAIT = 30.0
"""Real seconds after which the clock is looked at again: it may have been set."""


class Heartbeat:
    """Says `online` for `device` by `say`, from a thread of its own."""

    def __init__(self, device: str, clock: Clock, say: Callable[[Reading], None]) -> None:
        self._device = device
        self._clock = clock
        self._say = say
        self._stopping = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _beat(self) -> None:
        now = self._clock.now()
        said = grid_before(now)
        self._say(Reading(to_millisecond(now), self._device, Metric.ONLINE, 1.0))
        while not self._stopping.wait(min(self._clock.real(said + EVERY - self._clock.now()), LONGEST_WAIT)):
            reached = grid_before(self._clock.now())
            if reached != said:
                # Only the last grid moment: for those passed asleep it was not there.
                said = reached
                self._say(Reading(reached, self._device, Metric.ONLINE, 1.0))


def grid_before(at: float) -> float:
    """The last whole five minutes, UTC, at or before `at`."""
    return math.floor(at / EVERY) * EVERY
