"""What is measured, in which unit, and which values a home can really have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """Names what a reading measures and so fixes its unit (`METRICS`)."""

    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    MOTION = "motion"
    PRESENCE = "presence"
    ILLUMINANCE = "illuminance"
    CONTACT = "contact"
    BATTERY = "battery"
    BATTERY_VOLTAGE = "battery_voltage"
    SMOKE = "smoke"
    WATER_LEAK = "water_leak"
    VIBRATION = "vibration"
    SOS = "sos"
    BUTTON = "button"
    CO2 = "co2"
    NOISE = "noise"
    POWER = "power"
    LINK_QUALITY = "link_quality"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """A metric's unit for people, its SenML unit (RFC 8428 and 8798, empty where none fits) and its plausible range."""

    unit: str
    senml: str
    low: float
    high: float


_STATE = MetricInfo("state", "", 0, 1)

METRICS: dict[Metric, MetricInfo] = {
    # −40 to 60 °C is what home sensors are built for; 85 °C and −127 °C are the DS18B20's power-on and fault values.
    Metric.TEMPERATURE: MetricInfo("°C", "Cel", -40, 60),
    Metric.HUMIDITY: MetricInfo("%", "%RH", 0, 100),
    Metric.MOTION: MetricInfo("bool", "", 0, 1),
    Metric.PRESENCE: MetricInfo("bool", "", 0, 1),
    Metric.ILLUMINANCE: MetricInfo("lx", "lx", 0, 200_000),
    Metric.CONTACT: _STATE,
    Metric.BATTERY: MetricInfo("%", "%EL", 0, 100),
    Metric.BATTERY_VOLTAGE: MetricInfo("V", "V", 0, 60),
    Metric.SMOKE: MetricInfo("bool", "", 0, 1),
    Metric.WATER_LEAK: MetricInfo("bool", "", 0, 1),
    Metric.VIBRATION: MetricInfo("bool", "", 0, 1),
    Metric.SOS: MetricInfo("bool", "", 0, 1),
    Metric.BUTTON: MetricInfo("event", "", 0, 0),
    # Outdoor air holds about 420 ppm: less than 200 is a sensor that has none or is not ready.
    Metric.CO2: MetricInfo("ppm", "ppm", 200, 40_000),
    Metric.NOISE: MetricInfo("dB", "dB", 0, 150),
    Metric.POWER: MetricInfo("W", "W", -50_000, 50_000),
    Metric.LINK_QUALITY: MetricInfo("", "", -200, 255),
    Metric.ONLINE: MetricInfo("bool", "", 0, 1),
}

BINARY = frozenset(
    {
        Metric.MOTION,
        Metric.PRESENCE,
        Metric.CONTACT,
        Metric.SMOKE,
        Metric.WATER_LEAK,
        Metric.VIBRATION,
        Metric.SOS,
        Metric.ONLINE,
    }
)
ACTIVITY = frozenset({Metric.MOTION, Metric.PRESENCE, Metric.CONTACT})
"""The metrics whose 1 is a sign of a person."""


ALARMS = (Metric.SMOKE, Metric.WATER_LEAK, Metric.SOS)
"""The metrics whose 1 is an alarm of the device itself."""


def is_plausible(metric: Metric, value: float) -> bool:
    """Whether a working sensor in or around a home could say this."""
    info = METRICS[metric]
    # All bounds are finite, and no comparison holds for what is not a number.
    return info.low <= value <= info.high
