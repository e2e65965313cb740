"""A notice on its way to one person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from sensor_hub.alerts.notice import Notice


class NoticeState(StrEnum):
    WAITING = "waiting"
    """To be sent, or sent again after a failure."""
    SENDING = "sending"
    DELIVERED = "delivered"
    """A service took it."""
    FAILED = "failed"
    """Given up."""
    UNKNOWN = "unknown"
    """The hub stopped, or the service fell silent, between asking and hearing: a person must look."""
    WITHHELD = "withheld"
    """Nobody has to hear of it any more."""


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

    def marked(self) -> Notice:
        """The notice as it goes out: one that may have arrived before says so, under the same reference."""
        if not self.is_again:
            return self.notice
        return replace(self.notice, title=self.notice.title.replace("(ref ", "(again, ref ", 1))
