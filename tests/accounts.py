"""Accounts in a fresh database, with a key of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from argon2 import PasswordHasher

from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.vault import Vault

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Memory(dict[str, str]):
    keep = dict.__setitem__


@contextmanager
def open_access(where: Path | str, folder: Path) -> Iterator[AccessStores]:
    """The stores of accounts in the database `where`; the key of personal data lies in the folder."""
    vault = Vault(KeyFile(folder / "hub.key"), Memory())
    vault.start()
    with closing(Database(where)) as database:
        database.open()
        yield AccessStores(database, vault)
