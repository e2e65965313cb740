"""Readings as the messages of real devices: Zigbee2MQTT 2.x for what senses people, ChirpStack v4 for the climate.

A device's id in the home file is its IEEE address, or its DevEUI, whatever it looks like, so that the hub's home file
is the one the readings were recorded for. Topics are slugs: an embedded broker takes neither spaces nor dots.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import groupby

from firmware_sim.devices import lorawan, zigbee
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading, Value

ZIGBEE_ROOT = "zigbee2mqtt"
APPLICATION = "5a362cf7-b79d-4d06-a480-271d9658eff2"
IEEE, EUI = re.compile(r"0x[0-9a-f]{16}"), re.compile(r"[0-9a-fA-F]{16}")
OVER_LORA = frozenset(
    {
        Metric.TEMPERATURE,
        Metric.HUMIDITY,
        Metric.CO2,
        Metric.NOISE,
        Metric.ILLUMINANCE,
        Metric.BATTERY,
        Metric.BATTERY_VOLTAGE,
    }
)
"""What a device whose id says nothing must be confined to, to be taken for a LoRaWAN one."""
CLEARED = frozenset({Metric.MOTION, Metric.CONTACT, Metric.VIBRATION})
"""Recordings may hold only the 1s of these; a real device clears before the next."""
CLEARS_AFTER = 90.0
"""Seconds; at the latest `SHORT` before the device's next message."""
SHORT = 1.0


class Network(Enum):
    ZIGBEE = "zigbee"
    LORAWAN = "lorawan"


@dataclass(frozen=True, slots=True)
class Message:
    """What is published when the simulated clock reaches `at`."""

    at: float
    topic: str
    payload: bytes
    retain: bool = False


def network_of(device: Device) -> Network:
    """By the form of its id; else LoRaWAN for what measures only the climate, Zigbee for everything else."""
    if IEEE.fullmatch(device.id):
        return Network.ZIGBEE
    if EUI.fullmatch(device.id) or device.metrics <= OVER_LORA:
        return Network.LORAWAN
    return Network.ZIGBEE


def announcements(home: Home, at: float) -> list[Message]:
    """What Zigbee2MQTT retains: its state and its devices, the coordinator first."""
    names = friendly_names(home)
    rows = [_coordinator(), *(_bridge_device(device, names[device.id]) for device in _zigbee(home))]
    return [
        bridge_state(at, "online"),
        Message(at, f"{ZIGBEE_ROOT}/bridge/devices", _json(rows), retain=True),
    ]


def bridge_state(at: float, state: str) -> Message:
    """`online` or `offline`; the latter is also its last will."""
    return Message(at, f"{ZIGBEE_ROOT}/bridge/state", _json({"state": state}), retain=True)


def messages(home: Home, readings: Iterable[Reading]) -> Iterator[Message]:
    """The readings as messages, in the order measured; what one device measured at one moment is one message.

    The gateway says itself that it is online, so such readings are left out.
    """
    devices = {device.id: device for device in home.devices}
    writers: dict[str, ZigbeeWriter | LoraWriter] = {}
    names = friendly_names(home)
    said = [one for one in readings if one.metric is not Metric.ONLINE and one.device in devices]
    for (at, name), group in groupby(with_clearings(said), key=lambda one: (one.at, one.device)):
        if name not in writers:
            device = devices[name]
            is_zigbee = network_of(device) is Network.ZIGBEE
            writers[name] = ZigbeeWriter(names[name]) if is_zigbee else LoraWriter(device, names[name])
        yield writers[name].write(at, {one.metric: one.value for one in group})


def with_clearings(readings: Sequence[Reading]) -> list[Reading]:
    """The readings and a 0 between a detection and whatever its device says next, in the order measured.

    Without it a merged state would repeat the detection, and nobody could tell whether there was a new one.
    """
    added: list[Reading] = []
    ordered = sorted(readings, key=lambda one: (one.device, one.at, one.metric))
    for name, rows in groupby(ordered, key=lambda one: one.device):
        since: dict[Metric, float] = {}
        for at, group in groupby(rows, key=lambda one: one.at):
            values = {one.metric: one.value for one in group}
            for metric in [one for one in since if values.get(one) != 0]:
                clears_at = _clearing(since.pop(metric), at)
                if clears_at is not None:
                    added.append(Reading(clears_at, name, metric, 0))
            for metric in CLEARED & values.keys():
                if values[metric] == 0:
                    since.pop(metric, None)
                else:
                    since[metric] = at
    return sorted(ordered + added, key=lambda one: (one.at, one.device, one.metric))


def _clearing(since: float, following: float) -> float | None:
    """When a detection at `since` ends, before the message at `following`; None where no millisecond is between."""
    at = to_millisecond(min(since + CLEARS_AFTER, following - min(SHORT, (following - since) / 2)))
    return at if since < at < following else None


def friendly_names(home: Home) -> dict[str, str]:
    """A name for each device that can be a level of a topic, the same for the same home."""
    names: dict[str, str] = {}
    for device in home.devices:
        is_address = IEEE.fullmatch(device.id) or EUI.fullmatch(device.id)
        main = min(device.metrics - {Metric.BATTERY, Metric.BATTERY_VOLTAGE}, default=Metric.BATTERY, key=_weight)
        label = f"{device.room.value}-{main.value}-{device.id[-4:]}" if is_address else device.id
        slug = re.sub(r"[^a-z0-9_-]+", "-", label.lower())[:60]
        names[device.id] = slug if slug not in names.values() else f"{slug}-{len(names)}"
    return names


@dataclass(slots=True)
class ZigbeeWriter:
    """Publishes the merged state, as Zigbee2MQTT does: the last value of every property, and `last_seen`."""

    name: str
    state: dict[str, object] = field(default_factory=dict)

    def write(self, at: float, values: dict[Metric, Value]) -> Message:
        self.state["linkquality"] = _radio(self.name, at)
        for metric, value in values.items():
            expose = zigbee.EXPOSES[metric]
            self.state[expose.property] = expose.write(value)
        payload = _json({**self.state, "last_seen": _iso(at, "Z")})
        # An action is an event: it is not kept.
        self.state.pop(zigbee.EXPOSES[Metric.BUTTON].property, None)
        return Message(at, f"{ZIGBEE_ROOT}/{self.name}", payload)


@dataclass(slots=True)
class LoraWriter:
    """Publishes each uplink as ChirpStack's `event/up`; the decoded object holds only what was measured."""

    device: Device
    name: str
    frames: int = 0

    def write(self, at: float, values: dict[Metric, Value]) -> Message:
        self.frames += 1
        slug = re.sub(r"[^A-Za-z0-9_-]+", "-", self.device.id)
        topic = f"application/{APPLICATION}/device/{slug}/event/up"
        return Message(at, topic, _json(self._uplink(at, values)))

    def _uplink(self, at: float, values: dict[Metric, Value]) -> dict[str, object]:
        profile, moment = lorawan.profile_of(self.device), _iso(at, "+00:00")
        key = f"{self.device.id}/{self.frames}/{at}"
        return {
            "deduplicationId": str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
            "time": moment,
            "deviceInfo": self._info(profile.name),
            "devAddr": f"{zlib.crc32(self.device.id.encode()):08x}",
            "adr": True,
            "dr": 4,
            "fCnt": self.frames,
            "fPort": profile.f_port,
            "confirmed": False,
            "data": base64.b64encode(lorawan.frame(values)).decode(),
            "object": lorawan.decoded(values),
            "rxInfo": [
                {
                    "gatewayId": "548bde871843b762",
                    "uplinkId": zlib.crc32(key.encode()),
                    "gwTime": moment,
                    "nsTime": moment,
                    "rssi": -40 - _radio(self.name, at) // 4,
                    "snr": 7.5,
                    "channel": 2,
                    "crcStatus": "CRC_OK",
                    "metadata": {"region_common_name": "EU868", "region_config_id": "eu868"},
                }
            ],
            "txInfo": {
                "frequency": 868500000,
                "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 8, "codeRate": "CR_4_5"}},
            },
            "regionConfigId": "eu868",
        }

    def _info(self, profile: str) -> dict[str, object]:
        return {
            "tenantId": "e9da86d3-51cf-4a76-a2d8-c50195c3f466",
            "tenantName": "ChirpStack",
            "applicationId": APPLICATION,
            "applicationName": "home",
            "deviceProfileId": str(uuid.uuid5(uuid.NAMESPACE_OID, profile)),
            "deviceProfileName": profile,
            "deviceName": self.name,
            "devEui": self.device.id,
            "deviceClassEnabled": "CLASS_A",
            "tags": {},
        }


def _zigbee(home: Home) -> list[Device]:
    return [one for one in home.devices if Metric.ONLINE not in one.metrics and network_of(one) is Network.ZIGBEE]


def _bridge_device(device: Device, name: str) -> dict[str, object]:
    model = zigbee.model_of(device)
    return {
        "date_code": "",
        "definition": zigbee.definition(device),
        "disabled": False,
        "endpoints": {"1": _endpoint(["genBasic"], ["genOta"])},
        "friendly_name": name,
        "ieee_address": device.id,
        "interview_completed": True,
        "interview_state": "SUCCESSFUL",
        "interviewing": False,
        "manufacturer": model.manufacturer,
        "model_id": model.model_id,
        "network_address": zlib.crc32(device.id.encode()) % 65535,
        "power_source": "Battery",
        "supported": True,
        "type": "EndDevice",
    }


def _coordinator() -> dict[str, object]:
    return {
        "date_code": "",
        "disabled": False,
        "endpoints": {"1": _endpoint([], [])},
        "friendly_name": "Coordinator",
        "ieee_address": "0x00124b0024c18aa1",
        "interview_completed": True,
        "interview_state": "SUCCESSFUL",
        "interviewing": False,
        "network_address": 0,
        "supported": True,
        "type": "Coordinator",
    }


def _endpoint(inputs: list[str], outputs: list[str]) -> dict[str, object]:
    return {
        "bindings": [],
        "clusters": {"input": inputs, "output": outputs},
        "configured_reportings": [],
        "scenes": [],
    }


def _weight(metric: Metric) -> int:
    """A device is named after the metric that comes first here."""
    return list(zigbee.EXPOSES).index(metric) if metric in zigbee.EXPOSES else len(zigbee.EXPOSES)


def _radio(name: str, at: float) -> int:
    """A link quality that varies, the same for the same message."""
    return 80 + zlib.crc32(f"{name}{at}".encode()) % 120


def _iso(at: float, zone: str) -> str:
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", zone)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
