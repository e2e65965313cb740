"""What dispatch needs from the rooms around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Delivery, Start
from sensor_hub.alerts.notice import Notice


class Time(Protocol):
    """`now` is what people read in a history; `wall` is what retries are timed by."""

    def now(self) -> float: ...
    def wall(self) -> float: ...


class Outbox(Protocol):
    """Notices and how far each has come. Every step is on disk before the next begins."""

    def due(self, contact: str, wall: float) -> Sequence[Delivery]: ...

    def next_due(self, contact: str) -> float | None: ...

    def start(self, reference: str, at: float) -> Start:
        """Waiting → sending, unless nobody has to hear of it any more."""

    def delivered(self, reference: str, at: float) -> None: ...

    def failed(self, reference: str, at: float, error: str, retry_at: float | None) -> None: ...

    def unheard(self, reference: str, at: float, error: str, retry_at: float | None) -> None:
        """Whether it arrived is not known: an urgent one goes once more, marked; others wait for a person's look."""

    def recover(self, at: float) -> tuple[int, int]: ...


class NotifyError(Exception):
    """A service did not take a notice. `permanent`: it never will, as things are set up."""

    def __init__(self, what: str, *, permanent: bool = False) -> None:
        super().__init__(what)
        self.permanent = permanent


class UnheardError(NotifyError):
    """A service has the notice and did not say whether it took it."""


class Notifier(Protocol):
    def send(self, notice: Notice, contact: Contact) -> str | None:
        """Hands over one notice; returns only when a service took it. NotifyError otherwise.

        Gives the service's own id of the message, by which it tells later what became of it; None where it has none.
        """
