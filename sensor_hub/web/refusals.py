"""What was refused to whom, for whoever keeps account of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sensor_hub.access.principal import Principal


class Why(StrEnum):
    UNKNOWN = "nobody that the hub knows"
    """No credential, or a forged, expired, revoked or wrong one: 401, or sent to the login."""
    MAY_NOT = "not with this role or these scopes"
    """403, or 404 where already the page's being there is not theirs to know."""
    NOT_ITS_TOPIC = "not a topic of this gateway"
    """At the broker."""
    NOT_THEIRS = "not of their tenant or homes, or not there at all"
    """404: the answer does not tell which; neither does this."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Who tried something at the broker."""

    name: str
    """As it calls itself, which proves nothing; empty where there is no gateway of that name."""
    tenant: str
    home: str
    """Whose home it was about; both are empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Refused:
    who: Principal | None
    """None: not known."""
    what: str
    """`POST /alerts/{alert}/close`: the route, or its path where the gate refused before there was one."""
    where: str
    """The path that was asked for, without its query."""
    why: Why
    address: str = ""
    """From where it was asked; empty where that is not known."""
    gateway: Gateway | None = None
    """None: it was asked at the pages."""


class Refusals(Protocol):
    def tell(self, refused: Refused) -> None:
        """Called in the request, from many threads; must neither raise nor take long."""


class Unheard:
    """Nobody keeps account."""

    def tell(self, refused: Refused) -> None:
        return
