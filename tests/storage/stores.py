"""Stores in a fresh database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores


def open_fresh(where: Path | str) -> SqlStores:
    """In this folder, or in the database with this address."""
    database = Database(where if isinstance(where, str) else where / "hub.db")
    database.open()
    return SqlStores(database)


def rows(stores: SqlStores, select: str) -> list[tuple[Any, ...]]:
    """What stands in the tables, in words that both databases understand."""
    return [tuple(row) for row in stores.database.connection.execute(text(select))]
