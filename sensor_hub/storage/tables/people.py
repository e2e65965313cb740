"""Who lives in each home, and what those must know who go there. What is personal is sealed (`storage.vault`)."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

from sensor_hub.storage.tables.base import Whole, metadata, number, row_number, text, text_key

resident = Table(
    "resident",
    metadata,
    text_key("id"),
    text("home"),
    Column("sealed", LargeBinary, nullable=False),
    number("version"),
    number("changed_ms"),
    text("changed_by"),
    sqlite_with_rowid=False,
)
"""All of a record is one sealed value: it tells not even which of its fields are filled."""
Index("resident_of_home", resident.c.home)

card = Table(
    "card",
    metadata,
    text_key("home"),
    Column("sealed", LargeBinary, nullable=False),
    number("version"),
    number("changed_ms"),
    text("changed_by"),
    Column("checked_ms", Whole),
    text("checked_by"),
    sqlite_with_rowid=False,
)
"""A home's response card. `checked_ms`: when somebody last said that all of it is right."""

record_change = Table(
    "record_change",
    metadata,
    row_number(),
    text("home"),
    text("record"),
    number("version"),
    number("at_ms"),
    text("who"),
    text("fields"),
    sqlite_autoincrement=True,
)
"""Who changed which fields (JSON, names alone) of a resident's record (its id) or the home's card (`card`)."""
Index("change_of_record", record_change.c.home, record_change.c.record, record_change.c.row)
