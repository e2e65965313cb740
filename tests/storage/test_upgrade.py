"""Nothing of an older hub's data is lost on the way to this program's version, nor by `move` from there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sensor_hub.storage.database import Database
from sensor_hub.storage.migrating import HEAD, version_of
from sensor_hub.storage.moving import move_tables
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.tables import metadata
from tests.postgres import fresh_database
from tests.storage.full_databases import HOME, count_of, fill_empty, write_before_alembic


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Of all tables but that of readings, which each database keeps in its own way."""
    tables = [table for table in metadata.sorted_tables if table.name != "reading"]
    found = {table.name: database.connection.execute(select(table)).all() for table in tables}
    return {name: sorted(map(tuple, each), key=repr) for name, each in found.items()}


def test_every_row_of_the_last_version_before_alembic_is_there(tmp_path: Path) -> None:
    before = write_before_alembic(tmp_path / "hub.db")
    assert min(map(len, before.values())) > 0
    with closing(Database(tmp_path / "hub.db")) as database:
        database.open()
        assert version_of(database.connection) == HEAD
        for table, old in before.items():
            width = len(old[0])
            now = database.connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert [tuple(row)[:width] for row in now] == old, table
        ((_, home), *arrivals) = SqlStores(database).log.read("h1")
        assert home.home == HOME  # type: ignore[union-attr]
        assert [arrival.reading.value for _, arrival in arrivals] == [1.0, "1"]  # type: ignore[union-attr]


def test_every_row_goes_on_to_postgresql(tmp_path: Path) -> None:
    write_before_alembic(tmp_path / "hub.db")
    with (
        fresh_database(has_tables=False) as address,
        closing(Database(tmp_path / "hub.db")) as old,
        closing(Database(address)) as new,
    ):
        old.open()
        fill_empty(old)
        new.open()
        copied = move_tables(old, new, lambda *_: None)
        assert min(copied.values()) > 0
        assert {table.name: count_of(new, table) for table in metadata.sorted_tables} == copied
        assert rows(new) == rows(old)
        assert list(SqlStores(new).log.read("h1")) == list(SqlStores(old).log.read("h1"))
