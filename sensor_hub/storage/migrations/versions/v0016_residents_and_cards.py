"""Residents' records and response cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "resident",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("home", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("changed_ms", WHOLE, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("resident_of_home", "resident", ["home"])
    op.create_table(
        "card",
        sa.Column("home", sa.Text, primary_key=True, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("changed_ms", WHOLE, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("checked_ms", WHOLE),
        sa.Column("checked_by", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "record_change",
        sa.Column("row", WHOLE, primary_key=True, autoincrement=True),
        sa.Column("home", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("at_ms", WHOLE, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("change_of_record", "record_change", ["home", "record", "row"])
