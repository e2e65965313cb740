"""What those need from the rest of the hub who come without its password: gateways with a code, people with a link.

See `ports` for what else holds of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sensor_hub.model.kind import Kind, Urgency


@dataclass(frozen=True, slots=True)
class JoinGrant:
    """What a gateway needs to send its home's readings."""

    tenant: str
    home: str
    host: str
    port: int
    has_tls: bool
    username: str
    password: str = field(repr=False)
    ca: str | None = None
    """The certificate of the authority that signed the broker's; None: a public one did, or there is no TLS."""


class JoinRefusal(Enum):
    """Why a gateway may not join. All but the first and the last two are told only to who knows the whole code."""

    WRONG = "This is not a code of this hub. Look at it again: five wrong tries lock it."
    USED = "This code was used already. Ask for a new one: sensor-hub gateway add."
    EXPIRED = "This code is too old: one lasts 24 hours. Ask for a new one: sensor-hub gateway add."
    LOCKED = "This code is locked after five wrong tries. Ask for a new one: sensor-hub gateway add."
    BUSY = "Too many gateways ask at once. Wait a minute and try again."
    CLOSED = "The hub cannot let gateways in now; its log says why. The code was not used up."


class HubJoins(Protocol):
    """Lets gateways in with a code that somebody who runs the hub has made for their home."""

    def join(self, code: str, *, version: str) -> JoinGrant | JoinRefusal:
        """Uses up the code: the gateway of its home has a fresh password from now on, and its old one is void."""
        ...


class LinkState(Enum):
    """How the alert of a link stands, for the person whose link it is."""

    OPEN = "nobody has taken it"
    MINE = "this person has taken it by a link"
    OTHERS = "somebody has taken it otherwise"
    ENDED = "the condition ended before anybody took it"
    ASKED = "nobody has taken it, and this person is its resident: whether all is well"


class Unusable(Enum):
    """Why a link is of no use. Whoever asks is not told which."""

    FORGED = "this hub did not sign it, or not with the key that it has now"
    VOID = "too old, used up, of a person who is told no more, or of an alert that is gone or was raised anew"


@dataclass(frozen=True, slots=True)
class Linked:
    """What the link in a notice is about; `by` is its person as histories name them."""

    reference: str
    alert: str
    by: str
    kind: Kind
    urgency: Urgency
    state: LinkState


class HubLinks(Protocol):
    def find(self, text: str) -> Linked | Unusable:
        """What the link with this signature is about."""
        ...
