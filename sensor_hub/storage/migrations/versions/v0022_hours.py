"""Readings that are not kept any more leave what they were in each hour."""

from __future__ import annotations

from alembic import op
from sqlalchemy import REAL, BigInteger, Column, Double, Integer

revision = "0022"
down_revision = "0021"

WHOLE = BigInteger().with_variant(Integer, "sqlite")
REAL_NUMBER: Double[float] = Double().with_variant(REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "hour",
        *(Column(name, WHOLE, primary_key=True, autoincrement=False, nullable=False) for name in ("series", "at_h")),
        *(Column(name, WHOLE, nullable=False) for name in ("count", "ones")),
        *(Column(name, REAL_NUMBER) for name in ("lowest", "highest", "total")),
        sqlite_with_rowid=False,
    )
