"""What changed, for whoever listens."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text, text

revision = "0025"
down_revision = "0024"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "change",
        Column("row", WHOLE, primary_key=True, autoincrement=True),
        *(Column(name, WHOLE, nullable=False) for name in ("mark", "at_ms")),
        *(Column(name, Text, nullable=False) for name in ("what", "home", "about", "kind", "detail")),
        sqlite_autoincrement=True,
    )
    of_home = text("home != ''")
    op.create_index("change_by_moment", "change", ["at_ms"])
    op.create_index("change_by_home", "change", ["home"], sqlite_where=of_home, postgresql_where=of_home)
