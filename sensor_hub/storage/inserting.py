"""Rows that may be there already: the one statement that SQLAlchemy has for each database by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert = sqlite.Insert | postgresql.Insert


def upsert(connection: Connection, table: Table) -> Upsert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return _upsert(connection.dialect.name, table)


def insert_new(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Puts a row in unless one with a key of its own is there; whether it did."""
    return connection.execute(_new(connection.dialect.name, table), row).rowcount == 1


def put(connection: Connection, table: Table, row: dict[str, object], *, changes: Sequence[str] = ()) -> None:
    """Puts a row in. One with the same primary key becomes as this one is, or (`changes`) in these columns only."""
    connection.execute(_put(connection.dialect.name, table, tuple(changes or row)), row)


def _upsert(dialect: str, table: Table) -> Upsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


# What is built once is compiled once, and found again without being looked through.
@cache
def _new(dialect: str, table: Table) -> Upsert:
    return _upsert(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@cache
def _put(dialect: str, table: Table, names: tuple[str, ...]) -> Upsert:
    insert = _upsert(dialect, table)
    keys = list(table.primary_key)
    changed = {name: insert.excluded[name] for name in names if not table.c[name].primary_key}
    if changed:
        return insert.on_conflict_do_update(index_elements=keys, set_=changed)
    return insert.on_conflict_do_nothing(index_elements=keys)
