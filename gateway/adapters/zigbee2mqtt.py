"""Zigbee2MQTT 1.x and 2.x: any device, by what the retained `<base>/bridge/devices` says that it exposes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.adapters.cached_state import EVENTS, CachedState, Context
from gateway.adapters.exposes import Measure, measures
from gateway.adapters.held import DROPPED, Held
from gateway.adapters.identity import ODD_DEVICE, ODD_TOPIC
from gateway.adapters.message import Decoded, Message, Rejected
from gateway.adapters.payload import LIST_BYTES, PayloadError, member, parse_json, parse_object, rows_of, text_of
from gateway.checks import TIMELESS, Fault, sane_moment
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, is_device_id

MOST_DEVICES = 1000
MOST_BYTES_EACH = 16 * 1024
"""Of one message that is held. A state has a few hundred bytes."""
MOST_BYTES_HELD = 8 * 1024 * 1024
"""Of all together: a day of a home."""
LONGEST_NAME = 256

UNDESCRIBED = "Zigbee2MQTT has not described this device yet: its messages are held"
UNSUPPORTED = "Zigbee2MQTT does not know what this device measures"


@dataclass(slots=True)
class _Device:
    id: str
    measures: tuple[Measure, ...]
    cached: CachedState = field(default_factory=CachedState)


class Zigbee2Mqtt:
    """Knows the devices of one Zigbee2MQTT. Their identity is the IEEE address: a new name is no new device."""

    def __init__(self, base_topic: str = "zigbee2mqtt") -> None:
        self.topics: tuple[str, ...] = (f"{base_topic}/#",)
        self._prefix = f"{base_topic}/"
        self._devices: dict[str, _Device] = {}
        self._named: dict[str, _Device | None] = {}
        """By name; None: known, and nothing is read from it."""
        self._groups: frozenset[str] = frozenset()
        self._held = Held(MOST_BYTES_HELD)

    def decode(self, message: Message) -> Decoded | None:
        """The readings of a device's state; of a list of devices those that waited for it."""
        if not message.topic.startswith(self._prefix):
            return None
        name = message.topic.removeprefix(self._prefix)
        try:
            if name == "bridge/devices":
                return self._learn(message)
            if name == "bridge/groups":
                return self._learn_groups(message)
            if name in self._named:
                return self._read(self._named[name], message)
            return Decoded() if self._is_no_state(name) else self._hold(name, message)
        except PayloadError as error:
            return Decoded(rejected=(Rejected(error.reason, self._id_of(name), error.detail),))

    def knows(self, topic: str) -> bool:
        """Whether the topic is a device's that was described."""
        return topic.startswith(self._prefix) and self._named.get(topic.removeprefix(self._prefix)) is not None

    def _id_of(self, name: str) -> str:
        device = self._named.get(name)
        return device.id if device is not None else ""

    def _is_no_state(self, name: str) -> bool:
        """Whether the topic is the bridge's or a group's, a request, an availability, or an attribute of a device."""
        if name in self._groups or name.startswith("bridge/") or name.endswith(("/availability", "/set", "/get")):
            return True
        if "/set/" in name or "/get/" in name:
            return True
        return any(name[:at] in self._named for at, letter in enumerate(name) if letter == "/")

    def _learn(self, message: Message) -> Decoded:
        """Takes over the list of devices; what is remembered of those that stay is kept."""
        listed = parse_json(message.payload, LIST_BYTES) if message.payload else []
        named: dict[str, _Device | None] = {}
        devices: dict[str, _Device] = {}
        rejected: list[Rejected] = []
        for row in rows_of(listed)[:MOST_DEVICES]:
            address, name = text_of(row.get("ieee_address")), text_of(row.get("friendly_name"))
            if row.get("type") == "Coordinator" or row.get("disabled") is True:
                named[name or address] = None
                continue
            if not is_device_id(address):
                rejected.append(Rejected(ODD_DEVICE, detail=f"{address!r:.60}"))
                continue
            known = self._devices.get(address)
            power_source = text_of(row.get("power_source"))
            found = measures(address, member(row.get("definition"), "exposes"), power_source=power_source)
            device = _Device(address, found, known.cached if known else CachedState())
            devices[address] = named[name or address] = device
        for address, device in devices.items():
            named.setdefault(address, device)
        self._devices, self._named = devices, named
        return self._release(rejected)

    def _learn_groups(self, message: Message) -> Decoded:
        """A group is switched as one and measures nothing."""
        listed = parse_json(message.payload, LIST_BYTES) if message.payload else []
        self._groups = frozenset(text_of(row.get("friendly_name")) for row in rows_of(listed)[:MOST_DEVICES])
        return self._release([])

    def _hold(self, name: str, message: Message) -> Decoded:
        """Keeps a state whose device is not known: what a broker queued comes before the list that it retains."""
        if not _is_name(name):
            return Decoded(rejected=(Rejected(ODD_TOPIC, detail=f"{name!r:.60}"),))
        if not message.payload:
            return Decoded()
        parse_object(message.payload, MOST_BYTES_EACH)
        rejected = [] if self._held.has(name) else [Rejected(UNDESCRIBED, detail=f"{name!r:.60}")]
        rejected += [Rejected(DROPPED, detail=f"{dropped!r:.60}") for dropped in self._held.add(name, message)]
        return Decoded(rejected=tuple(rejected))

    def _release(self, rejected: list[Rejected]) -> Decoded:
        """Reads what was held for devices that are known now."""
        readings: list[Reading] = []
        for name, message in self._held.take(self._named.keys() | self._groups):
            decoded = self._read(self._named.get(name), message)
            readings += decoded.readings
            rejected += decoded.rejected
        return Decoded(tuple(readings), tuple(rejected))

    def _read(self, device: _Device | None, message: Message) -> Decoded:
        if device is None or not message.payload:
            return Decoded()
        state = parse_object(message.payload)
        if not device.measures:
            return Decoded(rejected=(Rejected(UNSUPPORTED, device.id),))
        seen = state.get("last_seen")
        at, fault = sane_moment(seen, message.received)
        rejected = [] if fault is None else [fault.about(device.id)]
        has_time = seen is not None and fault is None
        when = _When(at, message, device.cached.context(state))
        readings: list[Reading] = []
        is_dated = has_time or not message.retain
        for measure in device.measures:
            raw = state.get(measure.property)
            # Null says nothing: it is neither 0 nor false.
            value = None if raw is None else measure.value(raw)
            if value is None:
                continue
            if isinstance(value, Fault):
                rejected.append(value.about(measure.device))
                continue
            moment = _moment(device, measure, value, when)
            if moment is not None and is_dated:
                readings.append(Reading(moment, measure.device, measure.metric, value))
        if message.retain and not has_time:
            rejected.append(Rejected(TIMELESS, device.id))
        device.cached.remember(state)
        return Decoded(tuple(readings), tuple(rejected))


class _When(NamedTuple):
    at: float
    message: Message
    context: Context


def _moment(device: _Device, measure: Measure, value: float | str, when: _When) -> float | None:
    """When the value was observed; None where it is a repeat that would count as a new event."""
    if isinstance(value, str):
        return None if when.message.retain else when.at
    if measure.metric not in EVENTS:
        return None if when.message.retain and measure.metric is Metric.LINK_QUALITY else when.at
    at = when.at
    if when.context.has_seen and not when.context.is_newer and measure.property in when.context.changed:
        # Zigbee2MQTT clears an occupancy by its own timer: last_seen is still the detection's.
        at = when.message.received
    found = device.cached.event_at(measure.property, measure.metric, value, at, when.context)
    is_replay = when.message.retain and measure.metric is not Metric.CONTACT
    return None if is_replay and value else found


def _is_name(name: str) -> bool:
    """Whether Zigbee2MQTT could name a device so: no empty level, no control character, no wildcard."""
    return len(name) <= LONGEST_NAME and name.isprintable() and all(name.split("/")) and not set(name) & {"+", "#"}
