"""Who is at work, as the chronology names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

OPERATOR = "operator"
"""The role of who runs commands beside the hub, on its own machine."""
CONTACT = "contact"
"""The role of who answers a notice without signing in."""
GATEWAY = "gateway"
"""The role of a gateway that joins."""
HUB = "hub"
"""The role of the hub itself."""


@dataclass(frozen=True, slots=True)
class Actor:
    who: str
    """The id of an account or token; a contact and by which way; a user of the machine."""
    role: str
    tenant: str | None = None
    """None: all tenants."""


NOBODY = Actor("", "")
"""Nobody has said who they are."""
# A request passes through many rooms, and what it changes is written by another thread: who asks goes along with it
# here, so that no act can be handed on without.
_asking: ContextVar[Actor] = ContextVar("asking", default=NOBODY)


def asking() -> Actor:
    """Who asks for what happens now."""
    return _asking.get()


@contextmanager
def asked_by(actor: Actor) -> Iterator[None]:
    """Within, `asking` is this one; also in what is started from within."""
    token = _asking.set(actor)
    try:
        yield
    finally:
        _asking.reset(token)
