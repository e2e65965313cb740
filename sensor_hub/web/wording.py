"""Moments, spans, places and evidence, as a duty officer reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sensor_hub.model.alert import HUB
from sensor_hub.model.finding import Evidence
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE, iso, local, parse_moment
from sensor_hub.model.room import ROOM_NAME, Room

UTC_ZONE = ZoneInfo("UTC")
NEAR = {0: "today", 1: "yesterday", -1: "tomorrow"}
"""Days by how many of them ago."""


def moment_words(at: float, now: float, zone: tzinfo) -> str:
    """`05:12 today`, `22:40 yesterday`, `08:00 tomorrow`, `05:12 on Mon 5 Jan` (with the year if another)."""
    then, today = local(at, zone), local(now, zone)
    clock = f"{then:%H:%M}"
    if _offset_is_doubtful(at, zone):
        clock += f" {then:%Z}"
    days = (today.date() - then.date()).days
    if days in NEAR:
        return f"{clock} {NEAR[days]}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{clock} on {then:%a} {then.day} {then:%b}{year}"


def _offset_is_doubtful(at: float, zone: tzinfo) -> bool:
    """Whether the clock on the wall changes within a few hours of `at`: a time then needs its zone's name."""
    return local(at - 3 * HOUR, zone).utcoffset() != local(at + 3 * HOUR, zone).utcoffset()


def span_words(seconds: float) -> str:
    """`less than a minute`, `12 min`, `3 h`, `3 h 20 min`, `2 days`: precise enough to act on."""
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < 2 * DAY:
        hours, minutes = int(seconds // HOUR), int(seconds % HOUR // MINUTE)
        return f"{hours} h {minutes} min" if minutes and hours < 6 else f"{hours} h"
    return f"{int(seconds // DAY)} days"


def utc_words(at: float) -> str:
    """`Mon 5 Jan 2026, 09:40 UTC`: a moment of the hub, which stands in no home."""
    then = local(at, UTC_ZONE)
    return f"{then:%a} {then.day} {then:%b %Y}, {then:%H:%M} UTC"


def ago_words(at: float, now: float) -> str:
    if at > now + MINUTE:
        return f"in {span_words(at - now)}"
    return "just now" if now - at < MINUTE else f"{span_words(now - at)} ago"


def place_words(home: str) -> str:
    """The home's name, or what an alert about the hub as a whole is about."""
    return "the whole hub" if home == HUB else home


def room_words(room: Room) -> str:
    """`Living room`: how a heading names the room."""
    name = ROOM_NAME[room].removeprefix("the ")
    return name[0].upper() + name[1:]


def device_words(device: Device) -> str:
    """`Kitchen movement`, `Hall door`, `Gateway`: where it stands and what it is."""
    if Metric.ONLINE in device.metrics:
        return "Gateway"
    return f"{room_words(device.room)} {_sort_of(device)}"


def _sort_of(device: Device) -> str:
    if Metric.CONTACT in device.metrics:
        return "door"
    if device.metrics & ACTIVITY:
        return "movement"
    if Metric.TEMPERATURE in device.metrics:
        return "thermometer"
    return min(device.metrics).value.replace("_", " ") if device.metrics else "device"


def subject_words(subject: str, home: Home | None) -> str:
    """What an alert or a coverage row is about, empty when it is about the whole home."""
    if subject in set(Room):
        return room_words(Room(subject))
    devices = home.devices if home is not None else ()
    device = next((device for device in devices if device.id == subject), None)
    if device is None:
        return subject
    words = device_words(device)
    return words if words.lower() == device.id.lower() else f"{words} ({device.id})"


def reason_words(reason: str, home: Home) -> str:
    """The engine's sentence with devices named as people know them: `kitchen movement not heard`.

    An id without a digit may be a word of the sentence: it stays.
    """
    for device in home.devices:
        if device.id in reason and any(map(str.isdigit, device.id)):
            words = device_words(device)
            whole = rf"(?<![\w.:-]){re.escape(device.id)}(?![\w:-])"
            reason = re.sub(whole, words[0].lower() + words[1:], reason)
    return reason


def evidence_words(evidence: Evidence, now: float, home: Home | None) -> Sequence[tuple[str, str]]:
    """Each piece as a label and a text: `usual_by: …T08:10:00Z` is ("Usual by", "08:10 today"); devices are named."""
    zone = UTC_ZONE if home is None else home.zone
    texts = ((key, subject_words(value, home) if isinstance(value, str) else value) for key, value in evidence.items())
    return [(_label(key), _piece(key, value, now, zone)) for key, value in texts]


def _label(key: str) -> str:
    words = key
    for ending in (*_UNITS, *_SPANS, "_at"):
        words = words.removesuffix(ending)
    words = words.replace("_", " ").strip() or key
    return words[0].upper() + words[1:]


_UNITS = {"_celsius": "°C", "_c": "°C", "_percent": "%"}
_CELSIUS = {"temperature", "below", "above", "usual"}
"""What a cold or hot home's evidence calls its temperatures."""
_SPANS = {"_s": 1.0, "_seconds": 1.0, "_minutes": MINUTE, "_hours": HOUR, "_days": DAY}


def _piece(key: str, value: float | int | str, now: float, zone: tzinfo) -> str:
    if isinstance(value, str):
        return _moment_or_text(value, now, zone)
    if key.endswith(("_at", "_since")) or key in {"at", "since"}:
        return _moment_or_text(iso(value), now, zone)
    span = next((length for ending, length in _SPANS.items() if key.endswith(ending)), None)
    if span is not None:
        return span_words(value * span)
    unit = "°C" if key in _CELSIUS else next((unit for ending, unit in _UNITS.items() if key.endswith(ending)), "")
    number = f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:g}"
    return f"{number} {unit}".strip()


def _moment_or_text(text: str, now: float, zone: tzinfo) -> str:
    try:
        return moment_words(parse_moment(text), now, zone)
    except ValueError:
        return text
