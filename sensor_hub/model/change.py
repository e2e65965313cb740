"""What changes in the hub, as whoever listens is told: that it did, and where to read it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class What(StrEnum):
    """What changed; its value is the event's type. `about` and `detail` of the change are said behind each."""

    ALERT_RAISED = "alert.raised"
    """The alert, here and below; its urgency. Also one that was closed and is raised anew."""
    ALERT_UPDATED = "alert.updated"
    ALERT_CLEARED = "alert.cleared"
    """The condition ended, which closes it unless somebody took it or it is an alarm."""
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_CLOSED = "alert.closed"
    """By a person."""
    ALERT_LAPSED = "alert.lapsed"
    """Nobody has it any more, who had it."""
    ALERT_TOLD = "alert.told"
    """It went a step on, and people are told."""
    ALERT_KEPT_BACK = "alert.kept_back"
    """Why: `covered`, `silenced` or `held`."""
    ALERT_PASSED_ON = "alert.passed_on"
    ALERT_EXHAUSTED = "alert.exhausted"
    """Everybody who should act was told, and nobody answered; or there was nobody to tell."""

    SILENCE_SET = "silence.set"
    """The silence; its kinds, empty for all. `home` is its pattern of homes."""
    SILENCE_ENDED = "silence.ended"

    ABSENCE_TOLD = "absence.told"
    """Somebody said that a home is empty for a time, or took it back."""
    VISIT_TOLD = "visit.told"

    DEVICE_PLACED = "device.placed"
    """The device; its room."""
    DEVICE_GONE = "device.gone"
    """The device; which took its place, empty: it was taken away."""
    HOME_CHANGED = "home.changed"
    """Its description, or what outcomes moved."""
    HOME_COVERAGE = "home.coverage"
    """What cannot be seen of it has changed; now `seen`, `in part` or `wholly` unseen."""
    GATEWAY_JOINED = "gateway.joined"
    GATEWAY_REMOVED = "gateway.removed"
    GATEWAY_REACHED = "gateway.reached"
    """It says that it is there again."""
    GATEWAY_LOST = "gateway.lost"
    """It said goodbye, or its broker says that it is gone."""

    CONSENT_CHANGED = "consent.changed"
    CONTACT_UNREACHED = "contact.unreached"
    """The contact: a notice to them was given up."""
    HUB_STARTED = "hub.started"

    TENANCY = "tenancy"
    """Whose a home is; the tenant, empty: nobody's. Never told to who listens, as the next one."""
    ACCESS = "access"
    """Somebody's right to look may have ended or changed."""


HIDDEN = frozenset({What.TENANCY, What.ACCESS})


class Change(NamedTuple):
    """One change. It holds nothing of a person."""

    position: int
    """In the order of all changes; there are gaps."""
    mark: int
    """By which it is known, should another one ever have its position: after a backup was restored."""
    at: float
    """By the hub's clock."""
    what: What
    home: str = ""
    """Empty for what is of no home."""
    about: str = ""
    """The id of the thing that changed; empty where that is the home."""
    kind: str = ""
    """Of an alert."""
    detail: str = ""
