"""People and teams that notices go to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sensor_hub.model.kind import Audience


class Detail(StrEnum):
    """How much a notice may say: it passes through phones and services that are not behind the login."""

    MINIMAL = "minimal"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    address: str = field(repr=False)
    """An Apprise URL or `console://`. It may hold a password: it is in no log and no message."""
    detail: Detail = Detail.MINIMAL
    receives: frozenset[Audience] = frozenset(Audience)
    name: str = ""
    """What they sign in as, where it is not the id."""
