"""The table that people read is the one that holds."""

from __future__ import annotations

from tests.access.table import FILE, table, written


def test_the_table_in_the_documentation_is_the_one_that_holds() -> None:
    assert table() in FILE.read_text(encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == written(), "python -m tests.access.table"
