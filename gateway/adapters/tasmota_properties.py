"""What Tasmota's names mean. They are its own and the same for every sensor that it supports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.adapters.states import state_of_word
from gateway.adapters.units import PLAIN, scale_of
from gateway.checks import Fault, number, unreadable
from sensor_hub.model.metric import BINARY, Metric

_PROPERTIES: dict[str, Metric] = {
    "Temperature": Metric.TEMPERATURE,
    "LocalTemperature": Metric.TEMPERATURE,
    "Humidity": Metric.HUMIDITY,
    "Illuminance": Metric.ILLUMINANCE,
    "CarbonDioxide": Metric.CO2,
    "Battery": Metric.BATTERY,
    "BatteryPercentage": Metric.BATTERY,
    "BatteryVoltage": Metric.BATTERY_VOLTAGE,
    "Occupancy": Metric.MOTION,
    "Motion": Metric.MOTION,
    "Contact": Metric.CONTACT,
    "DoorOpen": Metric.CONTACT,
    "Water": Metric.WATER_LEAK,
    "Fire": Metric.SMOKE,
    "Movement": Metric.VIBRATION,
    "Click": Metric.BUTTON,
    "LinkQuality": Metric.LINK_QUALITY,
    "RSSI": Metric.LINK_QUALITY,
}
"""`Light`, `Noise` and `eCO2` are levels and estimates; `DewPoint` and `ReferenceTemperature` are not the air's.
`Contact` is the first alarm of a Zigbee alarm zone: 1 is open."""
_NUMBERED = re.compile(r"(?P<name>Temperature|Humidity|Illuminance)(?P<number>\d)")
"""An analog input names its sensors so."""
_METER = frozenset({"Total", "Today", "Yesterday"})
"""Beside these `Power` is watts; alone it is whether a switch is on."""
_CHIP = frozenset({"AccelXAxis", "GyroXAxis"})
"""The temperature beside these is that of the chip, to correct its drift."""
_CHIP_NAME = re.compile(r"ESP\d+")
_SOIL = frozenset({"Fertility", "Moisture", "Conductivity"})
"""The humidity beside these is the soil's."""
_CELL_VOLTS = 5.0
"""A battery of more than this is none that a sensor runs on."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a sensor: `part` names the sensor in its device, `bus` its kind."""

    part: str
    metric: Metric
    said: float | str | Fault
    raw: object = None
    bus: str = ""


def values(part: str, bus: str, sensor: Mapping[str, object], unit: str) -> Iterator[Value]:
    """What the sensor's object says, in our units; `unit` is that of its temperatures. Null says nothing."""
    for key, raw in sensor.items():
        if raw is None or isinstance(raw, dict):
            continue
        if key == "Power" and not _METER.isdisjoint(sensor):
            yield from _power(part, raw)
        elif (found := _metric(key, part, sensor)) is not None:
            metric, suffix = found
            said = _said(metric, raw, unit)
            if said is not None:
                yield Value(part + suffix, metric, said, raw, bus)


def _metric(key: str, part: str, sensor: Mapping[str, object]) -> tuple[Metric, str] | None:
    """What the property measures, and what its name adds to that of the sensor."""
    numbered = _NUMBERED.fullmatch(key)
    suffix = numbered["number"] if numbered else ""
    metric = _PROPERTIES.get(numbered["name"] if numbered else key)
    if key == "Voltage" and _is_cell(sensor):
        metric = Metric.BATTERY_VOLTAGE
    if metric is Metric.BATTERY and "SNR" in sensor and _is_volts(sensor[key]):
        metric = Metric.BATTERY_VOLTAGE  # decoders of LoRa devices call volts so
    if metric is Metric.TEMPERATURE and (not _CHIP.isdisjoint(sensor) or _CHIP_NAME.fullmatch(part)):
        return None
    if metric is Metric.HUMIDITY and not _SOIL.isdisjoint(sensor):
        return None
    return None if metric is None else (metric, suffix)


def _is_cell(sensor: Mapping[str, object]) -> bool:
    """Whether the voltage is that of a cell: it is small and stands beside a battery's charge."""
    return ("Battery" in sensor or "BatteryPercentage" in sensor) and _is_volts(sensor.get("Voltage"))


def _is_volts(raw: object) -> bool:
    found = number(raw)
    return found is not None and 0 < found <= _CELL_VOLTS


def _power(part: str, raw: object) -> Iterator[Value]:
    """A meter of several phases or outlets has a list."""
    rows = raw if isinstance(raw, list) else [raw]
    for place, row in enumerate(rows[:8], 1):
        found = number(row)
        suffix = "" if place == 1 else f"{place}"
        yield Value(part + suffix, Metric.POWER, unreadable(Metric.POWER, row) if found is None else found)


def _said(metric: Metric, raw: object, unit: str) -> float | str | Fault | None:
    if metric is Metric.BUTTON:
        return raw[:100] if isinstance(raw, str) and raw else None
    if metric in BINARY:
        return _state(metric, raw)
    found = number(raw)
    if found is None:
        return unreadable(metric, raw)
    scale = scale_of(unit, metric) if unit and metric is Metric.TEMPERATURE else PLAIN
    return unreadable(metric, f"{raw} {unit}") if scale is None else scale(found)


def _state(metric: Metric, raw: object) -> float | Fault:
    """The state of a flag: Tasmota sends 0, 1, true and false."""
    if isinstance(raw, bool):
        return int(raw)
    found = number(raw)
    if found in (0, 1):
        return int(found)
    state = state_of_word(metric, raw) if isinstance(raw, str) else None
    return unreadable(metric, raw) if state is None else state
