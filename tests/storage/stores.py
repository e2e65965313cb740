"""Stores in a fresh database."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqliteStores


def open_fresh(folder: Path) -> SqliteStores:
    database = Database(folder / "hub.db")
    database.open()
    return SqliteStores(database)
