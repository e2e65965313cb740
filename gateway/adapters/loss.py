"""How many transmissions of each device were lost, by the gaps in its frame counter."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from sensor_hub.model.moment import DAY, HOUR

MOST_DEVICES = 1024
MOST_MISSED = 1000
"""Frames between two that were heard. A greater gap is a new session or a counter that was set anew."""
LATE = 16
"""A counter may fall back by so many where frames came out of order; by more the device began again."""
HOURS = int(DAY / HOUR)


@dataclass(frozen=True, slots=True)
class Loss:
    """Transmissions of one device: since the gateway started, and in the last day."""

    received: int
    missed: int
    received_day: int
    missed_day: int

    @property
    def share_day(self) -> float | None:
        """The share lost in the last day; None where nothing was to be heard."""
        sent = self.received_day + self.missed_day
        return self.missed_day / sent if sent else None


@dataclass(slots=True)
class _Frames:
    counter: int
    received: int = 0
    missed: int = 0
    gap: set[int] = field(default_factory=set)
    """The latest that were missed, which may still come."""
    hours: deque[tuple[int, int, int]] = field(default_factory=lambda: deque(maxlen=HOURS))
    """Hour, received and missed in it."""

    def count(self, hour: int, received: int, missed: int) -> None:
        self.received += received
        self.missed += missed
        if self.hours and self.hours[-1][0] >= hour:
            last, had, had_missed = self.hours.pop()
            self.hours.append((last, had + received, had_missed + missed))
        else:
            self.hours.append((hour, received, missed))


class LossLog:
    """Counts the frames of every device. The least recently heard are forgotten when there are too many."""

    def __init__(self) -> None:
        self._frames: OrderedDict[str, _Frames] = OrderedDict()

    def note(self, device: str, counter: int, at: float) -> None:
        """Takes down that the device's frame `counter` was heard at `at`; call it once for each frame."""
        hour = int(at // HOUR)
        known = self._frames.get(device)
        if known is None:
            self._frames[device] = known = _Frames(counter)
            if len(self._frames) > MOST_DEVICES:
                self._frames.popitem(last=False)
            known.count(hour, 1, 0)
            return
        self._frames.move_to_end(device)
        step = counter - known.counter
        if -LATE <= step < 0 and counter in known.gap:
            known.gap.discard(counter)
            known.count(hour, 1, -1)
            return
        missed = step - 1 if 0 < step <= MOST_MISSED else 0
        oldest = counter - LATE
        known.gap = {gone for gone in known.gap if oldest <= gone < counter}
        known.gap.update(range(max(oldest, counter - missed), counter))
        known.counter = counter
        known.count(hour, 1, missed)

    def devices(self) -> tuple[str, ...]:
        return tuple(self._frames)

    def of(self, device: str, at: float) -> Loss | None:
        """The device's loss as seen at `at`; None for one that was never heard."""
        known = self._frames.get(device)
        if known is None:
            return None
        since = int(at // HOUR) - HOURS
        recent = [(received, missed) for hour, received, missed in known.hours if hour > since]
        day, missed_day = (sum(row[column] for row in recent) for column in (0, 1))
        return Loss(known.received, known.missed, day, missed_day)
