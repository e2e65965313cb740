"""Answers to requests that can come again."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table

from sensor_hub.storage.tables.base import metadata, number, text, text_key

kept_answer = Table(
    "kept_answer",
    metadata,
    text_key("mark"),
    text("home"),
    text("fingerprint"),
    number("begun_ms"),
    number("is_done"),
    Column("answer", LargeBinary),
    sqlite_with_rowid=False,
)
"""`mark`: a hash of who asked, of what, with which key. `fingerprint`: of the request's body, keyed with the key, which
is kept nowhere. `answer`: sealed as one value; none before it is done, and where it could not be sealed."""
Index("kept_answer_by_home", kept_answer.c.home)
Index("kept_answer_by_age", kept_answer.c.begun_ms)
