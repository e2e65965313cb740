"""What the hub itself remembers."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from sensor_hub.storage.tables.base import Whole, metadata, number, text, text_key

hub = Table("hub", metadata, text_key("name"), text("value"), sqlite_with_rowid=False)
calendar_key = Table(
    "calendar_key",
    metadata,
    text_key("contact"),
    Column("secret_hash", Text, nullable=False, unique=True),
    number("made_ms"),
    sqlite_with_rowid=False,
)
"""Of the private address of a contact's calendar only the hash."""
told_round = Table(
    "told_round",
    metadata,
    text_key("name"),
    text_key("reader"),
    Column("at_ms", Whole, primary_key=True, autoincrement=False, nullable=False),
    sqlite_with_rowid=False,
)
"""What is told at set times: at_ms is when it was due, so that each time is told once."""
stand_in = Table(
    "stand_in",
    metadata,
    text_key("id"),
    *(text(name) for name in ("rota", "who", "instead_of")),
    *(number(name) for name in ("start_ms", "until_ms")),
    text("made_by"),
    number("made_ms"),
    Column("ended_ms", Whole),
    text("ended_by"),
    sqlite_with_rowid=False,
)
"""Who stands in on a rota; `ended_ms` where somebody ended it before its time."""
Index("stand_in_by_end", stand_in.c.until_ms)
