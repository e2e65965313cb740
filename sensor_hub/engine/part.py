"""A detector's part in the ticks of one home: what it says, and until when it need not be asked again.

Most ticks change nothing. A detector that can tell the earliest moment at which its answer may differ, if nothing that
concerns it is heard before, is asked again only then; a reading that concerns it wakes it (`View.wake`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from sensor_hub.model.finding import Finding

ALWAYS: Final = 0.0
NEVER: Final = math.inf
"""Due at every tick; due only when woken."""


MARGIN: Final = 1.0
"""Seconds by which a due moment is early, so that no rounding makes it late."""


def every_tick(_said: list[Finding]) -> float:
    return ALWAYS


class Part:
    """`judge` follows what is to be followed and says what holds now; `next_due` then says when to ask again.

    `next_due` gets what was just said. It may be too early, never too late: asking again changes nothing.
    """

    __slots__ = ("due", "judge", "name", "next_due", "said")

    def __init__(
        self,
        name: str,
        judge: Callable[[], Iterable[Finding]],
        next_due: Callable[[list[Finding]], float] = every_tick,
    ) -> None:
        self.name = name
        self.judge = judge
        self.next_due = next_due
        self.due = ALWAYS
        self.said: list[Finding] = []

    def ask(self) -> bool:
        """Whether it says something else than before."""
        before, self.said = self.said, list(self.judge())
        self.due = self.next_due(self.said)
        return self.said != before
