"""What becomes of a notice becomes of those that go with it by the program, on every database, not by triggers."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

TRIGGERS = ("notice_goes_along", "notice_takes_the_lead", "notice_goes_alone", "delivery_goes_along")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in TRIGGERS:
            op.execute(f"DROP TRIGGER {trigger}")
