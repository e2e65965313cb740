"""Tasmota: the `SENSOR`, `STATE`, `STATUS8`, `STATUS10` and `RESULT` topics of any device, by its own names.

Tasmota names a property the same whatever the sensor is (`Temperature`, `CarbonDioxide`), so no list of sensors is
needed. Each sensor of a device is `DEVICE.SENSOR`, by its serial number where it says one: Tasmota numbers the sensors
of a bus by what it finds, so that one that fails would pass its number to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.adapters.doors import Doors
from gateway.adapters.identity import ODD_DEVICE, ODD_TOPIC, id_of_name, probe_of
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import PayloadError, member, parse_object, text_of, without_nan
from gateway.adapters.tasmota_properties import Value, values
from gateway.checks import ONCE, TIMELESS, WRONG_TIME, Fault, judge, number, own_moment
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading

PREFIXES = frozenset({"tele", "stat"})
BUS_ZERO = "all sensors of the bus say exactly 0: the bus is broken"
BROKEN_SENSOR = "a sensor says nan: it is broken or not connected"
MOST_DEPTH = 4

_SENSORS = ("SENSOR", "STATUS8", "STATUS10", "ENERGY")
_STATES = ("STATE", "STATUS11")
_RESULT = "RESULT"
_WITHOUT_PREFIX = frozenset({"SENSOR", "STATUS8", "STATUS10"})
"""Which no other program publishes, so that they count under any full topic."""
_CONTAINERS = frozenset({"ZbReceived", "LwReceived", "LwDecoded"})
"""Objects that hold one object for each device that a bridge heard."""
_NAMELESS = _CONTAINERS | {"ENERGY", "ANALOG"}
"""Whose own name says nothing about which sensor it is."""
_SERIALS = ("Id", "Address", "IEEEAddr")
_NUMBER = re.compile(r"-?\d+$")
_STORED = frozenset({"ZbInfo", "ZbState", "ZbStatus1", "ZbStatus2", "ZbStatus3"})
"""What a bridge remembers of its devices: old values without a time."""


@dataclass(frozen=True, slots=True)
class _Place:
    device: str
    kind: str


class Tasmota:
    """Reads Tasmota devices under one tree of topics; empty: the usual `tele/…` and `…/tele/…`."""

    def __init__(self, base_topic: str = "") -> None:
        usual = base_topic in ("", "tele")
        self._prefix = "" if usual else f"{base_topic}/"
        self.topics: tuple[str, ...] = ("tele/#", "stat/#", "+/tele/#", "+/stat/#") if usual else (f"{base_topic}/#",)
        self._doors = Doors()

    def decode(self, message: Message) -> Decoded | None:
        levels = message.topic.split("/")
        if not message.topic.startswith(self._prefix) or not _is_tasmota(levels):
            return None
        kind = levels[-1]
        if kind not in (*_SENSORS, *_STATES, _RESULT) or not message.payload:
            return Decoded()
        name = "/".join(level for level in levels[:-1] if level not in PREFIXES)
        device = id_of_name(name) if name else ""
        if device is None:
            return Decoded(rejected=(Rejected(ODD_TOPIC, detail=f"{name!r:.60}"),))
        try:
            body, rejected = _body(message.payload)
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, device, error.detail),))
        return self._read(_Place(device, kind), body, message, rejected)

    def reads(self, topic: str) -> bool:
        """Whether Tasmota's own form says what the topic's messages mean."""
        levels = topic.split("/")
        return topic.startswith(self._prefix) and _is_tasmota(levels) and levels[-1] in (*_SENSORS, *_STATES)

    def _read(self, place: _Place, body: dict[str, object], message: Message, rejected: list[Fault]) -> Decoded:
        found = list(_values(place, body))
        if not found:
            return Decoded(rejected=tuple(fault.about(place.device) for fault in rejected))
        at, late = _moment(body, message)
        if at is None:
            return Decoded(rejected=(Rejected(TIMELESS, place.device),))
        rejected += [late] if late is not None else []
        readings: list[Reading] = []
        faults = [fault.about(place.device) for fault in rejected]
        dead = _dead_buses(found)
        for value in found:
            device, said = probe_of(place.device, value.part), value.said
            fault = _fault(value, dead)
            if not device or fault is not None:
                faults.append((fault or Fault(ODD_DEVICE, f"{value.part!r:.60}")).about(device or place.device))
            elif not isinstance(said, Fault) and not self._is_repeat(device, value.metric, said, message):
                readings.append(Reading(at, device, value.metric, said))
        return Decoded(tuple(readings), tuple(faults))

    def _is_repeat(self, device: str, metric: Metric, said: float | str, message: Message) -> bool:
        """Whether it tells no event: a door that is still open, or a press or movement that a broker retained."""
        if message.retain and metric in ONCE:
            return True
        return self._doors.is_still_open(device, metric, said)


def _is_tasmota(levels: list[str]) -> bool:
    """Whether the topic is one of Tasmota's: its last level is in capitals, and one before it is `tele` or `stat`."""
    kind = levels[-1]
    return kind in _WITHOUT_PREFIX or (kind.isupper() and not PREFIXES.isdisjoint(levels[:-1]))


def _body(payload: bytes) -> tuple[dict[str, object], list[Fault]]:
    """The message, without the name of the status that it is; and whether a sensor in it is broken."""
    faults: list[Fault] = []
    try:
        body = parse_object(payload)
    except PayloadError:
        mended = without_nan(payload)
        if mended == payload:
            raise
        body = parse_object(mended)
        faults = [Fault(BROKEN_SENSOR, "")]
    for status in ("StatusSNS", "StatusSTS"):
        inner = body.get(status)
        if isinstance(inner, dict):
            return inner, faults
    return body, faults


def _moment(body: dict[str, object], message: Message) -> tuple[float | None, Fault | None]:
    """When it was measured: now. None where a broker retained it and it does not say when in UTC.

    Tasmota's `Time` is local, mostly without an offset, and 1970 until a time server has answered.
    """
    said = text_of(body.get("Time"))
    own = own_moment(said)
    if message.retain:
        return (own if own is not None and own <= message.received else None), None
    unset = Fault(WRONG_TIME, f"{said!r:.60}") if said.startswith("1970") else None
    return to_millisecond(message.received), unset


def _values(place: _Place, body: dict[str, object]) -> Iterator[Value]:
    if place.kind in _STATES:
        wifi = body.get("Wifi")
        signal = number(member(wifi, "Signal"))
        if signal is not None:
            yield Value("", Metric.LINK_QUALITY, signal)
        return
    if place.kind == _RESULT:
        yield from _buttons(body)
        body = {key: inner for key, inner in body.items() if key == "ZbReceived" or key.startswith("0x")}
    unit = text_of(body.get("TempUnit"))
    yield from _inside("", body, unit, 0)


def _inside(part: str, sensor: dict[str, object], unit: str, depth: int, bus: str = "") -> Iterator[Value]:
    """The sensor's own values, then those of the sensors in it. `part` names it within the device."""
    yield from values(part, bus, sensor, unit)
    if depth >= MOST_DEPTH:
        return
    for name, inner in sensor.items():
        if isinstance(inner, dict) and name not in _STORED:
            own = "" if name in _NAMELESS else name
            serial = next((said for key in _SERIALS if (said := text_of(inner.get(key)))), "")
            below = serial or "-".join(filter(None, (part, own)))
            yield from _inside(below, inner, unit, depth + 1, bus=_NUMBER.sub("", name))


def _buttons(body: dict[str, object]) -> Iterator[Value]:
    """`{"Button1": {"Action": "SINGLE"}}`. A `Switch` may be wired to anything."""
    for name, inner in body.items():
        action = text_of(member(inner, "Action"))
        if name.startswith("Button") and action:
            yield Value("", Metric.BUTTON, f"{name}_{action}"[:100].lower())


def _dead_buses(found: list[Value]) -> frozenset[str]:
    """The kinds of sensor of which there are several, all at exactly 0: zero bytes pass a one-wire checksum."""
    said: dict[str, list[object]] = {}
    for value in found:
        if value.metric is Metric.TEMPERATURE and value.bus:
            said.setdefault(value.bus, []).append(value.raw)
    return frozenset(bus for bus, raws in said.items() if len(raws) > 1 and all(number(raw) == 0 for raw in raws))


def _fault(value: Value, dead: frozenset[str]) -> Fault | None:
    if isinstance(value.said, Fault):
        return value.said
    if value.metric is Metric.TEMPERATURE and value.bus in dead:
        return Fault(BUS_ZERO, value.bus[:60])
    return judge(value.metric, value.said) if isinstance(value.said, float | int) else None
