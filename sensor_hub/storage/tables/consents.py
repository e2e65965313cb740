"""What was agreed with residents, and what became of data that are not agreed any more."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from sensor_hub.storage.tables.base import Whole, metadata, number, row_number, text, text_key

consent = Table(
    "consent",
    metadata,
    row_number(),
    text("home"),
    number("at_ms"),
    *(text(name) for name in ("who", "basis", "scope", "decided_on", "review_on")),
    sqlite_autoincrement=True,
)
"""Every decision, the last of a home holds. `who` wrote it down."""
Index("consent_of_home", consent.c.home, consent.c.row)
consent_words = Table(
    "consent_words",
    metadata,
    Column("consent", Whole, primary_key=True, autoincrement=False, nullable=False),
    text("home"),
    Column("sealed", LargeBinary, nullable=False),
)
"""Who decided, and the note, sealed. A withdrawal that was taken though personal data were locked has none."""

erasure = Table(
    "erasure",
    metadata,
    text_key("id"),
    *(text(name) for name in ("home", "tenant", "mark", "data", "reason", "who", "state", "step")),
    number("upto"),
    number("cursor"),
    number("asked_ms"),
    number("due_ms"),
    text("counts"),
    Column("began_ms", Whole),
    Column("done_ms", Whole),
    Column("certificate", Text),
    sqlite_with_rowid=False,
)
"""What is to be erased, how far that has come, and what was. `data`: kinds of data; empty: the whole home, whose id is
then forgotten (`mark` is a hash of it). `upto`: the log's position up to which; `counts`: rows by table, as JSON."""
Index("erasure_by_state", erasure.c.state, erasure.c.due_ms)
