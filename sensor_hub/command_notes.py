"""Notes in the chronology what is done by commands beside the hub, on its own machine."""

from __future__ import annotations

import getpass
import os

from sensor_hub.access.actor import OPERATOR
from sensor_hub.access.chronology import Act, ChronologyEntry
from sensor_hub.clock import Clock
from sensor_hub.storage.stores import SqliteStores


def operator() -> str:
    """The user of the machine who runs this command; who became another by sudo is that one still."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def note_command(stores: SqliteStores, act: Act, *, home: str = "", about: str = "", detail: str = "") -> None:
    """Writes it, in the transaction that there is."""
    tenant = (stores.tenants.of(home) if home else None) or ""
    entry = ChronologyEntry(Clock().wall(), tenant, operator(), OPERATOR, act, home, about, detail)
    stores.chronology.write(entry)
