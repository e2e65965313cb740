"""What pages and API need to know and do about gateways. A gateway is named by its home: each has one.

See `ports` for what else holds of these. Where the hub has not been told how to do something it is a GatewayError,
whose text is for who asked: 409, where a route does not say otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sensor_hub.web.ports import Answer


class GatewayError(RuntimeError):
    """It cannot be done, and why."""


class CodeState(Enum):
    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    LOCKED = "locked"
    """After five wrong tries."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as it is kept: nobody can read out again what it is. Moments here and below are real ones."""

    mark: str
    """Its first letters, which are no secret."""
    made_at: float
    ends_at: float
    state: CodeState


@dataclass(frozen=True, slots=True)
class NewCode:
    row: CodeRow
    text: str = field(repr=False)
    """Told this once."""
    command: str = field(repr=False, default="")
    """What is typed at the gateway."""
    hint: str = ""
    """What else somebody must know; empty: nothing."""


@dataclass(frozen=True, slots=True)
class RotationRow:
    """What becomes of a new password. `is_over`: nothing happens any more."""

    at: float
    words: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class GatewayStanding:
    """What the hub knows of a home's gateway beside what it says of itself."""

    joined_at: float | None = None
    """When it last joined with a code; None: it did not."""
    joined_version: str = ""
    """Of its program, then."""
    applied: int = 0
    """The version of the settings that it follows, as it says; 0: none."""
    rotation: RotationRow | None = None
    """Of the last new password since the hub started."""

    @property
    def version(self) -> int:
        """Another one whenever a gateway joins."""
        return 0 if self.joined_at is None else round(self.joined_at * 1000)


@dataclass(frozen=True, slots=True)
class SettingsRow:
    """The settings that wait at the broker for a gateway. `own`: the hub's, which nobody sets here."""

    version: int
    wanted: Mapping[str, object]
    own: Mapping[str, object]
    applied: int
    refused: Mapping[str, str]
    """What it does not follow, by key, and why."""


class Change(Enum):
    DONE = "done"
    STALE = "somebody changed them since"
    BUSY = "a new password is on its way to this gateway; try again when it is over"
    AWAY = "the broker cannot be reached, or does not keep them: it is not known whether the gateway gets them"


class HubGateways(Protocol):
    def of(self, homes: Collection[str]) -> Mapping[str, GatewayStanding]:
        """Of each of these homes."""
        ...

    def codes(self, home: str) -> Sequence[CodeRow]:
        """Those that were made for its gateway and not withdrawn: one, or none."""
        ...

    def make_code(self, home: str) -> NewCode:
        """The home's old one is void. GatewayError."""
        ...

    def withdraw_code(self, home: str, mark: str) -> bool:
        """False where there is none that may still be used."""
        ...

    def remove(self, home: str, *, version: int | None = None) -> Answer:
        """Its password and code are void at once; UNKNOWN where it has none, STALE where another gateway has joined
        than that of this version (None: any). GatewayError."""
        ...

    def rotate(self, home: str) -> RotationRow | None:
        """Begins to give it a new password; None where that is going on. GatewayError."""
        ...

    def settings(self, home: str) -> SettingsRow: ...

    def change_settings(self, home: str, wanted: Mapping[str, object], version: int) -> Change:
        """Sends them down in the place of those of this version. GatewayError where no gateway could take them."""
        ...
