"""A notice on its way to one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from sensor_hub.alerts.channel import Channel, Tried, Ways
from sensor_hub.alerts.notice import Notice


class NoticeState(StrEnum):
    WAITING = "waiting"
    """To be sent, or sent again after a failure."""
    SENDING = "sending"
    DELIVERED = "delivered"
    """A service took it."""
    ARRIVED = "arrived"
    """The service has said that the person's telephone or mailbox has it."""
    FAILED = "failed"
    """Given up."""
    UNKNOWN = "unknown"
    """The hub stopped, or the service fell silent, between asking and hearing: a person must look."""
    WITHHELD = "withheld"
    """Nobody has to hear of it any more."""
    REFUSED = "refused"
    """In the ledger only: it never arrives by this channel."""
    BOUNCED = "bounced"
    """In the ledger only: a service that took it has said that it did not arrive."""


class Start(Enum):
    """Whether a notice may go now, as decided right before the call."""

    GO = "nobody has taken the alert yet"
    TAKEN = "somebody has acknowledged or closed the alert"
    ENDED = "the condition ended before the notice was sent"
    GONE = "it is not waiting any more"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`attempts` were made before; `is_again` when one of them may have arrived."""

    notice: Notice
    attempts: int = 0
    is_again: bool = False
    tried: Mapping[str, Tried] = field(default_factory=dict)
    """What became of it so far, by channel."""
    broken: frozenset[str] = frozenset()
    """Channels of the contact that are marked as broken."""

    def ways(self, channels: Sequence[Channel]) -> Ways:
        """How it may go to a contact with these channels."""
        only = self.notice.channel
        return Ways([each for each in channels if only in {"", each.key}], self.tried, self.broken)

    def marked(self) -> Notice:
        """The notice as it goes out: one that may have arrived before says so, under the same reference."""
        if not self.is_again:
            return self.notice
        return replace(self.notice, title=self.notice.title.replace("(ref ", "(again, ref ", 1))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a notice to the service of one channel; `number` counts those of the notice from 1."""

    reference: str
    number: int
    channel: Channel
