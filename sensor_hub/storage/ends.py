"""What ends of what lets somebody in: told before it is committed, so that no older copy of the database lets it in
again unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

NOTHING: Mapping[str, object] = MappingProxyType({})


class Ended(StrEnum):
    SESSIONS = "sessions"
    """One or more, whosever."""
    TOKEN = "token"
    ACCOUNT = "account"
    """As it stands now: role, tenant, homes by their marks, and whether it is disabled."""
    PASSWORD = "password"
    """Another one is set."""
    SECOND_STEP = "second_step"
    """It was taken away."""
    RECOVERY_CODE = "recovery_code"
    """Used; by its hash."""


class Ends(Protocol):
    def note(self, what: Ended, of: str = "", told: Mapping[str, object] = NOTHING) -> None:
        """Called within the transaction that ends it; raises where it cannot be kept, and nothing ends."""


class Unkept:
    """Nobody keeps account."""

    def note(self, what: Ended, of: str = "", told: Mapping[str, object] = NOTHING) -> None:
        return
