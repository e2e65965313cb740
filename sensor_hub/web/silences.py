"""Silences as people ask for them and as they are shown."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple, Protocol

from sensor_hub.alerts.silence import LONGEST, SILENCEABLE, Silence
from sensor_hub.model.kind import KINDS, Kind
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room
from sensor_hub.web.overview import AlertView, view_alert
from sensor_hub.web.ports import AlertRow, Answer
from sensor_hub.web.session import LONGEST_NAME
from sensor_hub.web.wording import ago_words, room_words, utc_words

LONGEST_WHY = 200
ENDED_SHOWN = 7 * DAY
_HOMES = re.compile(r"[a-z0-9_*?-]{1,64}")


class SilenceRow(NamedTuple):
    """A silence, and what it holds or held back."""

    silence: Silence
    held_back: Sequence[AlertRow]


class SilenceMark(NamedTuple):
    """Where a page of silences ended: they are ordered by (start, id), newest first."""

    start: float
    id: str


class Silencing(Protocol):
    """What is silenced, for the pages. May raise BusyError where it changes anything."""

    def rows(self, *, since: float) -> Sequence[SilenceRow]:
        """Those that stand, by their end; then those that ended since, the last first."""

    def newest(self, *, since: float, limit: int, after: SilenceMark | None = None) -> Sequence[SilenceRow]:
        """The same by (start, id), newest first: the first `limit` behind `after`."""

    def row(self, silence: str) -> SilenceRow | None: ...

    def add(self, silence: Silence) -> Answer: ...

    def end(self, silence: str, *, by: str) -> Answer:
        """Before its time; TAKEN where it has ended."""


class SilenceError(ValueError):
    """What is wrong with the `field`, for the one who typed it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


class Asked(NamedTuple):
    """What somebody asks for, as it came."""

    homes: str
    kinds: Collection[str]
    place: str
    start: float
    until: float
    who: str
    why: str


def read_silence(asked: Asked, known: Iterable[str], now: float, kinds: Collection[Kind] = SILENCEABLE) -> Silence:
    """The silence that is asked for; SilenceError where there cannot be such a one.

    `known`: the homes that the person sees; `kinds`: what they may silence.
    """
    homes, place, why, who = (text.strip() for text in (asked.homes, asked.place, asked.why, asked.who))
    if not _HOMES.fullmatch(homes) or not any(fnmatchcase(home, homes) for home in known):
        raise SilenceError("homes", "No home has this name. Enter one, or a pattern like flat-* (* is every home)")
    if not set(asked.kinds) <= set(kinds):
        raise SilenceError("kinds", "Smoke, water and calls for help cannot be silenced, nor what is no kind of alert")
    if place and place not in set(Room) and not is_device_id(place):
        raise SilenceError("place", "Enter a room, or a device as the home’s page shows it")
    if not max(asked.start, now) < asked.until <= max(asked.start, now) + LONGEST:
        raise SilenceError("until", f"A silence ends later than now, and within {LONGEST / DAY:.0f} days")
    if not why or len(why) > LONGEST_WHY:
        raise SilenceError("why", f"Say why, in at most {LONGEST_WHY} characters: others will ask")
    if not who or len(who) > LONGEST_NAME:
        raise SilenceError("who", f"Enter your name, of at most {LONGEST_NAME} characters")
    chosen = frozenset(Kind(kind) for kind in asked.kinds)
    return Silence(secrets.token_hex(4), homes, max(asked.start, now), asked.until, who, why, chosen, place)


@dataclass(frozen=True, slots=True)
class SilenceView:
    id: str
    what: str
    """`Cold home and Damp in homes flat-*, bathroom`."""
    when: str
    why: str
    stands: bool
    has_begun: bool
    held_back: Sequence[AlertView]


def view_silence(row: SilenceRow, now: float) -> SilenceView:
    silence, held_back = row
    return SilenceView(
        id=silence.id,
        what=_what(silence),
        when=_when(silence, now),
        why=f"{silence.who}: {silence.why}",
        stands=silence.ended_at is None,
        has_begun=silence.start <= now,
        held_back=[view_alert(each, None, now) for each in held_back],
    )


def _what(silence: Silence) -> str:
    kinds = ", ".join(KINDS[kind].title for kind in sorted(silence.kinds)) or "All but alarms"
    patterns = silence.homes
    are_many = not {"*", "?", " "}.isdisjoint(patterns)
    where = "every home" if patterns == "*" else f"homes {patterns}" if are_many else patterns
    place = silence.place
    inside = f", {room_words(Room(place)).lower() if place in set(Room) else place}" if place else ""
    return f"{kinds}: {where}{inside}"


def _when(silence: Silence, now: float) -> str:
    if silence.ended_at is not None:
        by = f"ended by {silence.ended_by}" if silence.ended_by else "ended by itself"
        return f"{by}, {utc_words(silence.ended_at)} ({ago_words(silence.ended_at, now)})"
    begins = "" if silence.start <= now else f"from {utc_words(silence.start)} "
    return f"{begins}until {utc_words(silence.until)} ({ago_words(silence.until, now)})"
