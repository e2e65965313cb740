"""Residents' records and response cards in a real database, with a real chronology."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from sensor_hub.desk.people import StoredPeople
from sensor_hub.storage.chronology import ChronologyBook
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.people import SqlPeople
from sensor_hub.storage.tables.chronology import chronology
from sensor_hub.storage.vault import Vault
from tests.web.builders import MemoryHub
from tests.web.roles import TENANTS


@contextmanager
def stored_people(folder: Path, hub: MemoryHub) -> Iterator[StoredPeople]:
    """Its key is `hub.key` in the folder."""
    database = Database(folder / "data" / DATABASE)
    database.open()
    vault = Vault(KeyFile(folder / "hub.key"), SqlHubMemory(database))
    vault.start()
    yield StoredPeople(SqlPeople(database, vault), ChronologyBook(database), TENANTS.get, lambda: hub.at)
    database.close()


def entries(people: StoredPeople) -> list[tuple[str, ...]]:
    """Who, in which role, did what in which home, about what; oldest first."""
    columns = [chronology.c[name] for name in ("who", "role", "act", "home", "about", "detail")]
    rows = people.people.database.connection.execute(
        select(*columns).order_by(chronology.c.tenant, chronology.c.number)
    )
    return [tuple(row) for row in rows]
