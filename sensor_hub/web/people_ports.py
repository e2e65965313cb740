"""What pages need of residents' records and response cards. See `ports` for what else holds of these.

Whoever implements this writes into the chronology who asks, before anything is given away or changed: what cannot be
written is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from sensor_hub.access.principal import Principal
from sensor_hub.model.card import ResidentRecord, ResponseCard

CHANGES_SHOWN = 50
"""Of a card, with it: the last ones."""


class LockedError(RuntimeError):
    """Personal data can be neither shown nor changed now: their key is missing, or is another one."""


class Saved(Enum):
    """What became of a change. It names the version that it is a change of, so that of two people one is first."""

    DONE = "done"
    STALE = "somebody else changed it since"
    UNKNOWN = "there is no such record"


class ChangeRow(NamedTuple):
    """Somebody changed these fields; their values are not kept."""

    version: int
    """That came of it."""
    at: float
    who: str
    fields: tuple[str, ...]


class CardState(NamedTuple):
    """What may be known of a home's card without looking at it."""

    is_kept: bool
    checked_at: float | None
    """When somebody last said that all of it is right."""


@dataclass(frozen=True, slots=True)
class ResidentRow:
    id: str
    record: ResidentRecord
    version: int
    changed_at: float
    changed_by: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """A home's card; an empty one of version 0 where none was written."""

    card: ResponseCard
    version: int = 0
    changed_at: float | None = None
    changed_by: str = ""
    checked_at: float | None = None
    checked_by: str = ""
    residents: Sequence[ResidentRow] = ()
    changes: Sequence[ChangeRow] = ()
    """The last ones, newest first."""


class HubPeople(Protocol):
    """Homes are those that exist; LockedError from all but `card_state`."""

    def card_state(self, home: str) -> CardState: ...

    def card(self, home: str, *, by: Principal, alert: str = "") -> CardRow:
        """All of it, for who responds; `alert`: the one that they look at it for."""
        ...

    def card_changes(self, home: str, *, limit: int, before: int | None = None) -> Sequence[ChangeRow]:
        """The last `limit`, of those before this version where it is given, newest first."""
        ...

    def set_card(self, home: str, card: ResponseCard, *, version: int, is_checked: bool, by: Principal) -> Saved:
        """This card in place of the one with that version; `is_checked`: `by` says that all of it is right."""
        ...

    def say_checked(self, home: str, *, version: int, by: Principal) -> Saved:
        """All of the card with that version is right, as it is."""
        ...

    def residents(self, home: str, *, by: Principal) -> Sequence[ResidentRow]:
        """By their names."""
        ...

    def residents_after(self, home: str, after: str, *, limit: int, by: Principal) -> Sequence[ResidentRow]:
        """The first `limit` whose ids follow this one (empty: of all), by id."""
        ...

    def resident(self, home: str, resident: str, *, by: Principal) -> ResidentRow | None: ...

    def add_resident(self, home: str, record: ResidentRecord, *, by: Principal) -> str:
        """The id of the new record: random, and nothing of the person."""
        ...

    def set_resident(
        self, home: str, resident: str, record: ResidentRecord, *, version: int, by: Principal
    ) -> Saved: ...

    def remove_resident(self, home: str, resident: str, *, version: int, by: Principal) -> Saved: ...
