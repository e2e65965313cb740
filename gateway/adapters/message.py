"""What an adapter is given and what it answers: the contract between the gateway and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sensor_hub.model.reading import Reading


class Message(NamedTuple):
    """One MQTT message from a source's broker; `received` is the moment at which the gateway got it."""

    topic: str
    payload: bytes
    retain: bool
    received: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message or a value that became no reading. `reason` is one of a bounded set of texts; `detail` is the case."""

    reason: str
    device: str = ""
    detail: str = ""


class Decoded(NamedTuple):
    """What a message says: its readings, and why there are no more."""

    readings: tuple[Reading, ...] = ()
    rejected: tuple[Rejected, ...] = ()


class Adapter(Protocol):
    """One source of messages, whatever its devices."""

    topics: tuple[str, ...]
    """MQTT filters to subscribe to; a new tuple where a message described more."""

    def decode(self, message: Message) -> Decoded | None:
        """The readings of the message; None when its topic is not one of this source."""
        ...
