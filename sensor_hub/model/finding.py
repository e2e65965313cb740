"""What the engine says about one kind and subject at one moment.

Nothing said is calm: it looked, could see, and found nothing. "Cannot tell" is a value of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sensor_hub.model.kind import Kind, Urgency

Evidence = Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A departure from the routine or from what is safe that holds now. `since` is when its condition began."""

    kind: Kind
    subject: str
    urgency: Urgency
    since: float
    summary: str
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blind:
    """The engine cannot see, and why; what it said before stands."""

    kind: Kind
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Learning:
    """The engine does not know this home well enough yet, and what it waits for."""

    kind: Kind
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unfitted:
    """The home has no sensor that could show this: nobody expects it to be seen."""

    kind: Kind
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotAgreed:
    """The resident has not agreed to what could show this: nobody looks, and that is no fault."""

    kind: Kind
    subject: str
    reason: str


Finding = Deviation | Blind | Learning | Unfitted | NotAgreed
