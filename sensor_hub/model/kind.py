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
    HOMES_SILENT = "homes_silent"
    """Of the hub: no engine judges it."""


@dataclass(frozen=True, slots=True)
class KindInfo:
    audience: Audience
    title: str
    category: str
    """What a notice with `detail = "minimal"` may say of it: no health word."""
    check: str
    """What to do first. A question to ask or a thing to look at, never a diagnosis."""
    is_slow: bool = False
    """Judged over weeks: it says nothing about whether the home is watched now."""


ALARMS = frozenset({Kind.SMOKE, Kind.WATER_LEAK, Kind.SOS})
"""The kinds that a device itself calls an alarm: only people close them, and nothing keeps one from being told."""

KINDS: dict[Kind, KindInfo] = {
    Kind.INACTIVITY: KindInfo(
        Audience.CARE,
        "No movement",
        "welfare check",
        "Phone the resident. If nobody answers, send somebody to look.",
    ),
    Kind.LATE_RISING: KindInfo(
        Audience.CARE,
        "Not up yet",
        "welfare check",
        "Phone the resident. If nobody answers, ask a neighbour to knock, or visit.",
    ),
    Kind.TOILETING_INCREASE: KindInfo(
        Audience.CARE,
        "More bathroom visits",
        "welfare check",
        "Phone or visit: how do they feel, and is anything new: pain, drinks, medicines?",
    ),
    Kind.TOILETING_DECREASE: KindInfo(
        Audience.CARE,
        "Fewer bathroom visits",
        "welfare check",
        "Phone or visit: how do they feel, do they drink, and do they still use this bathroom?",
    ),
    Kind.NIGHT_ACTIVITY: KindInfo(
        Audience.CARE,
        "Up at night",
        "welfare check",
        "Ask at the next call how they sleep, and what takes them up at night.",
    ),
    Kind.SLEEP_DISTURBANCE: KindInfo(
        Audience.CARE,
        "Broken sleep",
        "welfare check",
        "Ask at the next call how they sleep.",
    ),
    Kind.DOOR_AT_NIGHT: KindInfo(
        Audience.CARE,
        "Door at night",
        "welfare check",
        "Phone the resident at once. If nobody answers, send somebody: they may be out of doors.",
    ),
    Kind.NO_RETURN: KindInfo(
        Audience.CARE,
        "Not back",
        "welfare check",
        "Phone the resident and whoever they may be with; if nobody knows, send somebody to the home.",
    ),
    Kind.VISIT_MISSED: KindInfo(
        Audience.CARE,
        "Visit not seen",
        "welfare check",
        "Ask the care provider whether somebody came, by which door, and phone the resident.",
    ),
    Kind.COLD: KindInfo(
        Audience.CARE,
        "Cold home",
        "cold or heat",
        "Phone the resident: is the heating on, does it work, is there credit on the meter, is a window open?",
    ),
    Kind.OVERHEATING: KindInfo(
        Audience.CARE,
        "Hot home",
        "cold or heat",
        "Phone the resident: heating off, windows, curtains, drinks, and is there a cooler room?",
    ),
    Kind.HEATING_OFF: KindInfo(
        Audience.CARE,
        "Heating off",
        "cold or heat",
        "Phone the resident: is the heating on, does the boiler work, is there credit on the meter, is a window open?",
    ),
    Kind.DAMP: KindInfo(
        Audience.CARE,
        "Damp",
        "home condition",
        "Ask about airing and heating; look at the walls, and tell the landlord if they are wet.",
    ),
    Kind.LOW_INTAKE: KindInfo(
        Audience.CARE,
        "Hot, and fewer kitchen visits",
        "welfare check",
        "Phone or visit: have they had enough to drink and eat today?",
    ),
    Kind.ROUTINE_CHANGE: KindInfo(
        Audience.CARE,
        "Changed routine",
        "welfare check",
        "Ask at the next call what has changed in their days; see whether a sensor was moved.",
        is_slow=True,
    ),
    Kind.ACTIVITY_DECLINE: KindInfo(
        Audience.CARE,
        "Doing less",
        "welfare check",
        "Ask at the next visit how they are and how they get about; see whether a sensor was moved.",
        is_slow=True,
    ),
    Kind.SMOKE: KindInfo(
        Audience.CARE,
        "Smoke",
        "welfare check",
        "Phone the resident at once. If nobody answers, call the fire brigade.",
    ),
    Kind.WATER_LEAK: KindInfo(
        Audience.CARE,
        "Water leak",
        "home condition",
        "Phone the resident: where is the water, and can it be turned off?",
    ),
    Kind.SOS: KindInfo(
        Audience.CARE,
        "Call for help",
        "welfare check",
        "Phone the resident at once. If nobody answers, send somebody.",
    ),
    Kind.DEVICE_SILENT: KindInfo(
        Audience.TECHNICAL,
        "Silent sensor",
        "equipment",
        "Check the sensor's battery, whether it was moved or taken down, and whether others near it are heard.",
    ),
    Kind.GATEWAY_SILENT: KindInfo(
        Audience.TECHNICAL,
        "Silent gateway",
        "equipment",
        "Check the gateway's power, internet (router) and radio. Until then nobody sees this home.",
    ),
    Kind.SENSOR_FAULT: KindInfo(
        Audience.TECHNICAL,
        "Faulty sensor",
        "equipment",
        "Check the sensor's place and battery, and for the gateway its clock; replace it if this goes on.",
    ),
    Kind.BATTERY_LOW: KindInfo(
        Audience.TECHNICAL,
        "Low battery",
        "equipment",
        "Change the battery at the next visit.",
    ),
    Kind.HOMES_SILENT: KindInfo(
        Audience.TECHNICAL,
        "Many homes silent",
        "equipment",
        "Check the broker, the hub's own network and the gateways' provider. Until then nobody sees these homes.",
    ),
}

HOME_KINDS = tuple(kind for kind in Kind if kind is not Kind.HOMES_SILENT)
"""What is judged in each home."""
