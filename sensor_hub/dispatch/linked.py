"""Signs the link of a notice at the moment it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.link import UNSIGNED
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.ports import Notifier


class LinkedNotifier:
    """Hands on each notice with its link; `sign` makes the signature for a reference."""

    def __init__(self, notifier: Notifier, sign: Callable[[str], str]) -> None:
        self.notifier = notifier
        self.sign = sign

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`."""
        if UNSIGNED in notice.body:
            notice = replace(notice, body=notice.body.replace(UNSIGNED, self.sign(notice.reference)))
        return self.notifier.send(notice, contact)
