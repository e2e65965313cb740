"""A session of somebody who signed in: how far it got, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sensor_hub.model.moment import HOUR, MINUTE

LONGEST_AGENT = 200


class Stage(StrEnum):
    """How far signing in has got. Only `FULL` opens pages."""

    CODE = "code"
    """The password was right; the second step is asked for."""
    ENROL = "enrol"
    """The password was right; the role needs a second step, and none is set up yet."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SessionRule:
    """How long a session lasts, in seconds of real time."""

    longest: float = 12 * HOUR
    """A long shift."""
    idle: float = 2 * HOUR
    """Without a request."""
    unfinished: float = 10 * MINUTE
    """Before the second step."""

    def ends_at(self, stage: Stage, at: float) -> float:
        return at + (self.longest if stage is Stage.FULL else self.unfinished)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as it is kept: of its id only the hash. Moments are real ones."""

    id_hash: str
    account: str
    stage: Stage
    made_at: float
    seen_at: float
    ends_at: float
    address: str
    agent: str
    """What the browser says it is."""

    def is_over(self, at: float, rule: SessionRule) -> bool:
        # One of the future: the clock was set back, and nobody knows how old it is.
        return not self.made_at <= at < self.ends_at or at >= self.seen_at + rule.idle
