"""A program beside the hub that tells the operator when the hub stands still, once for each standstill.

It goes by whether the heartbeat changes, timed by its own monotonic clock: no set clock makes an alarm or hides one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sensor_hub.pulse.heart import HEARTBEAT

log = logging.getLogger(__name__)

NEVER = "never"
TOLD = "watchdog.told"
"""The file in the data folder: the last heartbeat before the standstill that was told last."""
LOOKS = 4


class TellError(Exception):
    """The operator could not be told."""


class Operator(Protocol):
    def tell(self, last_beat: str) -> None:
        """Returns when a service took the message, else TellError. `last_beat` is an ISO 8601 moment, or NEVER."""


@dataclass(slots=True)
class Standstill:
    """Since when (monotonic seconds) the heartbeat is what it is, and the one whose standstill was told last."""

    after: float
    beat: str
    since: float
    told: str | None = None

    def see(self, beat: str, at: float) -> bool:
        """Whether the hub stands still and that was not told."""
        if beat != self.beat:
            self.beat, self.since = beat, at
        return at - self.since >= self.after and self.beat != self.told


class Watchdog:
    """Watches over the files in `folder`."""

    def __init__(self, folder: Path, operator: Operator, *, after: float, monotonic: Callable[[], float]) -> None:
        self.heartbeat = folder / HEARTBEAT
        self.told = folder / TOLD
        self.operator = operator
        self.monotonic = monotonic
        # What an earlier run of this program told is not told again.
        self.standstill = Standstill(after, read_beat(self.heartbeat), monotonic(), _told(self.told))
        self._failures = 0

    def run(self, stopping: threading.Event) -> None:
        """Until it is stopped."""
        while not stopping.wait(self.standstill.after / LOOKS):
            self.look()

    def look(self) -> None:
        """Tells the operator where it is time to; one that could not be told is told at a later look."""
        before = self.standstill.beat
        is_news = self.standstill.see(read_beat(self.heartbeat), self.monotonic())
        beat = self.standstill.beat
        if beat != before and before == self.standstill.told:
            log.info("the hub moves again")
        if not is_news:
            return
        try:
            self.operator.tell(beat)
        except TellError as error:
            self._failures += 1
            if self._failures == 1:
                log.error("the hub stands still and its operator cannot be told (%s); tried again", error)
            return
        log.warning("the hub stands still, last seen to move: %s; its operator was told", beat)
        self._failures = 0
        self.standstill.told = beat
        self._keep(beat)

    def _keep(self, beat: str) -> None:
        try:
            self.told.write_text(beat + "\n", encoding="utf-8")
        except OSError as error:
            log.warning("%s cannot be written (%s): this standstill is told again after a restart", self.told, error)


def read_beat(file: Path) -> str:
    """The last heartbeat; a file that cannot be read is one that does not move."""
    return _told(file) or NEVER


def _told(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
