"""What dispatch needs from the rooms around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt, Delivery, Start
from sensor_hub.alerts.notice import Notice


class Time(Protocol):
    """`now` is what people read in a history; `wall` is what retries are timed by."""

    def now(self) -> float: ...
    def wall(self) -> float: ...


class Outbox(Protocol):
    """Notices and how far each has come. Every step is on disk before the next begins."""

    def add(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts one in that is about no alert; one with the same reference stays as it is."""

    def due(self, contact: str, wall: float) -> Sequence[Delivery]: ...

    def next_due(self, contact: str) -> float | None: ...

    def start(self, attempt: Attempt, at: float) -> Start:
        """Waiting → sending, unless nobody has to hear of it any more."""

    def delivered(self, attempt: Attempt, at: float, provider_id: str | None = None) -> None:
        """The service took it, and calls it `provider_id` where it has such names. The channel is not broken."""

    def failed(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """It was not taken: is tried again at the real moment `retry_at`, or is given up (None)."""

    def refused(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """The channel never takes it: it is broken. By another one at `retry_at`, or given up."""

    def unheard(
        self, attempt: Attempt, at: float, error: str, retry_at: float | None, provider_id: str | None = None
    ) -> None:
        """Whether it arrived is not known; receipts may call it `provider_id`.

        By another channel at `retry_at`, marked; None: nothing more is done.
        """

    def find(self, reference: str) -> Delivery | None:
        """The notice with this reference, whatever became of it."""

    def arrived(self, reference: str, channel: str, at: float) -> None:
        """The service of the channel that took it says that the person has it."""

    def bounced(self, reference: str, channel: str, at: float, error: str, retry_at: float | None) -> None:
        """The service that took it says that it did not arrive. By another channel at `retry_at`, or given up."""

    def broken(self, attempt: Attempt, at: float, error: str) -> None:
        """The channel takes nothing any more, as was heard after it had taken the notice."""

    def stuck(self) -> Sequence[tuple[Delivery, str]]:
        """What was being sent when the hub stopped, each with its channel's key."""


class Broken(Protocol):
    """A channel that takes nothing since some moment, and why."""

    @property
    def contact(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def since(self) -> float: ...
    @property
    def why(self) -> str: ...


class Channels(Protocol):
    def broken(self, *, untold: bool = False) -> Sequence[Broken]:
        """Channels that take nothing; `untold`: of which nobody has heard yet."""

    def told(self, key: str, at: float) -> None:
        """Somebody is told of it."""


class NotifyError(Exception):
    """A service did not take a notice. `permanent`: it never will, as things are set up."""

    def __init__(self, what: str, *, permanent: bool = False) -> None:
        super().__init__(what)
        self.permanent = permanent


class UnheardError(NotifyError):
    """A service has the notice and did not say whether it took it.

    `provider_id`: what receipts will call it, where that does not rest on the answer.
    """

    def __init__(self, what: str, *, provider_id: str | None = None) -> None:
        super().__init__(what)
        self.provider_id = provider_id


class Notifier(Protocol):
    def send(self, notice: Notice, contact: Contact) -> str | None:
        """Hands over one notice; returns only when a service took it. NotifyError otherwise.

        Gives the service's own id of the message, by which it tells later what became of it; None where it has none.
        """
