"""A home, its devices and planned absences, and the file that describes them (`home.toml`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, iso
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_device_id, is_slug
from sensor_hub.model.room import Room
from sensor_hub.model.table import Table, read_table
from sensor_hub.model.visit import Visit, parse_visit, visit_row

LOCAL_TENANT = "local"
"""Whose homes are, where no tenant is named."""
MOST_ACTIVITY_DEVICES = 64
"""The engine keeps who was heard in a quarter of an hour as bits of one machine word."""
MOST_VISITS = 12
"""Four a day, told apart by three sorts of day."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it is placed in a home.

    `report_every` is the number of seconds within which a healthy one always says something.
    """

    id: str
    room: Room
    metrics: frozenset[Metric]
    report_every: float = 3600.0
    pet: bool = False
    """A pet moves where it senses: its lone movements are not taken for the resident's."""

    @property
    def has_activity(self) -> bool:
        """Whether it can show a sign of a person."""
        return bool(self.metrics & ACTIVITY)


@dataclass(frozen=True, slots=True)
class Absence:
    """Nobody is at home from `start` to `end`; known to the hub only from `received` on (None: from the beginning).

    What people say beside the home's file may be without an end (`stay.OPEN`).
    """

    start: float
    end: float
    received: float | None = None


@dataclass(frozen=True, slots=True)
class Home:
    id: str
    timezone: str
    residents: int = 1
    devices: tuple[Device, ...] = ()
    absences: tuple[Absence, ...] = ()
    visits: tuple[Visit, ...] = ()
    """Care visits that are expected."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def gateway(self) -> Device | None:
        """The box that forwards the others: the device that reports `online`."""
        return next((device for device in self.devices if Metric.ONLINE in device.metrics), None)


def read_home(path: Path) -> Home:
    """The home that the file describes; InputError names the file and the key that is wrong."""
    return _home(read_table(path))


def parse_home(values: Mapping[str, object], *, where: str) -> Home:
    """The home that a parsed `home.toml` describes; InputError names the key that is wrong."""
    return _home(Table(values, where))


def _home(table: Table) -> Home:
    home_id = table.text("id")
    if not is_slug(home_id):
        raise table.wrong("id", "1 to 64 of a-z, 0-9, _ and -")
    timezone = table.text("timezone")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.wrong("timezone", "a name like Europe/London") from error
    residents = table.whole("residents", 1, low=1, high=20)
    devices = tuple(_device(row) for row in table.tables("device"))
    absences = tuple(_absence(row) for row in table.tables("absence"))
    visits = tuple(parse_visit(row) for row in table.tables("visit"))
    table.done()
    _once(table, "device id", [device.id for device in devices], "one [[device]] for each id")
    _once(table, "visit", [visit.name for visit in visits], "one [[visit]] for each name")
    if len(visits) > MOST_VISITS:
        raise InputError("too many visits", where=table.where, expected=f"at most {MOST_VISITS}")
    if sum(device.has_activity for device in devices) > MOST_ACTIVITY_DEVICES:
        expected = f"at most {MOST_ACTIVITY_DEVICES} that sense movement, presence or doors"
        raise InputError("too many devices", where=table.where, expected=expected)
    return Home(home_id, timezone, residents, devices, absences, visits)


def _once(table: Table, what: str, names: list[str], expected: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{what} {twice!r} stands twice", where=table.where, expected=expected)


def home_table(home: Home) -> dict[str, object]:
    """The home as plain values: what `parse_home` reads."""
    return {
        "id": home.id,
        "timezone": home.timezone,
        "residents": home.residents,
        "device": [
            {
                "id": device.id,
                "room": device.room.value,
                "metrics": sorted(metric.value for metric in device.metrics),
                "report_every": device.report_every,
            }
            | ({"pet": True} if device.pet else {})
            for device in home.devices
        ],
        "absence": [
            {"start": absence.start, "end": absence.end}
            | ({} if absence.received is None else {"received": absence.received})
            for absence in home.absences
        ],
        "visit": [visit_row(visit) for visit in home.visits],
    }


def home_toml(home: Home) -> str:
    """The text of the file that `read_home` reads."""
    lines = [f'id = "{home.id}"', f'timezone = "{home.timezone}"', f"residents = {home.residents}"]
    for device in home.devices:
        metrics = ", ".join(f'"{metric.value}"' for metric in sorted(device.metrics))
        lines += ["", "[[device]]", f'id = "{device.id}"', f'room = "{device.room.value}"', f"metrics = [{metrics}]"]
        lines += [f"report_every = {device.report_every:g}", *(["pet = true"] if device.pet else [])]
    for absence in home.absences:
        lines += ["", "[[absence]]", f'start = "{iso(absence.start)}"', f'end = "{iso(absence.end)}"']
        if absence.received is not None:
            lines.append(f'received = "{iso(absence.received)}"')
    for visit in home.visits:
        lines += ["", "[[visit]]", *(f"{key} = {json.dumps(value)}" for key, value in visit_row(visit).items())]
    return "\n".join(lines) + "\n"


def _device(table: Table) -> Device:
    device_id, room = table.text("id"), table.choice("room", tuple(Room))
    if not is_device_id(device_id):
        raise table.wrong("id", "letters, digits and _ . : -, a letter or digit first")
    names = table.texts("metrics")
    if any(name not in set(Metric) for name in names):
        raise table.wrong("metrics", f"of {', '.join(Metric)}")
    every = table.number("report_every", 3600, low=1, high=31 * DAY)
    pet = table.flag("pet", False)
    table.done()
    return Device(device_id, Room(room), frozenset(Metric(name) for name in names), every, pet)


def _absence(table: Table) -> Absence:
    start, end = table.moment("start"), table.moment("end")
    received = table.moment("received") if "received" in table else None
    table.get("received")
    table.done()
    if end <= start:
        raise table.wrong("end", "an end after the start")
    return Absence(start, end, received)


def zone_of_most(homes: Iterable[Home]) -> str:
    """The time zone in which most of them are; UTC where there are none."""
    counted = Counter(home.timezone for home in homes).most_common(1)
    return counted[0][0] if counted else "UTC"
