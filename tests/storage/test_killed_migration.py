"""A migration that is killed leaves the old version, whole; the next start goes all the way, and every row is there."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from sensor_hub.storage.database import Database
from sensor_hub.storage.migrating import HEAD, version_of
from sensor_hub.storage.tables import metadata
from tests.killing import is_killed
from tests.storage.older_databases import old_rows, older, shape

APART = 7
"""Statements from one kill to the next: deaths in each revision."""


def migrate(where: Path | str) -> None:
    with closing(Database(where)) as database:
        database.open()


@pytest.mark.parametrize("kind", ["sqlite 3", "sqlite alembic", "postgresql"])
def test_killed_at_any_statement_it_is_the_old_version_or_the_new(kind: str, tmp_path: Path) -> None:
    with older(kind, tmp_path, readings=50) as where:
        with closing(Database(where)) as database:
            version, before, rows = version_of(database.connection), shape(database), old_rows(database)
        kills = 0
        for statements in count(1, APART):
            if not is_killed(lambda: migrate(where), statements):
                break
            kills += 1
            with closing(Database(where)) as database:
                assert version_of(database.connection) == version
                assert shape(database) == before
                assert old_rows(database) == rows
        assert kills >= 8
        with closing(Database(where)) as database:
            database.open()
            assert version_of(database.connection) == HEAD
            made = {(table.name, column.name) for table in metadata.sorted_tables for column in table.columns}
            assert made <= shape(database)
            assert old_rows(database) == rows
