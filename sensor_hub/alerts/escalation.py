"""How far an alert has come along the steps of its policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    GATHERING = "gathering"
    """New: it waits a little for others that are told with it."""
    COVERED = "covered"
    """A wider alert (`cause`) covers it."""
    SILENCED = "silenced"
    """A silence (`cause`) holds it back."""
    HELD = "held"
    """All people of the next step have quiet hours."""
    DIGEST = "digest"
    """Not urgent, and over the home's budget: it is told in the daily digest, and nothing follows."""
    CHAIN = "chain"
    """People of a step have time to answer."""
    SEEN = "seen"
    """The resident was asked, and something moved: the engine has time to see that the alert is over."""
    OWNER = "owner"
    """Who took it and said nothing more has time to do so."""
    PASSED = "passed"
    """Somebody who was told has passed it on: who follows is told now."""
    LAST = "last"
    """The last step was told; it is not urgent, and waits for whoever looks."""
    EXHAUSTED = "exhausted"
    """Urgent, and nobody answered."""


KEPT_BACK = frozenset({Stage.COVERED, Stage.SILENCED, Stage.HELD})


@dataclass(frozen=True, slots=True)
class Escalation:
    """`step` (from 0; -1: none yet) was told last; at `due` the next move is made, unless somebody took the alert."""

    alert: str
    number: int
    """The change of the alert with which it began."""
    policy: str = ""
    """Empty: none was chosen yet."""
    step: int = -1
    turn: int = -1
    """Moves made before this one: no two notices of an alert to one person have the same turn and number."""
    stage: Stage = Stage.CHAIN
    due: float | None = None
    """None: nothing follows, or what keeps it back has no fixed end."""
    cause: str = ""
    """The alert or the silence that keeps it back."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An escalation whose next move is due. `lapsed_of`: who took the alert, and let too much time pass; else empty."""

    escalation: Escalation
    lapsed_of: str = ""
    is_undelivered: bool = False
    """No notice of the last move is known to have arrived, and none goes on: the next move is due before its time."""
    may_repeat: bool = False
    """One of these may have arrived, and can go again."""
