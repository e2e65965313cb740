"""The sorts of deviation the engine finds, whom each concerns and how soon somebody must act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Urgency(StrEnum):
    """`urgent`: somebody must act now; `soon`: today; `notice`: waits for the weekly review and interrupts nobody."""

    NOTICE = "notice"
    SOON = "soon"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return _RANK[self]

    @property
    def interrupts(self) -> bool:
        return self is not Urgency.NOTICE


_RANK = {Urgency.NOTICE: 0, Urgency.SOON: 1, Urgency.URGENT: 2}


class Audience(StrEnum):
    """Whom an alert is for: those who look after the resident, or those who look after the equipment."""

    CARE = "care"
    TECHNICAL = "technical"


class Kind(StrEnum):
    """A sort of deviation. Those the engine does not judge yet are not listed."""

    INACTIVITY = "inactivity"
    LATE_RISING = "late_rising"
    TOILETING_INCREASE = "toileting_increase"
    TOILETING_DECREASE = "toileting_decrease"
    NIGHT_ACTIVITY = "night_activity"
    SLEEP_DISTURBANCE = "sleep_disturbance"
    DOOR_AT_NIGHT = "door_at_night"
    NO_RETURN = "no_return"
    VISIT_MISSED = "visit_missed"
    COLD = "cold"
    OVERHEATING = "overheating"
    HEATING_OFF = "heating_off"
    DAMP = "damp"
    LOW_INTAKE = "low_intake"
    ROUTINE_CHANGE = "routine_change"
    ACTIVITY_DECLINE = "activity_decline"
    SMOKE = "smoke"
    WATER_LEAK = "water_leak"
    SOS = "sos"
    DEVICE_SILENT = "device_silent"
    GATEWAY_SILENT = "gateway_silent"
    SENSOR_FAULT = "sensor_fault"
    BATTERY_LOW = "battery_low"


@dataclass(frozen=True, slots=True)
class KindInfo:
    audience: Audience
    title: str
    category: str
    """What a notice with `detail = "minimal"` may say of it: no health word."""
    is_slow: bool = False
    """Judged over weeks: it says nothing about whether the home is watched now."""


ALARMS = frozenset({Kind.SMOKE, Kind.WATER_LEAK, Kind.SOS})
"""The kinds that a device itself calls an alarm: only people close them, and nothing keeps one from being told."""

KINDS: dict[Kind, KindInfo] = {
    Kind.INACTIVITY: KindInfo(Audience.CARE, "No movement", "welfare check"),
    Kind.LATE_RISING: KindInfo(Audience.CARE, "Not up yet", "welfare check"),
    Kind.TOILETING_INCREASE: KindInfo(Audience.CARE, "More bathroom visits", "welfare check"),
    Kind.TOILETING_DECREASE: KindInfo(Audience.CARE, "Fewer bathroom visits", "welfare check"),
    Kind.NIGHT_ACTIVITY: KindInfo(Audience.CARE, "Up at night", "welfare check"),
    Kind.SLEEP_DISTURBANCE: KindInfo(Audience.CARE, "Broken sleep", "welfare check"),
    Kind.DOOR_AT_NIGHT: KindInfo(Audience.CARE, "Door at night", "welfare check"),
    Kind.NO_RETURN: KindInfo(Audience.CARE, "Not back", "welfare check"),
    Kind.VISIT_MISSED: KindInfo(Audience.CARE, "Visit not seen", "welfare check"),
    Kind.COLD: KindInfo(Audience.CARE, "Cold home", "cold or heat"),
    Kind.OVERHEATING: KindInfo(Audience.CARE, "Hot home", "cold or heat"),
    Kind.HEATING_OFF: KindInfo(Audience.CARE, "Heating off", "cold or heat"),
    Kind.DAMP: KindInfo(Audience.CARE, "Damp", "home condition"),
    Kind.LOW_INTAKE: KindInfo(Audience.CARE, "Hot, and fewer kitchen visits", "welfare check"),
    Kind.ROUTINE_CHANGE: KindInfo(Audience.CARE, "Changed routine", "welfare check", is_slow=True),
    Kind.ACTIVITY_DECLINE: KindInfo(Audience.CARE, "Doing less", "welfare check", is_slow=True),
    Kind.SMOKE: KindInfo(Audience.CARE, "Smoke", "welfare check"),
    Kind.WATER_LEAK: KindInfo(Audience.CARE, "Water leak", "home condition"),
    Kind.SOS: KindInfo(Audience.CARE, "Call for help", "welfare check"),
    Kind.DEVICE_SILENT: KindInfo(Audience.TECHNICAL, "Silent sensor", "equipment"),
    Kind.GATEWAY_SILENT: KindInfo(Audience.TECHNICAL, "Silent gateway", "equipment"),
    Kind.SENSOR_FAULT: KindInfo(Audience.TECHNICAL, "Faulty sensor", "equipment"),
    Kind.BATTERY_LOW: KindInfo(Audience.TECHNICAL, "Low battery", "equipment"),
}
