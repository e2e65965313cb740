"""From a LoRaWAN uplink to readings: from the object that the server decoded, or from the bytes by a device file.

The envelope (ChirpStack, The Things Stack) is its own adapter's; both make an `Uplink` and share this.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from gateway.adapters.counts import BETWEEN, Count, moments
from gateway.adapters.decoded_object import HISTORY_TIME, Leaf, Walk, probes, value_of
from gateway.adapters.device_files import DeviceFiles
from gateway.adapters.doors import Doors
from gateway.adapters.layout import Raw
from gateway.adapters.loss import LossLog
from gateway.adapters.message import Decoded, Rejected
from gateway.checks import FUTURE, Fault, judge, number, own_moment, sane_moment, unreadable
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.reading import Reading, is_device_id

SAME_FRAME = 900.0
"""Seconds in which the same counter and data are the same transmission; after a reset a counter returns much later."""
MOST_DEVICES = 1024
MOST_FRAMES = 16
MOST_COUNTS = 8
"""Counters of one device."""
MOST_COUNTED = 2**32
LONGEST_KEY = 64
LONGEST_DATA = 400
"""Of base64: a LoRaWAN frame has at most 242 bytes."""

NO_CODEC = "the network server did not decode the data: a codec is missing"
NO_LAYOUT = "the device file does not describe these bytes"
BAD_ID = "the device's EUI cannot be an id"

_EUI = re.compile(r"[0-9a-fA-F]{16}")


@dataclass(frozen=True, slots=True)
class Uplink:
    """One transmission of a device, free of its server's envelope."""

    eui: str
    sent: object
    """When, as the server wrote it."""
    received: float
    counter: int = 0
    data: str = ""
    id: str = ""
    """The server's own key of it, if there is one."""
    object: object = None
    rssi: float | None = None
    port: int = 0
    names: str = ""
    """What the server calls the device and its model."""


@dataclass(slots=True)
class _Known:
    ids: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    frames: deque[tuple[int, str, float]] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    counts: dict[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Said:
    """One value of an uplink, wherever it came from. `counter_bits` is None for what is no counter."""

    device: str
    metric: Metric
    value: float | str | Fault
    at: float
    counter_bits: int | None = None
    last_at: float | None = None
    """Of a counter: when it last grew, where the device says so."""


class Normaliser:
    """Turns uplinks into readings. Remembers each device's last transmissions, so that a repeat is read once."""

    def __init__(self, files: DeviceFiles | None = None) -> None:
        self._files = files or DeviceFiles()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._doors = Doors()
        self.loss = LossLog()

    def decode(self, uplink: Uplink) -> Decoded:
        device = device_id(uplink.eui)
        if device is None:
            return Decoded(rejected=(Rejected(BAD_ID, detail=f"{uplink.eui!r:.60}"),))
        at, fault = sane_moment(uplink.sent, uplink.received)
        faults = [] if fault is None else [fault]
        known = self._remember(device)
        if _is_repeat(known, uplink, at):
            return Decoded()
        self.loss.note(device, uplink.counter, uplink.received)
        said = self._said(device, uplink, at, faults)
        rejected = [found.about(device) for found in faults]
        readings: list[Reading] = []
        for one in said:
            fault = one.value if isinstance(one.value, Fault) else _fault(one)
            if fault is not None:
                rejected.append(fault.about(one.device))
            elif not isinstance(one.value, Fault):
                readings += self._readings(known, one, one.value)
        return Decoded((*readings, *_signal(device, uplink, at)), tuple(rejected))

    def _said(self, device: str, uplink: Uplink, at: float, faults: list[Fault]) -> list[_Said]:
        """What the server decoded; where it did not, what a device file makes of the bytes."""
        if isinstance(uplink.object, dict | list):
            walk = Walk(at, uplink.received)
            leaves = list(walk.leaves(uplink.object))
            faults += walk.faults
            return [one for name, leaf in probes(device, leaves) if (one := _leaf_said(name, leaf)) is not None]
        if not uplink.data:
            return []
        file = self._files.of(uplink.names, device)
        raws = None if file is None else file.layout.read(uplink.port, _bytes(uplink.data))
        if raws is None:
            faults.append(Fault(NO_CODEC, "") if file is None else Fault(NO_LAYOUT, f"{file.name}, {uplink.data:.60}"))
            return []
        return [_raw_said(device, raw, at) for raw in raws if _has_time(raw, uplink.received, faults)]

    def _readings(self, known: _Known, one: _Said, value: float | str) -> list[Reading]:
        if one.counter_bits is not None and not isinstance(value, str):
            return [Reading(at, one.device, one.metric, 1) for at in _counted(known, one, int(value))]
        if self._doors.is_still_open(one.device, one.metric, value):
            return []
        return [Reading(one.at, one.device, one.metric, value)]

    def _remember(self, device: str) -> _Known:
        known = self._known.setdefault(device, _Known())
        self._known.move_to_end(device)
        if len(self._known) > MOST_DEVICES:
            self._known.popitem(last=False)
        return known


def device_id(eui: str) -> str | None:
    """The device's id: a DevEUI in lower case, another id as given; None when it cannot be one."""
    eui = eui.strip()
    if _EUI.fullmatch(eui):
        return eui.lower()
    return eui if is_device_id(eui) else None


def counter_of(value: object) -> int:
    """A frame counter. The servers leave out one that is 0."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**32 else 0


def best_rssi(rows: list[dict[str, object]]) -> float | None:
    """The strongest signal among the gateways that heard the uplink."""
    return max((found for row in rows if (found := number(row.get("rssi"))) is not None), default=None)


def _signal(device: str, uplink: Uplink, at: float) -> tuple[Reading, ...]:
    """How well the device was heard: also what says that a device with nothing to tell is alive."""
    if uplink.rssi is None or judge(Metric.LINK_QUALITY, uplink.rssi):
        return ()
    return (Reading(at, device, Metric.LINK_QUALITY, uplink.rssi),)


def _is_repeat(known: _Known, uplink: Uplink, at: float) -> bool:
    """Whether this transmission was read already: delivered again, or sent again by the device without an answer."""
    key, sent = uplink.id[:LONGEST_KEY], uplink.data[:LONGEST_DATA]
    if key and key in known.ids:
        return True
    if key:
        known.ids.append(key)
    if not sent:
        return False
    for counter, data, heard in known.frames:
        if (counter, data) == (uplink.counter, sent) and abs(at - heard) <= SAME_FRAME:
            return True
    known.frames.append((uplink.counter, sent, at))
    return False


def _counted(known: _Known, one: _Said, value: int) -> list[float]:
    """The moments of what a counter counted since it was last heard. The first value is where counting starts."""
    count = known.counts.get(one.device)
    if count is None:
        if len(known.counts) < MOST_COUNTS:
            known.counts[one.device] = Count(value, one.at)
        return []
    before = count.at
    events = count.grow(value, one.at, one.counter_bits or 0)
    # A device cannot have seen a movement before it said that there was none.
    last_at = one.at if one.last_at is None else max(one.last_at, before + BETWEEN * events)
    return moments(events, min(last_at, one.at))


def _fault(one: _Said) -> Fault | None:
    if isinstance(one.value, str | Fault):
        return None
    if one.counter_bits is not None:
        return None if 0 <= one.value < MOST_COUNTED else unreadable(one.metric, one.value)
    return judge(one.metric, one.value)


def _leaf_said(device: str, leaf: Leaf) -> _Said | None:
    """The value of an object's property; None where it says nothing."""
    metric = leaf.meaning.metric
    if leaf.meaning.is_count:
        counted = number(leaf.value)
        return None if counted is None else _Said(device, metric, counted, leaf.at, counter_bits=0)
    value = value_of(leaf)
    return None if value is None else _Said(device, metric, value, leaf.at)


def _raw_said(device: str, raw: Raw, at: float) -> _Said:
    name = device if raw.probe <= 1 else f"{device}.{raw.probe}"
    moment = at if raw.at is None else float(raw.at)
    bits = raw.field.counter_bits or None
    last_at = None if raw.minutes_ago is None else moment - raw.minutes_ago * MINUTE
    return _Said(name, raw.field.metric, raw.value, moment, bits, last_at)


def _has_time(raw: Raw, received: float, faults: list[Fault]) -> bool:
    """Whether a stored value has a possible time; a value of now has."""
    if raw.at is None:
        return True
    own = own_moment(raw.at)
    if own is not None and own <= received + FUTURE:
        return True
    faults.append(Fault(HISTORY_TIME, f"{raw.at}"))
    return False


def _bytes(data: str) -> bytes:
    """The bytes of base64; none where it is none."""
    try:
        return base64.b64decode(data[:LONGEST_DATA], validate=True)
    except (binascii.Error, ValueError):
        return b""
