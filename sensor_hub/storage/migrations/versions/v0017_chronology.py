"""Who saw and did what."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

TABLE = """
CREATE TABLE chronology (
    tenant TEXT NOT NULL, number {whole} NOT NULL, at_ms {whole} NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,
    act TEXT NOT NULL, home TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL, salt {bytes} NOT NULL,
    hash {bytes} NOT NULL, PRIMARY KEY (tenant, number)
) {without_rowid}
"""
INDEXES = (
    "CREATE INDEX chronology_by_moment ON chronology (at_ms)",
    "CREATE INDEX chronology_of_home ON chronology (home, at_ms) WHERE home != ''",
    "CREATE INDEX chronology_cut ON chronology (tenant, number) WHERE act = 'cut'",
)
# An INSERT OR REPLACE would take a row away without any trigger of a deletion.
SQLITE = (
    """
CREATE TRIGGER chronology_is_appended BEFORE INSERT ON chronology
    WHEN NEW.number <= (SELECT max(number) FROM chronology WHERE tenant = NEW.tenant)
BEGIN SELECT RAISE(ABORT, 'the chronology is only appended to'); END
""",
    """
CREATE TRIGGER chronology_is_not_changed BEFORE UPDATE ON chronology
BEGIN SELECT RAISE(ABORT, 'the chronology is not changed'); END
""",
    """
CREATE TRIGGER chronology_is_kept BEFORE DELETE ON chronology WHEN OLD.number > coalesce((
    SELECT CAST(about AS INTEGER) FROM chronology AS told WHERE told.tenant = OLD.tenant AND told.act = 'cut'
        ORDER BY told.number DESC LIMIT 1
), 0)
BEGIN SELECT RAISE(ABORT, 'no entry says that this one is cut'); END
""",
)
POSTGRESQL = """
CREATE FUNCTION chronology_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.number <= (
            SELECT about::bigint FROM chronology WHERE tenant = OLD.tenant AND act = 'cut' ORDER BY number DESC LIMIT 1
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'no entry says that this one is cut';
    END IF;
    RAISE EXCEPTION 'the chronology is not changed';
END $$;
CREATE TRIGGER chronology_is_kept BEFORE UPDATE OR DELETE ON chronology
    FOR EACH ROW EXECUTE FUNCTION chronology_is_kept();
CREATE TRIGGER chronology_is_not_emptied BEFORE TRUNCATE ON chronology
    FOR EACH STATEMENT EXECUTE FUNCTION chronology_is_kept();
"""


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    types = {"whole": "INTEGER", "bytes": "BLOB"} if is_sqlite else {"whole": "BIGINT", "bytes": "BYTEA"}
    op.execute(TABLE.format(without_rowid="WITHOUT ROWID" if is_sqlite else "", **types))
    for statement in (*INDEXES, *(SQLITE if is_sqlite else (POSTGRESQL,))):
        op.execute(statement)
