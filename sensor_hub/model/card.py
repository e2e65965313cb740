"""What somebody who goes to a home has to know: its response card. And who lives there: the residents' records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from sensor_hub.model.moment import DAY

CHECK_AFTER = 183 * DAY
"""Half a year, in seconds. A card that nobody looked at for so long is old: key safes and relatives' numbers change."""


class Risk(StrEnum):
    """What may hurt who enters, or what they may bring in danger."""

    DOG = "dog"
    OXYGEN = "oxygen"
    HOARDING = "hoarding"
    VIOLENCE = "violence"
    SMOKING = "smoking"
    INFECTION = "infection"
    STAIRS = "stairs"


@dataclass(frozen=True, slots=True)
class Relative:
    """Next of kin, a neighbour or a friend."""

    name: str
    telephone: str
    relation: str = ""
    note: str = ""
    """`has a key`, `not at night`."""


@dataclass(frozen=True, slots=True)
class ResponseCard:
    """Empty where nothing is known."""

    telephone: str = ""
    """The resident's own."""
    key_safe_code: str = ""
    key_safe_place: str = ""
    relatives: tuple[Relative, ...] = ()
    """In the order in which they are called."""
    risks: frozenset[Risk] = frozenset()
    risk_words: str = ""
    gp_name: str = ""
    gp_telephone: str = ""
    language: str = ""
    hearing: str = ""
    """How to be understood: hearing, sight, speech."""
    notes: str = ""

    def changed(self, before: ResponseCard) -> tuple[str, ...]:
        """Names of the fields that are not as they were; no values."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != getattr(before, each.name))

    def values(self) -> dict[str, Any]:
        """As JSON takes it; `card_of` reads it."""
        return {**asdict(self), "risks": sorted(self.risks)}


def card_of(values: Mapping[str, Any]) -> ResponseCard:
    """What `values` gave. Of a newer program only the fields that are known here."""
    known = {each.name: values[each.name] for each in fields(ResponseCard) if each.name in values}
    known["relatives"] = tuple(Relative(**each) for each in values.get("relatives", ()))
    known["risks"] = frozenset(Risk(each) for each in values.get("risks", ()) if each in set(Risk))
    return ResponseCard(**known)


@dataclass(frozen=True, slots=True)
class ResidentRecord:
    """Who lives in a home. Stands apart from what is measured there, which knows only the home."""

    name: str
    preferred_name: str = ""
    """What they like to be called."""
    address: str = ""
    telephone: str = ""
    born: date | None = None

    @property
    def called(self) -> str:
        return self.preferred_name or self.name

    def changed(self, before: ResidentRecord | None) -> tuple[str, ...]:
        """Names of the fields that are not as they were; no values."""
        old = before or ResidentRecord("")
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != getattr(old, each.name))

    def values(self) -> dict[str, Any]:
        """As JSON takes it; `resident_of` reads it."""
        return {**asdict(self), "born": None if self.born is None else self.born.isoformat()}


def resident_of(values: Mapping[str, Any]) -> ResidentRecord:
    """What `values` gave. Of a newer program only the fields that are known here."""
    known = {each.name: values[each.name] for each in fields(ResidentRecord) if each.name in values}
    born = values.get("born")
    known["born"] = None if born is None else date.fromisoformat(born)
    return ResidentRecord(**known)


def is_old(checked_at: float | None, now: float) -> bool:
    """Whether somebody has to look at the card again; None: nobody ever said that it is right."""
    return checked_at is None or now - checked_at > CHECK_AFTER
