"""The way of a hub's data from SQLite to PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Table, func, select, text

from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import Database
from sensor_hub.storage.tables import metadata
from sensor_hub.storage.tables.log import reading

AT_ONCE = 10_000
"""Rows between two words about progress."""

Progress = Callable[[str, int, int], object]
"""Told a table's name, how many of its rows are copied, and how many there are."""


def move_tables(source: Database, target: Database, progress: Progress) -> dict[str, int]:
    """Copies every table from `source`, which nobody may write to meanwhile, to `target`; how many rows each has there.

    All of it or nothing: cut short, it leaves `target` as empty as it was. InputError where it holds rows already,
    or where fewer or others arrive than there were.
    """
    with source.view() as old, target.transaction() as new:
        _refuse_rows(new, target.name)
        copied = {table.name: _copy(old, new, table, progress) for table in metadata.sorted_tables}
        _compare(old, new, copied)
    return copied


def _refuse_rows(new: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        if new.execute(select(table).limit(1)).first() is not None:
            what = f"there are data already, in the table {table.name}"
            raise InputError(what, where=name, expected="a PostgreSQL database of its own for this hub")


def _copy(old: Connection, new: Connection, table: Table, progress: Progress) -> int:
    names = [column.name for column in table.columns] + (["word"] if table is reading else [])
    columns = ", ".join(f'"{name}"' for name in names)
    total, done = old.execute(select(func.count()).select_from(table)).scalar_one(), 0
    raw = cast("psycopg.Connection[Any]", new.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as stream:
        for rows in old.execute(select(table)).partitions(AT_ONCE):
            for row in _as_there(table, rows):
                stream.write_row(row)
            done += len(rows)
            progress(table.name, done, total)
    _go_on_counting(new, table)
    return done


def _as_there(table: Table, rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A row as PostgreSQL has it: the name of a button's action in a column of its own."""
    if table is not reading:
        yield from rows
        return
    for series, at_ms, value, position in rows:
        is_word = isinstance(value, str)
        yield series, at_ms, None if is_word else value, position, value[1:] if is_word else None


def _go_on_counting(new: Connection, table: Table) -> None:
    """The numbers that the database gives follow those that there are."""
    for column in table.primary_key:
        find = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = new.execute(find, {"table": f'"{table.name}"', "column": column.name}).scalar()
        if sequence is not None:
            highest = new.execute(select(func.max(column))).scalar()
            if highest is not None:
                new.execute(select(func.setval(sequence, highest)))


def _compare(old: Connection, new: Connection, copied: Mapping[str, int]) -> None:
    for table in metadata.sorted_tables:
        count = select(func.count()).select_from(table)
        before, after = old.execute(count).scalar_one(), new.execute(count).scalar_one()
        if not before == after == copied[table.name]:
            what = f"{after} of {before} rows of {table.name} arrived"
            raise InputError(what, where="the move", expected="all of them: nothing is kept of it, the old data stand")
    sums = select(func.count(reading.c.value), func.sum(reading.c.position), func.sum(reading.c.at_ms))
    # Words count in SQLite's column of values, and have one of their own in PostgreSQL.
    words = new.execute(text("SELECT count(*) FROM reading WHERE word IS NOT NULL")).scalar_one()
    (values, *there), here = new.execute(sums).one(), old.execute(sums).one()
    if (values + words, *there) != tuple(here):
        raise InputError("readings differ", where="the move", expected="the same: nothing is kept of it")
