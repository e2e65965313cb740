"""What stores do they do alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqliteStores
from tests.postgres import fresh_database
from tests.storage.stores import open_fresh


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty one of each sort."""
    if request.param == "sqlite":
        with closing(open_fresh(tmp_path).database) as sqlite:
            yield sqlite
        return
    with fresh_database() as address, closing(Database(address)) as postgresql:
        postgresql.open()
        yield postgresql


@pytest.fixture
def stores(database: Database) -> SqliteStores:
    return SqliteStores(database)


@pytest.fixture
def sqlite_stores(tmp_path: Path) -> Iterator[SqliteStores]:
    """For what is SQLite's own."""
    stores = open_fresh(tmp_path)
    with closing(stores.database):
        yield stores
