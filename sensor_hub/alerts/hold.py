"""Who of the people that are to be told has quiet hours, and is told later. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sensor_hub.alerts.contact import Contact
from sensor_hub.model.kind import Urgency


class Held(NamedTuple):
    """A contact who is told at `until`, unless nobody has to hear of it any more."""

    contact: Contact
    until: float


def awake(contacts: Iterable[Contact], urgency: Urgency, at: float) -> tuple[list[Contact], list[Held]]:
    """Who is told now, and who later. The urgent waits for nobody."""
    now, later = [], []
    for contact in contacts:
        until = None if contact.quiet is None or urgency is Urgency.URGENT else contact.quiet.release(at)
        if until is None:
            now.append(contact)
        else:
            later.append(Held(contact, until))
    return now, later
