"""Answers are kept, so that requests with an Idempotency-Key can come again."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

revision = "0023"
down_revision = "0022"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        Column("mark", Text, primary_key=True, nullable=False),
        *(Column(name, Text, nullable=False) for name in ("home", "fingerprint")),
        *(Column(name, WHOLE, nullable=False) for name in ("begun_ms", "is_done")),
        Column("answer", LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_index("kept_answer_by_home", "kept_answer", ["home"])
    op.create_index("kept_answer_by_age", "kept_answer", ["begun_ms"])
