"""Looks whether the hub moves, and says so: to a switch outside, and in a file for the watchdog beside it.

A thread of its own, in which nothing that it waits for holds up the hub. It says nothing while a part stands still:
silence is what both are there to notice.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sensor_hub.model.moment import iso
from sensor_hub.pulse.movement import Movement
from sensor_hub.pulse.switch import Signal, Switch, SwitchError

log = logging.getLogger(__name__)

HEARTBEAT = "heartbeat"
"""The file in the data folder: the moment at which everything was last seen to move."""
LOOKS = 4
"""How often it is looked in the time that is a standstill."""


class Time(Protocol):
    def wall(self) -> float: ...
    def monotonic(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Real seconds: how often the switch is told, and how long a part may take over one turn."""

    ping_every: float
    standstill: float

    @property
    def look_every(self) -> float:
        return min(self.ping_every, self.standstill / LOOKS)


class Heart:
    """`turns` counts the turns of each part; a part named `kind-x` is told outside as `kind`."""

    def __init__(
        self, turns: Callable[[], Mapping[str, int]], file: Path, *, switch: Switch | None, rhythm: Rhythm, time: Time
    ) -> None:
        self.turns = turns
        self.file = file
        self.switch = switch
        self.rhythm = rhythm
        self.time = time
        self.movement = Movement(rhythm.standstill)
        self._last: Signal | None = None
        """What the switch heard last."""
        self._next_ping = 0.0
        self._unheard = 0
        self._still: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        """A switch that takes longer to answer is left."""
        self._stopping.set()
        self._thread.join(within)

    def look(self) -> None:
        """Sees how far each part has come, and says what that means."""
        at = self.time.monotonic()
        self.movement.see(self.turns(), at)
        still = self.movement.still(at)
        if still != self._still:
            self._log(still)
            self._still = still
        if still:
            if self._last is not Signal.FAIL:
                kinds = sorted({part.partition("-")[0] for part in still})
                self._tell(Signal.FAIL, f"standing still: {', '.join(kinds)}")
        elif self.movement.has_begun:
            self._beat()
            if self._last is not Signal.SUCCESS or at >= self._next_ping:
                self._next_ping = at + self.rhythm.ping_every
                self._tell(Signal.SUCCESS)

    def _run(self) -> None:
        self._tell(Signal.START)
        while not self._stopping.wait(self.rhythm.look_every):
            try:
                self.look()
            except Exception:
                log.exception("the look at the hub's own movement stumbled; it goes on")

    def _beat(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(iso(self.time.wall()) + "\n", encoding="utf-8")
        os.replace(fresh, self.file)

    def _tell(self, signal: Signal, text: str = "") -> None:
        if self.switch is None:
            return
        try:
            self.switch.tell(signal, text)
        except SwitchError as error:
            self._unheard += 1
            if self._unheard == 1:
                log.warning("the dead man's switch does not hear the hub (%s); it goes on trying", error)
            return
        if self._unheard:
            log.info("the dead man's switch hears the hub again, after %d that it did not", self._unheard)
        self._unheard = 0
        self._last = signal

    def _log(self, still: list[str]) -> None:
        if still:
            log.error("the hub stands still: no turn of %s for %g s", ", ".join(still), self.rhythm.standstill)
        else:
            log.info("the hub moves again")
