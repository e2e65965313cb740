"""Databases as earlier programs left them, with data in them, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from sensor_hub.storage.before_alembic import STEPS, statements
from sensor_hub.storage.database import Database
from tests.postgres import fresh_database

START_MS = 1_767_605_000_000
OLD_TABLES = {
    "home": "INSERT INTO home (id, name) VALUES (1, 'h1')",
    "series": "INSERT INTO series (id, home, device, metric) VALUES (1, 1, 'm1', 'motion')",
    "alert": (
        "INSERT INTO alert (id, home, kind, subject, urgency, since_ms, raised_ms, summary, evidence, handled)"
        " VALUES ('a1', 'h1', 'cold', '', 'urgent', 1, 2, 'cold', '{}', 'open')"
    ),
}
"""What every version has, with a row of each; readings and entries are as many as are asked for."""


def fill(database: Database, readings: int) -> None:
    """As a program of long ago would have."""
    with database.transaction() as connection:
        for statement in OLD_TABLES.values():
            connection.exec_driver_sql(statement)
        for number in range(1, readings + 1):
            told = {"position": number, "at_ms": START_MS + number, "value": number / 4}
            connection.execute(text(ENTRY), told)
            connection.execute(text(READING), told)


ENTRY = (
    "INSERT INTO entry (position, home, received_ms, kind, first_ms, last_ms)"
    " VALUES (:position, 1, :at_ms, 'readings', :at_ms, :at_ms)"
)
READING = "INSERT INTO reading (series, at_ms, value, position) VALUES (1, :at_ms, :value, :position)"


def before_alembic(file: Path, version: int, readings: int) -> None:
    """A SQLite database of this version of the steps before Alembic."""
    with closing(sqlite3.connect(file)) as old:
        for step in STEPS[:version]:
            for statement in statements(step):
                old.execute(statement)
        old.execute(f"PRAGMA user_version = {version}")
        old.commit()
    with closing(Database(file)) as database:
        fill(database, readings)


def first_of_alembic(database: Database, readings: int) -> None:
    """Alembic's first version, on either database."""
    config = Config()
    config.set_main_option("script_location", "sensor_hub.storage:migrations")
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA user_version = 15")
    fill(database, readings)


@contextmanager
def older(kind: str, folder: Path, readings: int) -> Iterator[Path | str]:
    """`sqlite N` of the step N, `sqlite alembic` and `postgresql` of Alembic's first version: where it is."""
    if kind == "postgresql":
        with fresh_database(has_tables=False) as address:
            with closing(Database(address)) as database:
                first_of_alembic(database, readings)
            yield address
        return
    file = folder / "hub.db"
    if kind == "sqlite alembic":
        with closing(Database(file)) as database:
            first_of_alembic(database, readings)
    else:
        before_alembic(file, int(kind.removeprefix("sqlite ")), readings)
    yield file


def old_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """What `fill` wrote, as it is now."""
    told = {
        "home": "SELECT id, name FROM home",
        "series": "SELECT id, home, device, metric FROM series",
        "alert": "SELECT id, home, kind, urgency, summary, evidence, handled FROM alert",
        "entry": "SELECT position, home, received_ms, kind, first_ms, last_ms FROM entry ORDER BY position",
        "reading": "SELECT series, at_ms, value, position FROM reading ORDER BY at_ms",
    }
    rows = {table: database.connection.exec_driver_sql(select).all() for table, select in told.items()}
    return {table: [tuple(row) for row in found] for table, found in rows.items()}


def shape(database: Database) -> set[tuple[str, str]]:
    """Tables and their columns."""
    if database.is_sqlite:
        select = (
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
        )
    else:
        select = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    return {(str(table), str(column)) for table, column in database.connection.exec_driver_sql(select)}
