"""Databases with a row in every table: one as the last program before Alembic left it, and what came since."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select

from sensor_hub.model.entry import HomeSet, entry_row
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from sensor_hub.storage.before_alembic import STEPS, statements
from sensor_hub.storage.database import Database
from sensor_hub.storage.migrating import BY_STEPS
from sensor_hub.storage.tables import metadata

T = 1_767_605_000
HOME = Home("h1", "Europe/London", 1, (Device("m1", Room.HALL, frozenset({Metric.MOTION}), 600.0),))
LOG: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("home", (1, "h1")),
    ("series", (1, 1, "m1", "motion")),
    ("series", (2, 1, "b1", "button")),
    ("entry", (1, 1, T * 1000, "settings", json.dumps(entry_row(HomeSet(float(T), HOME))), None, None)),
    ("entry", (2, 1, (T + 9) * 1000, "readings", None, T * 1000, (T + 1) * 1000)),
    ("reading", (1, T * 1000, 1.0, 2)),
    ("reading", (2, (T + 1) * 1000, "=1", 2)),
)
"""What belongs together; of the other tables each row stands by itself."""

KINDS: dict[type, str] = {int: "INTEGER", float: "REAL", bytes: "BLOB", str: "TEXT"}


def write_before_alembic(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that it has, by table."""
    with closing(sqlite3.connect(file)) as old:
        for step in STEPS:
            for statement in statements(step):
                old.execute(statement)
        for table, row in LOG:
            _insert(old, table, row)
        tables = [name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables.remove("sqlite_sequence")
        for table in tables:
            if table not in {name for name, _ in LOG}:
                columns = old.execute(f"SELECT name, type FROM pragma_table_info('{table}')").fetchall()
                _insert(old, table, tuple(_value(f"{table}.{name}", kind) for name, kind in columns))
        old.execute(f"PRAGMA user_version = {BY_STEPS}")
        old.commit()
        return {table: old.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def fill_empty(database: Database) -> None:
    """A row in each table that has none."""
    for table in metadata.sorted_tables:
        if not count_of(database, table):
            row = {
                column.name: _value(f"{table.name}.{column.name}", KINDS[column.type.python_type])
                for column in table.columns
            }
            with database.transaction() as connection:
                connection.execute(insert(table), row)


def count_of(database: Database, table: Table) -> int:
    return database.connection.execute(select(func.count()).select_from(table)).scalar_one()


def _insert(old: sqlite3.Connection, table: str, row: tuple[Any, ...]) -> None:
    old.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _value(name: str, kind: str) -> object:
    """One of its own for each column, so that one in another's place shows."""
    number = sum(name.encode())
    return {"INTEGER": number, "REAL": number + 0.5, "BLOB": name.encode(), "TEXT": name}[kind]
