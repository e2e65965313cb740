"""LoRaWAN devices as a ChirpStack codec decodes them: what each metric is called, and real device profiles."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value
from sensor_hub.model.room import Room

KEYS: dict[Metric, str] = {
    Metric.TEMPERATURE: "temperature",
    Metric.HUMIDITY: "humidity",
    Metric.BATTERY: "battery",
    Metric.BATTERY_VOLTAGE: "batteryVoltage",
    Metric.CO2: "co2",
    Metric.ILLUMINANCE: "illuminance",
    Metric.NOISE: "noise",
    Metric.POWER: "power",
    Metric.MOTION: "motion",
    Metric.PRESENCE: "occupied",
    Metric.CONTACT: "door",
    Metric.SMOKE: "smoke",
    Metric.WATER_LEAK: "leak",
    Metric.VIBRATION: "vibration",
    Metric.SOS: "sos",
    Metric.BUTTON: "button",
}
"""The key of each metric in the decoded `object`. Radio quality is not there but in `rxInfo`."""
SWITCHED = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.SMOKE, Metric.WATER_LEAK, Metric.VIBRATION, Metric.SOS})


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    f_port: int


INDOOR = Profile("Milesight EM300-TH", 85)
OUTSIDE = Profile("Milesight EM500-SMTC", 85)


def profile_of(device: Device) -> Profile:
    return OUTSIDE if device.room is Room.OUTDOOR else INDOOR


def decoded(values: Mapping[Metric, Value]) -> dict[str, object]:
    """The `object` that the codec makes of an uplink: in ChirpStack's JSON every number is a float."""
    return {KEYS[metric]: _write(metric, value) for metric, value in values.items() if metric in KEYS}


def frame(values: Mapping[Metric, Value]) -> bytes:
    """The uplink's bytes, Milesight's layout: 01 75 battery, 03 67 temperature / 0.1 °C, 04 68 humidity / 0.5 %."""
    parts = []
    for metric, layout, per_unit in (
        (Metric.BATTERY, "B", 1),
        (Metric.TEMPERATURE, "h", 10),
        (Metric.HUMIDITY, "B", 2),
    ):
        value = values.get(metric)
        if isinstance(value, int | float):
            limits = (0, 255) if layout == "B" else (-32768, 32767)
            parts.append(
                HEAD[metric] + struct.pack(f"<{layout}", min(max(round(value * per_unit), limits[0]), limits[1]))
            )
    return b"".join(parts)


HEAD = {Metric.BATTERY: b"\x01\x75", Metric.TEMPERATURE: b"\x03\x67", Metric.HUMIDITY: b"\x04\x68"}


def _write(metric: Metric, value: Value) -> object:
    if isinstance(value, str):
        return value
    if metric is Metric.CONTACT:
        return "open" if value else "closed"
    return bool(value) if metric in SWITCHED else float(value)
