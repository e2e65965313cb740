"""Whether the parts of a program move: each counts its turns, and one whose count stands is at a standstill. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Seen(NamedTuple):
    """A part's count, and when it was first seen."""

    turns: int
    at: float


@dataclass(slots=True)
class Movement:
    """`standstill` is how many seconds a part may take over one turn. Moments are those of a monotonic clock."""

    standstill: float
    seen: dict[str, Seen] = field(default_factory=dict)
    looked_at: float | None = None

    def see(self, turns: Mapping[str, int], at: float) -> None:
        """How many turns each part has made by now.

        Whoever looks this late stood still with the rest (a stopped process, a sleeping machine): all begin anew.
        """
        if self.looked_at is not None and at - self.looked_at >= self.standstill / 2:
            self.seen = {part: Seen(seen.turns, at) for part, seen in self.seen.items()}
        self.looked_at = at
        for part, count in turns.items():
            if part not in self.seen or self.seen[part].turns != count:
                self.seen[part] = Seen(count, at)

    def still(self, at: float) -> list[str]:
        """The parts that stand still."""
        return [part for part, seen in self.seen.items() if at - seen.at >= self.standstill]

    @property
    def has_begun(self) -> bool:
        """Whether every part was seen to move at all."""
        return bool(self.seen) and all(seen.turns > 0 for seen in self.seen.values())
