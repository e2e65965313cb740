"""What a Zigbee2MQTT device measures, read from the `exposes` of its definition: no list of models is needed.

Only properties whose name, type and unit together say that they are one of our metrics are taken. Everything else
(settings, set points, calibrations, alarms' limits, the chip's own temperature) is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.adapters.payload import rows_of, text_of
from gateway.adapters.units import PLAIN, Scale, scale_of
from gateway.checks import Fault, judge, number, unreadable
from sensor_hub.model.metric import BINARY, Metric

PUBLISHED, SETTABLE = 1, 2
"""Bits of an expose's `access`."""
MOST_PROPERTIES = 2000
"""Of one device; the richest real one, a floor heating of 15 rooms, has several hundred."""

_NUMERIC: dict[str, Metric] = {
    "temperature": Metric.TEMPERATURE,
    "local_temperature": Metric.TEMPERATURE,
    "room_temperature": Metric.TEMPERATURE,
    "ambient_temperature": Metric.TEMPERATURE,
    "humidity": Metric.HUMIDITY,
    "relative_humidity": Metric.HUMIDITY,
    "illuminance": Metric.ILLUMINANCE,
    "illuminance_lux": Metric.ILLUMINANCE,
    "battery": Metric.BATTERY,
    "battery_voltage": Metric.BATTERY_VOLTAGE,
    "co2": Metric.CO2,
    "noise": Metric.NOISE,
    "noise_level": Metric.NOISE,
    "sound_level": Metric.NOISE,
    "power": Metric.POWER,
    "linkquality": Metric.LINK_QUALITY,
}
_SECOND: dict[str, Metric] = {
    f"{place}_temperature": Metric.TEMPERATURE
    for place in ("floor", "outdoor", "external", "probe", "remote", "water", "soil")
}
"""Probes beside the device's own; a value that can be set is one that somebody tells the device."""
_BINARY: dict[str, Metric] = {
    "occupancy": Metric.MOTION,
    "motion": Metric.MOTION,
    "presence": Metric.PRESENCE,
    "contact": Metric.CONTACT,
    "smoke": Metric.SMOKE,
    "water_leak": Metric.WATER_LEAK,
    "vibration": Metric.VIBRATION,
    "sos": Metric.SOS,
}
_UNITLESS = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY, Metric.BATTERY, Metric.CO2, Metric.NOISE})
"""Where a property of this name can have no other unit; a bare illuminance is a raw count, a bare power a level."""
_NUMBERED = re.compile(r"(?P<name>.+?)_(?P<number>\d{1,2})")
_ALARM = re.compile(r"(?P<name>contact|occupancy|smoke|water_leak)_alarm_(?P<number>[12])")
_NO_ACTION = frozenset({"", "none", "null"})


@dataclass(frozen=True, slots=True)
class Measure:
    """A property of a device's state, and the metric it holds."""

    property: str
    metric: Metric
    device: str
    value: Callable[[object], float | str | Fault | None]
    """The value in the metric's unit, or what is wrong with it; None where nothing is said."""


@dataclass(frozen=True, slots=True)
class _Number:
    metric: Metric
    scale: Scale

    def value(self, raw: object) -> float | Fault:
        found = raw if type(raw) is float else number(raw)
        if found is None:
            return unreadable(self.metric, raw)
        value = found if self.scale is PLAIN else self.scale(found)
        return judge(self.metric, value) or value


@dataclass(frozen=True, slots=True)
class _State:
    metric: Metric
    on: object
    off: object

    def value(self, raw: object) -> float | Fault:
        # In Python 1 == True: a state must be of the kind that the device says it is.
        if type(raw) is type(self.on) and raw == self.on:
            return 1
        if type(raw) is type(self.off) and raw == self.off:
            return 0
        return unreadable(self.metric, raw)


def _action(raw: object) -> str | Fault | None:
    if not isinstance(raw, str):
        return unreadable(Metric.BUTTON, raw)
    return None if raw.strip().lower() in _NO_ACTION else raw.strip()[:100]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A property that holds a metric, before it is settled which of the device's probes it is."""

    property: str
    metric: Metric
    endpoint: str
    rank: int
    scale: Scale
    on: object = True
    off: object = False

    def reader(self) -> Callable[[object], float | str | Fault | None]:
        if self.metric is Metric.BUTTON:
            return _action
        if self.metric in BINARY:
            return _State(self.metric, self.on, self.off).value
        return _Number(self.metric, self.scale).value


def measures(device: str, exposes: object, *, power_source: str = "") -> tuple[Measure, ...]:
    """What the device with these `exposes` measures. Its first probe is `device`, others are `device.2` and so on."""
    leaves = list(_leaves(exposes, 0))[:MOST_PROPERTIES]
    names = {text_of(leaf.get("name")) for leaf in leaves}
    has_battery = "battery" in names or "battery" in power_source.lower()
    claims = [claim for leaf in leaves if (claim := _claim(leaf, has_battery)) is not None]
    endpoints = list(dict.fromkeys(claim.endpoint for claim in claims if claim.endpoint))
    taken: set[tuple[Metric, int]] = set()
    found: list[Measure] = []
    for claim in sorted(claims, key=lambda claim: (claim.rank, bool(claim.endpoint))):
        probe = 1 + claim.rank + (endpoints.index(claim.endpoint) if claim.endpoint else 0)
        while (claim.metric, probe) in taken:
            probe += 1
        taken.add((claim.metric, probe))
        name = device if probe == 1 else f"{device}.{probe}"
        found.append(Measure(claim.property, claim.metric, name, claim.reader()))
    return tuple(found)


def _leaves(exposes: object, depth: int) -> Iterator[dict[str, object]]:
    """The properties of a device's state. A climate or switch groups its own; a composite or list is a setting."""
    for expose in rows_of(exposes):
        if text_of(expose.get("type")) in {"composite", "list"}:
            continue
        if "features" in expose and depth < 3:
            yield from _leaves(expose["features"], depth + 1)
        elif text_of(expose.get("property")):
            yield expose


def _claim(expose: dict[str, object], has_battery: bool) -> _Claim | None:
    access = expose.get("access")
    if not isinstance(access, int) or not access & PUBLISHED or expose.get("category") == "config":
        return None
    name = text_of(expose.get("name")) or text_of(expose.get("property"))
    match expose.get("type"):
        case "enum" if name == "action":
            return _Claim(_property(expose), Metric.BUTTON, _endpoint(expose), 0, PLAIN)
        case "binary":
            return _binary(expose, name)
        case "numeric":
            return _numeric(expose, name, has_battery)
    return None


def _binary(expose: dict[str, object], name: str) -> _Claim | None:
    alarm = _ALARM.fullmatch(name)
    metric = _BINARY.get(alarm["name"] if alarm else name)
    on, off = expose.get("value_on", True), expose.get("value_off", False)
    if metric is None or isinstance(on, dict | list):
        return None
    if metric is Metric.CONTACT and not alarm:
        if not isinstance(on, bool):
            return None  # ON and OFF do not say which of them is open
        # The contact is made when the door is shut: true is closed, whichever of the two the definition calls "on".
        on, off = False, True
    return _Claim(_property(expose), metric, alarm["number"] if alarm else _endpoint(expose), 0, PLAIN, on, off)


def _numeric(expose: dict[str, object], name: str, has_battery: bool) -> _Claim | None:
    unit, endpoint = text_of(expose.get("unit")).strip(), _endpoint(expose)
    metric, rank = _NUMERIC.get(name), 0
    if name == "voltage":
        metric = _voltage(expose, unit, has_battery)
    if metric is None and not _is_settable(expose):
        metric, rank = _SECOND.get(name), 1
        numbered = _NUMBERED.fullmatch(name)
        if metric is None and numbered and unit:
            metric, rank, endpoint = _NUMERIC.get(numbered["name"]), 0, numbered["number"]
    if metric is None:
        return None
    scale = _scale(metric, unit)
    return None if scale is None else _Claim(_property(expose), metric, endpoint, rank, scale)


def _is_settable(expose: dict[str, object]) -> bool:
    access = expose.get("access")
    return isinstance(access, int) and bool(access & SETTABLE)


def _voltage(expose: dict[str, object], unit: str, has_battery: bool) -> Metric | None:
    """A voltage is the battery's where it is in millivolts or said to be; otherwise it is the mains'."""
    says_battery = "battery" in text_of(expose.get("description")).lower()
    is_battery = (unit == "mV" and (has_battery or says_battery)) or (unit == "V" and has_battery and says_battery)
    return Metric.BATTERY_VOLTAGE if is_battery else None


def _scale(metric: Metric, unit: str) -> Scale | None:
    """How to come from the unit to the metric's; None where the unit is one of something else."""
    if metric is Metric.LINK_QUALITY or (not unit and metric in _UNITLESS):
        return PLAIN
    return scale_of(unit, metric)


def _property(expose: dict[str, object]) -> str:
    return text_of(expose.get("property"))


def _endpoint(expose: dict[str, object]) -> str:
    return text_of(expose.get("endpoint")) or str(expose.get("endpoint") or "")
