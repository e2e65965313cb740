"""A notice about more than one alert, which comes at a time and not with an alert. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Letterhead, Notice, Purpose
from sensor_hub.model.kind import Urgency


def round_notice(key: str, contact: Contact, title: str, blocks: Sequence[str], letterhead: Letterhead) -> Notice:
    """`key` tells it from all others to this contact: the same one made again is the same notice."""
    reference = hashlib.blake2b(f"round\n{key}\n{contact.id}".encode(), digest_size=5).hexdigest()
    title = f"{title} (ref {reference})"
    if letterhead.is_simulated:
        title, blocks = SIMULATED + title, [SIMULATED_LINE, *blocks]
    return Notice(reference, "", contact.id, Urgency.SOON, title, "\n\n".join(blocks) + "\n", Purpose.ROUND)


def all_alerts(letterhead: Letterhead, words: str = "All alerts:", page: str = "/") -> list[str]:
    """Where the rest is; nothing where it is not known how readers reach the pages."""
    return [] if letterhead.url is None else [f"{words}\n{letterhead.url}{page}"]
