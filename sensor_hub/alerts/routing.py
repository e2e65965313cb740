"""Who is told of which change of an alert. Pure; every decision has a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sensor_hub.alerts.contact import Contact
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import KINDS, Urgency


class Reason(Enum):
    """Why a change is told to people, or is not."""

    RAISED = "a new alert that somebody must act on"
    MORE_URGENT = "the alert has become more urgent"
    ENDED = "the condition ended: nobody has to act"
    CAN_WAIT = "it waits for the weekly review"
    SAME_URGENCY = "no more urgent than what was told before"
    NOBODY = "no contact receives alerts of this sort"


@dataclass(frozen=True, slots=True)
class Route:
    contacts: tuple[Contact, ...]
    reason: Reason


def route(change: AlertChange, urgency_before: Urgency | None, contacts: Sequence[Contact]) -> Route:
    """The contacts that hear of `change`; `urgency_before` is the alert's before it, None where it was not open."""
    reason = _judge(change, urgency_before)
    if reason not in {Reason.RAISED, Reason.MORE_URGENT}:
        return Route((), reason)
    audience = KINDS[change.kind].audience
    receivers = tuple(contact for contact in contacts if audience in contact.receives)
    return Route(receivers, reason if receivers else Reason.NOBODY)


def _judge(change: AlertChange, urgency_before: Urgency | None) -> Reason:
    if change.state is AlertState.CLEARED:
        return Reason.ENDED
    if not change.urgency.interrupts:
        return Reason.CAN_WAIT
    if change.state is AlertState.RAISED:
        return Reason.RAISED
    if urgency_before is not None and change.urgency.rank <= urgency_before.rank:
        return Reason.SAME_URGENCY
    return Reason.MORE_URGENT
