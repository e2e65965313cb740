"""The log. Its readings are written and read by the log alone, which knows how each database keeps them best."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from sensor_hub.storage.tables.base import Real, Whole, metadata, number, row_number, text

entry = Table(
    "entry",
    metadata,
    row_number("position"),
    Column("home", Whole, ForeignKey("home.id"), nullable=False),
    number("received_ms"),
    text("kind"),
    Column("body", Text),
    Column("first_ms", Whole),
    Column("last_ms", Whole),
    sqlite_autoincrement=True,
)
"""`first_ms` and `last_ms` bound the moments of a batch's readings, so that they are found without an index."""
Index("entry_of_home", entry.c.home, entry.c.position)
_told = entry.c.kind != "readings"
Index("entry_not_readings", entry.c.home, entry.c.position, sqlite_where=_told, postgresql_where=_told)
"""What describes a home is found without reading past its readings. The term is repeated by the queries that use it."""

reading = Table(
    "reading",
    metadata,
    Column("series", Whole, primary_key=True, autoincrement=False, nullable=False),
    Column("at_ms", Whole, primary_key=True, autoincrement=False, nullable=False),
    Column("value", nullable=False),
    number("position"),
    sqlite_with_rowid=False,
)
"""The key makes a repeat nothing.

In SQLite the name of a button's action is kept as text behind a `=`: a bare "1" would become a number in a REAL column,
which is REAL because whole numbers then take one byte instead of eight. PostgreSQL has a column `word` for it.
"""

hour = Table(
    "hour",
    metadata,
    Column("series", Whole, primary_key=True, autoincrement=False, nullable=False),
    Column("at_h", Whole, primary_key=True, autoincrement=False, nullable=False),
    number("count"),
    number("ones"),
    Column("lowest", Real),
    Column("highest", Real),
    Column("total", Real),
    sqlite_with_rowid=False,
)
"""What is left of readings that are not kept any more: of a series those of the hour that began at_h hours after 1970.

A moment's reading is in `reading` or counted here, never both. Of a button, whose actions are no numbers, only `count`.
"""
