"""What changed, for whoever listens."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sensor_hub.storage.tables.base import metadata, number, row_number, text

change = Table(
    "change",
    metadata,
    row_number(),
    number("mark"),
    number("at_ms"),
    *(text(name) for name in ("what", "home", "about", "kind", "detail")),
    sqlite_autoincrement=True,
)
"""Written with the change itself, in one transaction; kept for some days. `mark` is random: by it a row is known from
another one that had its number before a backup was restored. `at_ms` is 0 for what is told to nobody."""
Index("change_by_moment", change.c.at_ms)
_of_home = change.c.home != ""
Index("change_by_home", change.c.home, sqlite_where=_of_home, postgresql_where=_of_home)
