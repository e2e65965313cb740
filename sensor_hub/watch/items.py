"""What is handed to the watch's worker: messages of gateways, and acts of people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from sensor_hub.model.kind import Kind
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, Status, Stored
from sensor_hub.watch.ports import Closing, Rejection, Taken

Reply = Callable[[Stored], None]
"""Sends the hub's answer to the gateway that the message came from."""


@dataclass(frozen=True, slots=True)
class BatchCame:
    """A batch, and what of it was rejected. Without a readable header there is no batch, and nothing to answer."""

    home: str
    batch: Batch | None
    rejections: tuple[Rejection, ...]
    reply: Reply
    tenant: str


@dataclass(frozen=True, slots=True)
class StatusCame:
    """What a gateway says of itself; each stream it names is answered with how far it is stored."""

    home: str
    status: Status
    reply: Reply
    tenant: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    alert: str
    by: str
    done: Future[Taken] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Close:
    alert: str
    closing: Closing
    done: Future[Taken] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Place:
    """A device stands in this room from now on, says `by`."""

    home: str
    device: str
    room: Room
    by: str
    done: Future[Taken] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class ForgetOutcomes:
    """What people said of a home's alerts of a kind shall not move its limits any more."""

    home: str
    kind: Kind
    by: str
    done: Future[Taken] = field(default_factory=Future)


Act = Acknowledge | Close | Place | ForgetOutcomes
Item = BatchCame | StatusCame | Act
