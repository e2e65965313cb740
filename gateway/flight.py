"""Which rows are on their way to the hub and when to send them again: go-back-N, with the time as an argument."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field

WINDOW = 8
"""Batches on their way at once."""
FIRST_PATIENCE, LONGEST_PATIENCE = 30.0, 600.0


@dataclass(slots=True)
class Flight:
    """`sent` is the number up to which rows were sent; `due` when they are sent again unless the hub answers."""

    first_patience: float = FIRST_PATIENCE
    """Seconds until rows are sent again for the first time; `patience` is what they are now."""
    sent: int = 0
    reached: int = 0
    """The highest row that was ever sent."""
    patience: float = field(init=False)
    due: float = math.inf
    batches: deque[int] = field(default_factory=deque)
    """The last row of each batch on its way."""

    def __post_init__(self) -> None:
        self.patience = self.first_patience

    def has_room(self) -> bool:
        """Whether another batch may go. While nobody answers, one at a time is enough to find out."""
        return len(self.batches) < (1 if self.is_unheard else WINDOW)

    def take_off(self, upto: int, now: float) -> None:
        """A batch is about to be sent."""
        if not self.batches:
            self.due = now + self.patience
        self.batches.append(upto)
        self.sent = upto
        self.reached = max(self.reached, upto)

    def land(self, upto: int, now: float) -> None:
        """The hub answered new rows, up to `upto`."""
        while self.batches and self.batches[0] <= upto:
            self.batches.popleft()
        self.sent = max(self.sent, upto)
        self.patience = self.first_patience
        self.due = now + self.patience if self.batches else math.inf

    def start_over(self) -> None:
        """From the first row that was not answered: a new connection, or the hub is heard again."""
        self._go_back()
        self.patience = self.first_patience

    def lose_patience(self, now: float) -> bool:
        """Goes back where no answer came in time, to wait twice as long for the next; whether it did."""
        if now < self.due:
            return False
        self._go_back()
        self.patience = min(2 * self.patience, LONGEST_PATIENCE)
        return True

    def _go_back(self) -> None:
        self.batches.clear()
        self.sent = 0
        self.due = math.inf

    @property
    def is_unheard(self) -> bool:
        """Whether the hub has left a batch without an answer for so long that the patience grew."""
        return self.patience > self.first_patience


class Flights:
    """The flights of all streams, each begun when it is first asked for."""

    def __init__(self, first_patience: float) -> None:
        self._first_patience = first_patience
        self._flights: dict[str, Flight] = {}

    def of(self, stream: str) -> Flight:
        return self._flights.setdefault(stream, Flight(self._first_patience))

    def forget(self, stream: str) -> None:
        self._flights.pop(stream, None)

    def keep_only(self, streams: Container[str]) -> None:
        """Others have been joined or are gone: nobody will answer for them."""
        self._flights = {stream: flight for stream, flight in self._flights.items() if stream in streams}

    def start_over(self) -> None:
        for flight in self._flights.values():
            flight.start_over()

    def lose_patience(self, now: float) -> bool:
        """Whether one of them goes back because no answer came in time."""
        return any([flight.lose_patience(now) for flight in self._flights.values()])  # noqa: C419 - each must be asked

    @property
    def is_unheard(self) -> bool:
        return any(flight.is_unheard for flight in self._flights.values())

    @property
    def is_sending(self) -> bool:
        """Whether a batch is on its way."""
        return any(flight.batches for flight in self._flights.values())

    @property
    def due(self) -> float:
        """When the next of them is sent again."""
        return min((flight.due for flight in self._flights.values()), default=math.inf)
