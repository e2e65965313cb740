"""Signs the links of a notice at the moment it is sent, and puts together what is sent as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.link import UNSIGNED
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.together import together
from sensor_hub.dispatch.ports import Notifier


class Companions(Protocol):
    def of(self, reference: str, at: float) -> Sequence[Notice]:
        """The notices that go with this one, which is being sent."""


class LinkedNotifier:
    """Hands on each notice with its links; `sign` makes the signature for a reference."""

    def __init__(
        self, notifier: Notifier, sign: Callable[[str], str], companions: Companions, now: Callable[[], float]
    ) -> None:
        self.notifier = notifier
        self.sign = sign
        self.companions = companions
        self.now = now

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`."""
        whole = [notice, *self.companions.of(notice.reference, self.now())]
        return self.notifier.send(together([self._signed(each) for each in whole]), contact)

    def _signed(self, notice: Notice) -> Notice:
        if UNSIGNED not in notice.body:
            return notice
        return replace(notice, body=notice.body.replace(UNSIGNED, self.sign(notice.reference)))
