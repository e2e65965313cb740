"""What is known of a home's gateway, and of devices that it told of, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ToldAlone:
    """A message of the gateway itself."""

    text: str
    told_at: float | None
    """None: nobody took it yet."""


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """The last status that the home's gateway sent, or its last will."""

    is_online: bool
    at: float
    clock: str = "trusted"
    version: str = ""
    waiting: int = 0
    """Readings that it holds and the hub has not stored yet."""
    oldest: float | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Messages it could not use, by reason, since it started."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Why it does not follow some of the hub's settings, by key."""
    told_alone: Sequence[ToldAlone] = ()
    """What it told somebody itself while the hub was out of reach, newest last."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the home's own systems call its devices."""
    cloned_at: float | None = None
    """When a second gateway with this home's password was last seen beside it."""


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """A device that was heard and that nobody placed or described: its readings are stored, not judged."""

    device: str
    last_heard: float
    metrics: Sequence[str] = ()
    name: str = ""
    """What its source calls it; empty where that is not known."""
