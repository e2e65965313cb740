"""Events from counters that only ever grow: what was counted between two messages happened, also where one was lost."""

from __future__ import annotations

from dataclasses import dataclass

MOST_EVENTS = 50
"""Told of one message. More say no more about a person, and a counter that jumps is a fault."""
MOST_BELIEVED = 10_000
"""Counted between two messages; a greater step is a counter that was set anew."""
BETWEEN = 0.001
"""Seconds between the events of one message: their number is known, not their times."""


@dataclass(slots=True)
class Count:
    """One counter of a device."""

    last: int
    at: float

    def grow(self, value: int, at: float, bits: int) -> int:
        """How many events `value` tells at `at`; `bits` is the counter's width, 0 where it is not known.

        A message that comes late tells none: those after it told its events. A counter that fell began again, from 0
        at a reset or from its end; all that it says now is then new.
        """
        if at <= self.at:
            return 0
        step = value - self.last
        if step < 0 and bits:
            step = (value - self.last) % (1 << bits)
        if step < 0 or step > MOST_BELIEVED:
            step = value
        self.last, self.at = value, at
        return step if step <= MOST_BELIEVED else 0


def moments(events: int, at: float) -> list[float]:
    """A moment of its own for each event, the last of them `at`."""
    told = min(events, MOST_EVENTS)
    return [at - BETWEEN * (told - 1 - number) for number in range(told)]
