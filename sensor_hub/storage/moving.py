"""The way of all of a hub's data from one database to another, SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Select, Table, column, func, insert, select, text

from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import Database
from sensor_hub.storage.tables import metadata
from sensor_hub.storage.tables.log import reading

if TYPE_CHECKING:
    import psycopg

AT_ONCE = 10_000
"""Rows between two words about progress."""
WORD = "word"
"""PostgreSQL's column for what is text among readings' values; SQLite has it in the value, behind a `=`."""

Progress = Callable[[str, int, int], object]
"""Told a table's name, how many of its rows are copied, and how many there are."""
Rows = Iterable[Sequence[Sequence[Any]]]
"""Some rows at a time. Those of readings have their word last, in whichever database."""


def move_tables(source: Database, target: Database, progress: Progress) -> dict[str, int]:
    """Copies every table from `source`, as it is at one moment, to `target`; how many rows each has there.

    All of it or nothing: cut short, it leaves `target` as empty as it was. InputError where it holds rows already,
    or where fewer or others arrive than there were.
    """
    with source.view() as old, target.transaction() as new:
        refuse_rows(target)
        copied = {table.name: _copy(old, new, table, progress) for table in metadata.sorted_tables}
        _compare(old, new, copied)
    return copied


def refuse_rows(target: Database) -> None:
    """InputError where any table holds one."""
    for table in metadata.sorted_tables:
        if target.connection.execute(select(table).limit(1)).first() is not None:
            what = f"there are data already, in the table {table.name}"
            raise InputError(what, where=target.name, expected="a database of its own for this hub, still empty")


def _copy(old: Connection, new: Connection, table: Table, progress: Progress) -> int:
    total, done = old.execute(select(func.count()).select_from(table)).scalar_one(), 0

    def counted() -> Iterator[Sequence[Sequence[Any]]]:
        nonlocal done
        for rows in _rows(old, table):
            yield rows
            done += len(rows)
            progress(table.name, done, total)

    if _is_sqlite(new):
        _put_in_sqlite(new, table, counted())
    else:
        _put_in_postgresql(new, table, counted())
    return done


def _rows(old: Connection, table: Table) -> Rows:
    statement: Select[Any] = select(table)
    if table is reading and not _is_sqlite(old):
        statement = statement.add_columns(column(WORD))
    options = {"stream_results": True, "yield_per": AT_ONCE}
    for rows in old.execute(statement, execution_options=options).partitions():
        yield [_with_word(*row) for row in rows] if table is reading and _is_sqlite(old) else rows


def _with_word(series: int, at_ms: int, value: float | str, position: int) -> tuple[Any, ...]:
    is_word = isinstance(value, str)
    return series, at_ms, None if is_word else value, position, value[1:] if isinstance(value, str) else None


def _put_in_sqlite(new: Connection, table: Table, rows: Rows) -> None:
    names = [each.name for each in table.columns]
    for some in rows:
        if table is reading:
            some = [(*row[:2], row[2] if row[4] is None else f"={row[4]}", row[3]) for row in some]
        new.execute(insert(table), [dict(zip(names, row, strict=True)) for row in some])


def _put_in_postgresql(new: Connection, table: Table, rows: Rows) -> None:
    names = [each.name for each in table.columns] + ([WORD] if table is reading else [])
    columns = ", ".join(f'"{name}"' for name in names)
    raw = cast("psycopg.Connection[Any]", new.connection.driver_connection)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as stream:
        for some in rows:
            for row in some:
                stream.write_row(row)
    _go_on_counting(new, table)


def _go_on_counting(new: Connection, table: Table) -> None:
    """The numbers that the database gives follow those that there are."""
    for each in table.primary_key:
        find = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = new.execute(find, {"table": f'"{table.name}"', "column": each.name}).scalar()
        highest = None if sequence is None else new.execute(select(func.max(each))).scalar()
        if highest is not None:
            new.execute(select(func.setval(sequence, highest)))


def _compare(old: Connection, new: Connection, copied: Mapping[str, int]) -> None:
    for table in metadata.sorted_tables:
        count = select(func.count()).select_from(table)
        before, after = old.execute(count).scalar_one(), new.execute(count).scalar_one()
        if not before == after == copied[table.name]:
            what = f"{after} of {before} rows of {table.name} arrived"
            raise InputError(what, where="the move", expected="all of them: nothing is kept of it, the old data stand")
    if _sums(old) != _sums(new):
        raise InputError("readings differ", where="the move", expected="the same: nothing is kept of it")


def _sums(connection: Connection) -> list[int]:
    is_word = "typeof(value) = 'text'" if _is_sqlite(connection) else f"{WORD} IS NOT NULL"
    words = connection.execute(text(f"SELECT count(*) FROM reading WHERE {is_word}")).scalar_one()
    sums = connection.execute(select(func.sum(reading.c.position), func.sum(reading.c.at_ms))).one()
    return [words, *(int(each or 0) for each in sums)]


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
