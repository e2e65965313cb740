"""Whether the time is to be believed: pure arithmetic on what the machine's clocks say, with no clock of its own.

A small box has no clock that runs on without power. After a cut its wall clock is wrong until a time server or the hub
has been heard. What runs through is the time since boot: a moment is that plus `base`, and trust is trust in `base`.
Seconds are UTC: time zones and clock-change days cannot be seen here, and a leap second is smaller than `STEP`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from sensor_hub.model.moment import HOUR, MINUTE

STEP = 2.0
"""Seconds by which two clocks may differ and still say the same; a leap second is one."""
WAIT_AT_MOST = 10 * MINUTE
JUMPED_FOR = HOUR


class ClockState(Enum):
    """What the status says of the clock."""

    TRUSTED = "trusted"
    WAITING = "waiting"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A trusted `base` of one boot: while the machine runs on, it is as good as a clock."""

    boot: str
    base: float


@dataclass(frozen=True, slots=True)
class Jump:
    """By how many seconds the time moved at once, and when (seconds since boot)."""

    by: float
    since_boot: float


class Timekeeper:
    """What is known of one boot's `base`, the moment at which the machine started."""

    def __init__(self, wall: float, since_boot: float, anchor: Anchor | None = None) -> None:
        self.base = wall - since_boot if anchor is None else anchor.base
        self.is_trusted = anchor is not None
        self.jumps = 0
        self.last_jump: Jump | None = None
        self._is_synchronised = False
        self._wall_base = wall - since_boot
        self._started = since_boot
        self._doubt: float | None = None
        """By how much the hub's last answer differed, where that was too much and not yet believed."""

    def look(self, wall: float, since_boot: float, *, is_synchronised: bool) -> None:
        """What the machine says now. A clock that a time server holds is right; another one is only followed while
        nothing better is known.
        """
        found = wall - since_boot
        was_set = abs(found - self._wall_base) > STEP
        self._wall_base, self._is_synchronised = found, is_synchronised
        if is_synchronised:
            if self.is_trusted and abs(found - self.base) > STEP:
                self._note_jump(found - self.base, since_boot)
            self.base, self.is_trusted = found, True
        elif was_set:
            self._note_jump(wall - since_boot - self.base, since_boot)
        if not self.is_trusted:
            self.base = found

    def hear(self, at: float, since_boot: float) -> None:
        """The hub's clock says `at` now. It counts where no time server holds ours.

        An answer that was long on its way says less than the truth: with a trusted time only two that agree, or one
        that is ahead, are believed.
        """
        if self._is_synchronised:
            return
        off = at - (since_boot + self.base)
        if not self.is_trusted:
            self.is_trusted = True
            self.base += off if abs(off) > STEP else 0.0
            return
        if abs(off) <= STEP:
            self._doubt = None
        elif off > 0 or (self._doubt is not None and abs(off - self._doubt) <= STEP):
            self._note_jump(off, since_boot)
            self.base, self._doubt = self.base + off, None
        else:
            self._doubt = off

    def must_hold(self, since_boot: float) -> bool:
        """Whether readings wait for their moments: no trusted time yet, and not waited long enough."""
        return not self.is_trusted and since_boot < self._started + WAIT_AT_MOST

    def state(self, since_boot: float) -> ClockState:
        if not self.is_trusted:
            return ClockState.WAITING
        jumped = -math.inf if self.last_jump is None else self.last_jump.since_boot
        return ClockState.JUMPED if since_boot < jumped + JUMPED_FOR else ClockState.TRUSTED

    @property
    def drift(self) -> float:
        """Seconds by which the machine's wall clock is ahead of the time that is believed."""
        return self._wall_base - self.base

    def _note_jump(self, by: float, since_boot: float) -> None:
        self.jumps += 1
        self.last_jump = Jump(by, since_boot)
