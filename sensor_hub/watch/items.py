"""What is handed to the watch's worker: messages of gateways, and acts of people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from sensor_hub.access.actor import Actor, asking
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.consent import Agreed, Data, Decision, Told, withdrawn
from sensor_hub.model.kind import Kind
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for: `done` says what became of it."""

    actor: Actor = field(default_factory=asking)
    done: Future[Taken] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Acknowledge(Asked):
    alert: str
    by: str


@dataclass(frozen=True, slots=True)
class PassOn(Asked):
    """Somebody who was told cannot act: those who follow are told at once."""

    alert: str
    by: str


@dataclass(frozen=True, slots=True)
class Close(Asked):
    alert: str
    closing: Closing


@dataclass(frozen=True, slots=True)
class Place(Asked):
    """A device stands in this room from now on, says `by`."""

    home: str
    device: str
    room: Room
    by: str
    version: int | None = None
    """Of where it was said to stand before; None: any."""


@dataclass(frozen=True, slots=True)
class Replace(Asked):
    """Another device stands where this one stood, says `by`: this one is gone."""

    home: str
    device: str
    by_device: str
    by: str


@dataclass(frozen=True, slots=True)
class TakeAway(Asked):
    """A device stands nowhere any more, says `by`."""

    home: str
    device: str
    by: str
    version: int | None = None
    """As of `Place`."""


@dataclass(frozen=True, slots=True)
class ForgetOutcomes(Asked):
    """What people said of a home's alerts of a kind shall not move its limits any more."""

    home: str
    kind: Kind
    by: str


@dataclass(frozen=True, slots=True)
class TellStay(Asked):
    """Nobody is at home, or somebody is with the resident, from `start` to `end`, says `by`.

    `is_new`: no other may begin then. Otherwise it is told of the one that begins then when it ends: at once or where
    it begins, where it is not so any more.
    """

    home: str
    stay: Stay
    start: float
    end: float
    by: str
    is_new: bool
    version: int | None = None
    """Of the one that is there; None: any."""

    @property
    def span(self) -> tuple[float, float]:
        return self.start, max(self.start, self.end)


@dataclass(frozen=True, slots=True)
class SetSilence(Asked):
    silence: Silence


@dataclass(frozen=True, slots=True)
class EndSilence(Asked):
    """Before its time, says `by`."""

    silence: str
    by: str


@dataclass(frozen=True, slots=True)
class Agree(Asked):
    """This was decided for the home's resident; `by` writes it down."""

    home: str
    decision: Decision
    by: str
    version: int | None = None
    """Of the decision that held before, 0 where there was none; None: any."""

    def decided(self, _before: Agreed | None) -> Decision:
        return self.decision


@dataclass(frozen=True, slots=True)
class Withdraw(Asked):
    """These kinds of data are not agreed any more; `by` writes it down."""

    home: str
    data: frozenset[Data]
    told: Told
    by: str

    def decided(self, before: Agreed | None) -> Decision:
        return withdrawn(before, self.data, self.told)


@dataclass(frozen=True, slots=True)
class Erase(Asked):
    """All that is kept of a home is to be erased, at once; `by` asks for it."""

    home: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Save:
    """The home's snapshot is to be taken anew: the one before knows what must be forgotten."""

    home: str
    done: Future[Taken] = field(default_factory=Future)


Act = (
    Acknowledge
    | PassOn
    | Close
    | Place
    | Replace
    | TakeAway
    | ForgetOutcomes
    | TellStay
    | SetSilence
    | EndSilence
    | Agree
    | Withdraw
    | Erase
)
Item = BatchCame | StatusCame | Save | Act
