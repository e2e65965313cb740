"""What was agreed with residents, and what is erased."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    """
CREATE TABLE consent (
    row {number_key}, home TEXT NOT NULL, at_ms {whole} NOT NULL, who TEXT NOT NULL, basis TEXT NOT NULL,
    scope TEXT NOT NULL, decided_on TEXT NOT NULL, review_on TEXT NOT NULL
)
""",
    "CREATE INDEX consent_of_home ON consent (home, row)",
    """
CREATE TABLE consent_words (
    consent {whole} NOT NULL, home TEXT NOT NULL, sealed {bytes} NOT NULL, PRIMARY KEY (consent)
)
""",
    """
CREATE TABLE erasure (
    id TEXT NOT NULL, home TEXT NOT NULL, tenant TEXT NOT NULL, mark TEXT NOT NULL, data TEXT NOT NULL,
    reason TEXT NOT NULL, who TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL, upto {whole} NOT NULL,
    cursor {whole} NOT NULL, asked_ms {whole} NOT NULL, due_ms {whole} NOT NULL, counts TEXT NOT NULL,
    began_ms {whole}, done_ms {whole}, certificate TEXT, PRIMARY KEY (id)
) {without_rowid}
""",
    "CREATE INDEX erasure_by_state ON erasure (state, due_ms)",
)
SQLITE = {
    "whole": "INTEGER",
    "bytes": "BLOB",
    "number_key": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "without_rowid": "WITHOUT ROWID",
}
POSTGRESQL = {"whole": "BIGINT", "bytes": "BYTEA", "number_key": "BIGSERIAL PRIMARY KEY", "without_rowid": ""}


def upgrade() -> None:
    types = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in STATEMENTS:
        op.execute(statement.format(**types))
