"""Entries of a home's log: everything that can change an answer, in the order stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sensor_hub.model.alert import Outcome
from sensor_hub.model.consent import Data, parse_scope, scope_names
from sensor_hub.model.dial import is_false_pages
from sensor_hub.model.home import Absence, Home, home_table, parse_home
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import LATEST, iso, parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.stay import OPEN


class Arrival(NamedTuple):
    """A reading, and the hub's clock when it was stored."""

    received: float
    reading: Reading


@dataclass(frozen=True, slots=True)
class HubAway:
    """The hub was not running from `start` to `end`: silence in that time says nothing about a device or a person."""

    received: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AbsenceTold:
    """Somebody said that the home is empty for a time: the last word about the absence that begins then.

    One that ends where it begins is withdrawn, one of which nobody knows the end has `stay.OPEN` for it.
    """

    received: float
    absence: Absence
    by: str = ""


@dataclass(frozen=True, slots=True)
class VisitTold:
    """Somebody is with the resident from `start` to `end`: what is seen then is not the resident's routine.

    The last word about the visit that begins then; one that ends where it begins is withdrawn.
    """

    received: float
    start: float
    end: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class PlacementTold:
    """A device stands in this room from now on."""

    received: float
    device: str
    room: Room
    by: str = ""
    """Who said so; empty: it was placed at the gateway."""
    instead_of: str = ""
    """The device whose place it takes: that one is gone. Empty: it takes nobody's."""


@dataclass(frozen=True, slots=True)
class DeviceGone:
    """A device was taken away: it stands nowhere, and is watched no longer."""

    received: float
    device: str
    by: str


@dataclass(frozen=True, slots=True)
class OutcomeTold:
    """What people did about an alert: `acknowledged`, or closed with an outcome."""

    received: float
    alert: str
    by: str
    outcome: Outcome | None
    """None: acknowledged, not closed yet."""


@dataclass(frozen=True, slots=True)
class HomeSet:
    """The home as it is described from now on."""

    received: float
    home: Home
    scope: frozenset[Data] | None = None
    """What is agreed from now on; None: what was. A log of which data were erased says so where it begins."""


@dataclass(frozen=True, slots=True)
class DialSet:
    """So many false pages a month per hundred homes are accepted from now on."""

    received: float
    false_pages: float


@dataclass(frozen=True, slots=True)
class OutcomesForgotten:
    """What people said of this home's alerts of a kind moves its limits no longer."""

    received: float
    kind: Kind
    by: str


@dataclass(frozen=True, slots=True)
class ScopeSet:
    """Only this is agreed with the resident from now on: nothing else is collected, and what it taught is forgotten."""

    received: float
    scope: frozenset[Data]


Entry = (
    Arrival
    | HubAway
    | AbsenceTold
    | VisitTold
    | PlacementTold
    | DeviceGone
    | OutcomeTold
    | HomeSet
    | DialSet
    | OutcomesForgotten
    | ScopeSet
)


KNOWN = "an entry of the kind hub_away, absence, visit, placement, outcome or settings"


def entry_row(entry: Entry) -> dict[str, object]:
    """A line of `entries.jsonl` as plain values. Arrivals are not entries of that file: they are `readings.jsonl`."""
    match entry:
        case HubAway():
            return {"received": entry.received, "entry": "hub_away", "from": iso(entry.start), "to": iso(entry.end)}
        case AbsenceTold():
            return _stay_row(entry, "absence", entry.absence.start, entry.absence.end)
        case VisitTold():
            return _stay_row(entry, "visit", entry.start, entry.end)
        case PlacementTold():
            row = _placement_row(entry, entry.room.value)
            return row | ({"instead_of": entry.instead_of} if entry.instead_of else {})
        case DeviceGone():
            return _placement_row(entry, None)
        case OutcomeTold():
            outcome = "acknowledged" if entry.outcome is None else entry.outcome.value
            return {
                "received": entry.received,
                "entry": "outcome",
                "alert": entry.alert,
                "outcome": outcome,
                "by": entry.by,
            }
        case HomeSet():
            row = {"received": entry.received, "entry": "settings", "home": home_table(entry.home)}
            return row if entry.scope is None else row | {"scope": scope_names(entry.scope)}
        case DialSet():
            return {"received": entry.received, "entry": "settings", "false_pages": entry.false_pages}
        case OutcomesForgotten():
            forgotten = {"forget_outcomes": entry.kind.value, "by": entry.by}
            return {"received": entry.received, "entry": "settings", **forgotten}
        case ScopeSet():
            return {"received": entry.received, "entry": "settings", "scope": scope_names(entry.scope)}
        case Arrival():
            raise TypeError("an arrival is a line of readings.jsonl")


def parse_entry(row: Mapping[str, object], *, where: str) -> Entry:
    """The entry that a line of `entries.jsonl` holds; InputError says what is wrong with it."""
    try:
        received = parse_moment(row.get("received"))
        match row.get("entry"):
            case "hub_away":
                start, end = parse_moment(row.get("from")), parse_moment(row.get("to"))
                if end < start:
                    raise ValueError("an absence of the hub that ends before it starts")
                return HubAway(received, start, end)
            case "absence":
                # A line that lacks its end was not meant to last for ever: that is said with null.
                is_open = "end" in row and row["end"] is None
                start, end = _stay({**row, "end": LATEST - 1.0} if is_open else row)
                absence = Absence(start, OPEN if is_open else end, received)
                return AbsenceTold(received, absence, str(row.get("by", "")))
            case "visit":
                return VisitTold(received, *_stay(row), str(row.get("by", "")))
            case "placement":
                return _placement(row, received)
            case "outcome":
                told = row.get("outcome")
                outcome = None if told == "acknowledged" else Outcome(str(told))
                return OutcomeTold(received, str(row.get("alert")), str(row.get("by", "")), outcome)
            case "settings":
                return _settings(row, received, where)
            case other:
                raise ValueError(f"entry {other!r} is unknown")
    except InputError:
        raise
    except ValueError as error:
        raise InputError(str(error), where=where, expected=KNOWN) from error


def _placement_row(entry: PlacementTold | DeviceGone, room: str | None) -> dict[str, object]:
    return {"received": entry.received, "entry": "placement", "device": entry.device, "room": room, "by": entry.by}


def _placement(row: Mapping[str, object], received: float) -> Entry:
    """A device that stands somewhere; with null for its room nowhere."""
    device, by = str(row.get("device")), str(row.get("by", ""))
    # A line that lacks its room does not say that the device is gone.
    if "room" in row and row["room"] is None:
        return DeviceGone(received, device, by)
    return PlacementTold(received, device, Room(str(row.get("room"))), by, str(row.get("instead_of", "")))


def _stay_row(entry: AbsenceTold | VisitTold, name: str, start: float, end: float) -> dict[str, object]:
    until = None if end == OPEN else iso(end)
    return {"received": entry.received, "entry": name, "start": iso(start), "end": until, "by": entry.by}


def _stay(row: Mapping[str, object]) -> tuple[float, float]:
    start, end = parse_moment(row.get("start")), parse_moment(row.get("end"))
    if end < start:
        raise ValueError(f"{row['entry']} that ends before it starts")
    return start, end


def _settings(row: Mapping[str, object], received: float, where: str) -> Entry:
    """One of the four things that are set: the home, the dial, what is not learned any more, or what is agreed."""
    home, false_pages, kind = row.get("home"), row.get("false_pages"), row.get("forget_outcomes")
    if isinstance(home, Mapping):
        return HomeSet(received, parse_home(home, where=where), parse_scope(row["scope"]) if "scope" in row else None)
    if is_false_pages(false_pages):
        return DialSet(received, float(false_pages))
    if kind is not None:
        return OutcomesForgotten(received, Kind(str(kind)), str(row.get("by", "")))
    if "scope" in row:
        return ScopeSet(received, parse_scope(row["scope"]))
    raise ValueError("settings without home, false_pages, forget_outcomes or scope")
