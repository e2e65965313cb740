"""The part of `hub.toml` that says where the hub's database is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.storage.database import address_trouble


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    url: str | None = field(default=None, repr=False)
    """Of PostgreSQL, with its password; None: a file of SQLite in the data folder."""


def read_database(table: Table, folder: Path) -> DatabaseSettings:
    """InputError where the address is none of a PostgreSQL database."""
    url = read_secret(table, "url", folder)
    table.done()
    trouble = None if url is None else address_trouble(url)
    if trouble is not None:
        # Never with the address itself: it holds a password.
        raise InputError("url cannot be used", where=table.where, expected=trouble)
    return DatabaseSettings(url)
