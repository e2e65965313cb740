"""The text of a notice: one alert, one contact, one sentence to act on. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.link import PATH, UNSIGNED
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import KINDS, Audience, Kind, Urgency
from sensor_hub.model.moment import local

URGENCY_WORD = {Urgency.URGENT: "URGENT", Urgency.SOON: "Today", Urgency.NOTICE: "For review"}
URGENCY_SENTENCE = {
    Urgency.URGENT: "Somebody must act now.",
    Urgency.SOON: "Somebody must act today.",
    Urgency.NOTICE: "It can wait for the weekly review.",
}
SIMULATED = "SIMULATED - "
SIMULATED_LINE = "This is a simulation. No real home is concerned."

CHECK: dict[Kind, str] = {
    Kind.INACTIVITY: "Phone the resident. If nobody answers, send somebody to look.",
    Kind.TOILETING_INCREASE: "Phone or visit; ask how they feel, and about pain, drinks and new medicines.",
    Kind.TOILETING_DECREASE: "Phone or visit; ask how they feel, and about pain and drinks.",
    Kind.NIGHT_ACTIVITY: "Phone by day: how do they sleep, and do they know where they are at night?",
    Kind.SLEEP_DISTURBANCE: "Ask at the next call how they sleep.",
    Kind.LATE_RISING: "Phone the resident; if nobody answers, ask a neighbour to knock, or visit.",
    Kind.DOOR_AT_NIGHT: "Phone the resident at once. If nobody answers, send somebody: they may be out of doors.",
    Kind.NO_RETURN: "Phone the resident and whoever they may be with; if nobody knows, send somebody to the home.",
    Kind.VISIT_MISSED: "Ask the care provider whether somebody came; phone the resident.",
    Kind.COLD: "Phone the resident: is the heating on, and does it work?",
    Kind.OVERHEATING: "Phone the resident: windows, curtains, drinks, and a cooler room.",
    Kind.HEATING_OFF: "Phone the resident: does the heating work, is there credit on the meter, is a window open?",
    Kind.DAMP: "Ask about airing and heating; tell the landlord if the walls are wet.",
    Kind.LOW_INTAKE: "Phone or visit: have they had enough to drink and eat today?",
    Kind.ROUTINE_CHANGE: "Ask at the next call what has changed in their days.",
    Kind.ACTIVITY_DECLINE: "Ask at the next visit how they are, and whether they still get about.",
    Kind.SMOKE: "Phone the resident at once. If nobody answers, call the fire brigade.",
    Kind.WATER_LEAK: "Phone the resident: where is the water, and can it be turned off?",
    Kind.SOS: "Phone the resident at once. If nobody answers, send somebody.",
    Kind.DEVICE_SILENT: "Check the sensor's battery and place, and whether others near it are heard.",
    Kind.GATEWAY_SILENT: "Check the gateway's power and internet. Until then nobody sees this home.",
    Kind.SENSOR_FAULT: "Check the sensor's place and battery; replace it if this goes on.",
    Kind.BATTERY_LOW: "Change the battery at the next visit.",
}
"""What to do first, where a kind has something of its own."""
CHECK_FOR = {
    Audience.CARE: "Phone the resident or visit.",
    Audience.TECHNICAL: "Check the equipment in the home.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """The text for one person. Its reference is the same however often it is made."""

    reference: str
    alert: str
    contact: str
    urgency: Urgency
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all notices of a hub share: the address of its pages, and whether its homes are simulated."""

    url: str | None
    """None: it is not known how their readers reach the pages, so no link is put in."""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Which telling of an alert a notice belongs to: that of its change `number`, so many moves later, and why."""

    number: int
    moves: int = 0
    why: str = ""


def reference(alert: str, turn: Turn, contact: str) -> str:
    """Short enough to be read out on the telephone."""
    key = f"{alert}\n{turn.number}\n{contact}" + (f"\n{turn.moves}" if turn.moves else "")
    return hashlib.blake2b(key.encode(), digest_size=5).hexdigest()


def write(change: AlertChange, contact: Contact, zone: ZoneInfo, letterhead: Letterhead, turn: Turn) -> Notice:
    """The notice of `change` for `contact`; times in it are those of the home's own clock (`zone`)."""
    ref = reference(change.id, turn, contact.id)
    is_full = contact.detail is Detail.FULL
    subject = f"{KINDS[change.kind].title}, {change.home}" if is_full else _capital(KINDS[change.kind].category)
    title = f"{URGENCY_WORD[change.urgency]}: {subject} (ref {ref})"
    lines = _full(change, zone) if is_full else _minimal(change)
    if turn.why:
        lines = [lines[0], turn.why, *lines[1:]]
    if letterhead.url is not None:
        lines += ["", "To say that you take it:", f"{letterhead.url}{PATH}{UNSIGNED}"]
    lines += ["", f"Reference {ref}"]
    if letterhead.is_simulated:
        title = SIMULATED + title
        lines = [SIMULATED_LINE, "", *lines]
    return Notice(ref, change.id, contact.id, change.urgency, title, "\n".join(lines) + "\n")


def _minimal(change: AlertChange) -> list[str]:
    return [f"{_capital(KINDS[change.kind].category)}. {URGENCY_SENTENCE[change.urgency]}", "Log in to see which home."]


def _full(change: AlertChange, zone: ZoneInfo) -> list[str]:
    info = KINDS[change.kind]
    return [
        f"Home {change.home}: {info.title.lower()}. {URGENCY_SENTENCE[change.urgency]}",
        "",
        change.summary,
        "",
        *_times(change, zone),
        f"What to do: {CHECK.get(change.kind, CHECK_FOR[info.audience])}",
    ]


def _times(change: AlertChange, zone: ZoneInfo) -> Sequence[str]:
    return (f"Since {_told(change.since, zone)}", f"Found {_told(change.at, zone)} (the home's time)")


def _told(at: float, zone: ZoneInfo) -> str:
    moment = local(at, zone)
    return f"{moment:%H:%M on %A} {moment.day} {moment:%B %Y}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
