"""Somebody stands in on a rota while the hub runs, beside the covers of the settings."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0026"
down_revision = "0025"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "stand_in",
        Column("id", Text, primary_key=True, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("rota", "who", "instead_of")),
        *(Column(name, WHOLE, nullable=False) for name in ("start_ms", "until_ms")),
        Column("made_by", Text, nullable=False),
        Column("made_ms", WHOLE, nullable=False),
        Column("ended_ms", WHOLE),
        Column("ended_by", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("stand_in_by_end", "stand_in", ["until_ms"])
