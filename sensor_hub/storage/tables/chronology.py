"""Who saw and did what."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

from sensor_hub.storage.tables.base import Whole, metadata, number, text, text_key

chronology = Table(
    "chronology",
    metadata,
    text_key("tenant"),
    Column("number", Whole, primary_key=True, autoincrement=False, nullable=False),
    number("at_ms"),
    *(text(name) for name in ("who", "role", "act", "home", "about", "detail")),
    Column("salt", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""One chain a tenant; the empty one is the hub's own. Triggers let nothing be changed, and only that be deleted of
which the newest entry `cut` of its chain says so."""
Index("chronology_by_moment", chronology.c.at_ms)
_of_home = chronology.c.home != ""
Index("chronology_of_home", chronology.c.home, chronology.c.at_ms, sqlite_where=_of_home, postgresql_where=_of_home)
_cut = chronology.c.act == "cut"
Index("chronology_cut", chronology.c.tenant, chronology.c.number, sqlite_where=_cut, postgresql_where=_cut)
