"""Notes in the chronology what people do by pages and by commands beside the hub, where no worker stores it."""

from __future__ import annotations

import getpass
import os

from sensor_hub.access.actor import NOBODY, OPERATOR, Actor, asking
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.storage.chronology import ChronologyBook
from sensor_hub.storage.database import Database
from sensor_hub.storage.tenants import SqlTenants


def operator() -> Actor:
    """The user of the machine who runs this command; who became another by sudo is that one still."""
    return Actor(os.environ.get("SUDO_USER") or getpass.getuser(), OPERATOR)


def note_act(
    database: Database,
    act: Act,
    at: float,
    *,
    actor: Actor | None = None,
    home: str = "",
    tenant: str = "",
    about: str = "",
    detail: str = "",
) -> None:
    """Writes it, in the transaction that there is. `actor`: who asks, or runs this command, where it is not given.

    It stands in the chain of the tenant of the `home`, or of `tenant`, or of who asks.
    """
    who = actor or (operator() if asking() == NOBODY else asking())
    tenant = (SqlTenants(database).of(home) if home else None) or tenant or who.tenant or ""
    ChronologyBook(database).write(ChronologyEntry(at, tenant, who.who, who.role, act, home, about, detail))
