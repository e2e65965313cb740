"""A silence: somebody asked not to be told of some alerts for a time. Pure.

It ends by itself, and what it held back and still holds is told then. Nothing silences an alarm: smoke, water and calls
for help are told whoever asked for what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS, HOME_KINDS, Kind
from sensor_hub.model.moment import DAY

LONGEST = 31 * DAY
"""Nobody remembers for longer what they asked for; it can be set again."""
SILENCEABLE = frozenset(HOME_KINDS) - ALARMS
"""Not that many homes are silent, either: it is told when nobody sees anything any more."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Of alerts of homes whose id matches one of `homes`, from `start` until before `until`."""

    id: str
    homes: str
    """Patterns, with spaces between: `flat-12`, `flat-*`, `*`, `flat-12 flat-14`."""
    start: float
    until: float
    who: str
    why: str
    kinds: frozenset[Kind] = frozenset()
    """None: all that can be silenced."""
    place: str = ""
    """A room or a device; empty: the whole home."""
    ended_at: float | None = None
    """When somebody ended it before its time, or it ended by itself."""
    ended_by: str = ""
    """Empty: it ended by itself."""

    @property
    def version(self) -> int:
        """Of what people can change of it: whether it has ended."""
        return 1 if self.ended_at is None else 2

    def is_active(self, at: float) -> bool:
        return self.ended_at is None and self.start <= at < self.until

    def takes(self, change: AlertChange, rooms: Mapping[str, str]) -> bool:
        """Whether it is about such an alert; `rooms`: where the home's devices stand."""
        if change.kind not in SILENCEABLE or (self.kinds and change.kind not in self.kinds):
            return False
        if self.place and self.place not in {change.subject, rooms.get(change.subject)}:
            return False
        return self.covers(change.home)

    def covers(self, home: str) -> bool:
        return any(fnmatchcase(home, pattern) for pattern in self.homes.split())


def silencing(change: AlertChange, silences: Iterable[Silence], rooms: Mapping[str, str], at: float) -> Silence | None:
    """The silence that holds this alert back at `at`, the one that lasts longest; None where nothing does."""
    found = [each for each in silences if each.is_active(at) and each.takes(change, rooms)]
    return max(found, key=lambda each: (each.until, each.id), default=None)
