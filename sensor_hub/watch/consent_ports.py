"""What the watch's worker needs of what is agreed with residents, and of what is to be erased."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sensor_hub.model.consent import Agreed, Data, Decision


class Consents(Protocol):
    """What was agreed with residents."""

    def add(self, home: str, at: float, decision: Decision, by: str) -> bool:
        """Writes a decision down; False where personal data are locked and more is agreed than before."""

    def current(self, home: str) -> Agreed | None:
        """The last decision; None where there is no record yet."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Data of a home that are not agreed any more. `upto`: the position in its log up to which they are to go."""

    home: str
    data: frozenset[Data]
    upto: int
    at: float
    by: str


class Erasures(Protocol):
    """What is to be erased."""

    def ask(self, withdrawal: Withdrawal) -> None:
        """It is to be erased once its time of grace is over."""

    def ask_whole(self, withdrawal: Withdrawal, reason: str) -> None:
        """All of the home is to be erased, at once. What was to be erased of it before is part of that."""

    def call_off(self, home: str, data: Collection[Data]) -> None:
        """These are agreed again: what of them was to be erased, and is not yet, stays."""

    def is_erased(self, home: str) -> bool:
        """Whether all of the home is, or is being, erased: nothing that comes of it is kept."""
