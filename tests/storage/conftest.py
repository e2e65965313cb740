"""What stores do they do alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from tests.storage.stores import open_fresh


@pytest.fixture
def database(where: Path | str) -> Iterator[Database]:
    """An empty one of each sort."""
    with closing(open_fresh(where).database) as database:
        yield database


@pytest.fixture
def stores(database: Database) -> SqlStores:
    return SqlStores(database)


@pytest.fixture
def sqlite_stores(tmp_path: Path) -> Iterator[SqlStores]:
    """For what is SQLite's own."""
    stores = open_fresh(tmp_path)
    with closing(stores.database):
        yield stores
