"""When a step may ask the resident first, and what it asks. Pure."""

from __future__ import annotations

from enum import Enum
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.link import PATH, UNSIGNED
from sensor_hub.alerts.notice import SIMULATED, Letterhead, Notice, Turn, reference
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import ALARMS, KINDS, Audience, Kind
from sensor_hub.model.moment import MINUTE, local

SIGN_ANSWERS = frozenset({Kind.INACTIVITY, Kind.LATE_RISING, Kind.NO_RETURN, Kind.DOOR_AT_NIGHT})
"""Alerts to which a sign of the resident in the home is an answer; it warms no cold home."""
PATIENCE = 10 * MINUTE
"""A movement is judged two minutes after it was made at the earliest, at a whole five minutes."""


class Sign(Enum):
    """What was seen in the home since the resident was asked."""

    NONE = "nothing"
    MOVEMENT = "movement: the engine says next whether the alert is over"
    BUTTON = "a button was pressed"


def may_ask(change: AlertChange) -> bool:
    """Never about an alarm: whoever calls for help has answered. Equipment is nothing that a resident can answer."""
    return change.kind not in ALARMS and KINDS[change.kind].audience is Audience.CARE


def ask(change: AlertChange, contact: Contact, zone: ZoneInfo, letterhead: Letterhead, turn: Turn) -> Notice:
    """The question to a resident: short enough for one text message, and without a word of health.

    Without a link they can answer only by moving about, or on the telephone.
    """
    ref = reference(change.id, turn, contact.id)
    at = f"{local(change.at, zone):%H:%M}"
    body = f"Your home asked at {at} whether all is well. Without an answer somebody will look after you."
    if letterhead.url is not None:
        body += f"\nTo answer:\n{letterhead.url}{PATH}{UNSIGNED}"
    prefix = SIMULATED if letterhead.is_simulated else ""
    return Notice(ref, change.id, contact.id, change.urgency, f"{prefix}Are you all right? (ref {ref})", f"{body}\n")
