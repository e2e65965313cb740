"""Numbers and texts of replies, sealed. Those in clear are sealed by the first start that has the key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("reply", sa.Column("sealed", sa.LargeBinary))
