"""Rows that may be there already: the one statement that SQLAlchemy has for each database by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Puts a row in unless one with a key of its own is there; whether it did."""
    insert = upsert(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(insert, row).first() is not None


def put(connection: Connection, table: Table, row: dict[str, object]) -> None:
    """Puts a row in, in the place of the one with the same primary key."""
    keys: Sequence[Column[Any]] = list(table.primary_key)
    insert = upsert(connection, table)
    changed = {name: insert.excluded[name] for name in row if not table.c[name].primary_key}
    if changed:
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), row)
    else:
        connection.execute(insert.on_conflict_do_nothing(index_elements=keys), row)
