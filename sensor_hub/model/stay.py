"""When the resident stays elsewhere (an absence) or somebody stays with them (a visit), as people told it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

OPEN = math.inf
"""The end of an absence of which nobody knows yet when it ends."""


class Stay(StrEnum):
    ABSENCE = "absence"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class ToldStay:
    """One from `start` to `end`, and whose word that is."""

    start: float
    end: float
    """`OPEN` where nobody knows."""
    by: str = ""
    told_at: float = 0.0
    is_described: bool = False
    """It stands in the home's file, and nobody said otherwise since."""

    @property
    def version(self) -> int:
        """Another one with each word about it: the log knows no two of a home at one millisecond."""
        return round(self.told_at * 1000)

    def overlaps(self, start: float, end: float) -> bool:
        """Whether one in that time would contradict this one. One without an end does not reach over those after it."""
        reaches = start + 0.001 if end == OPEN else end
        return self.start < reaches and start < self.end


@dataclass(slots=True)
class Stays:
    """A home's stays by their beginning. The last word about the one that begins then holds; it may withdraw it."""

    absences: dict[float, ToldStay] = field(default_factory=dict)
    visits: dict[float, ToldStay] = field(default_factory=dict)
    _described: frozenset[tuple[float, float]] = frozenset()

    def of(self, stay: Stay) -> dict[float, ToldStay]:
        return self.absences if stay is Stay.ABSENCE else self.visits

    def tell(self, stay: Stay, told: ToldStay) -> None:
        """Somebody says so. One that ends where it begins is withdrawn."""
        stays = self.of(stay)
        stays.pop(told.start, None)
        if told.end > told.start:
            stays[told.start] = told

    def describe(self, absences: Iterable[tuple[float, float]], at: float) -> None:
        """The home's file has these absences: a word where it is new there, no word where it stood before."""
        wanted = frozenset(absences)
        for start, end in self._described - wanted:
            known = self.absences.get(start)
            if known is not None and known.is_described and known.end == end:
                del self.absences[start]
        for start, end in sorted(wanted - self._described):
            self.absences[start] = ToldStay(start, end, told_at=at, is_described=True)
        self._described = wanted
