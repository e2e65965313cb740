"""From the decoded object of a LoRaWAN uplink to readings, whatever the vendor's codec calls its properties.

The envelope (ChirpStack, The Things Stack) is its own adapter's; both make an `Uplink` and share this.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.adapters.message import Decoded, Rejected
from gateway.adapters.property_names import LONGEST_NAME, Meaning, meaning
from gateway.adapters.states import state_of_word
from gateway.adapters.units import PLAIN, Scale, scale_of
from gateway.checks import FUTURE, Fault, judge, number, own_moment, sane_moment, unreadable
from sensor_hub.model.metric import BINARY, METRICS, Metric
from sensor_hub.model.reading import Reading, is_device_id

SAME_FRAME = 900.0
"""Seconds in which the same counter and data are the same transmission; after a reset a counter returns much later."""
MOST_DEVICES = 4096
MOST_FRAMES = 32
LONGEST_KEY = 64
LONGEST_DATA = 400
"""Of base64: a LoRaWAN frame has at most 242 bytes."""

NO_CODEC = "the network server did not decode the data: a codec is missing"
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


@dataclass(slots=True)
class _Known:
    ids: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    frames: deque[tuple[int, str, float]] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    contacts: dict[str, float] = field(default_factory=dict)


class Normaliser:
    """Turns uplinks into readings. Remembers each device's last transmissions, so that a repeat is read once."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def decode(self, uplink: Uplink) -> Decoded:
        device = device_id(uplink.eui)
        if device is None:
            return Decoded(rejected=(Rejected(BAD_ID, detail=f"{uplink.eui!r:.60}"),))
        at, fault = sane_moment(uplink.sent, uplink.received)
        rejected = [] if fault is None else [fault.about(device)]
        known = self._remember(device)
        if _is_repeat(known, uplink, at):
            return Decoded()
        if not isinstance(uplink.object, dict | list):
            if uplink.data:
                rejected.append(Rejected(NO_CODEC, device))
            return Decoded(_signal(device, uplink, at), tuple(rejected))
        walk = Walk(at, uplink.received)
        leaves = list(walk.leaves(uplink.object))
        rejected += [found.about(device) for found in walk.faults]
        readings: list[Reading] = []
        for name, leaf in probes(device, leaves):
            value = value_of(leaf)
            fault = value if isinstance(value, Fault) else fault_of(leaf.meaning.metric, value)
            if fault is not None:
                rejected.append(fault.about(name))
            elif value is not None and not isinstance(value, Fault) and not _is_still_open(known, name, leaf, value):
                readings.append(Reading(leaf.at, name, leaf.meaning.metric, value))
        return Decoded((*readings, *_signal(device, uplink, at)), tuple(rejected))

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


def _is_still_open(known: _Known, name: str, leaf: Leaf, value: float | str) -> bool:
    """Whether an open door only says again that it is open, which is no new opening."""
    if leaf.meaning.metric is not Metric.CONTACT or isinstance(value, str):
        return False
    before = known.contacts.get(name)
    known.contacts[name] = value
    return value == 1 and before == 1


