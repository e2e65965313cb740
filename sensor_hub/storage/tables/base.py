"""What all tables share."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Column, Double, Integer, MetaData, Text

metadata = MetaData()

Whole = BigInteger().with_variant(Integer, "sqlite")
"""A whole number; only a plain INTEGER can be one that SQLite gives."""

Real: Double[float] = Double().with_variant(REAL, "sqlite")


def text_key(name: str) -> Column[str]:
    """A column of the primary key that is text; SQLite would let NULL in."""
    return Column(name, Text, primary_key=True, nullable=False)


def text(name: str) -> Column[str]:
    """Text that is always there, though it may be empty."""
    return Column(name, Text, nullable=False)


def number(name: str) -> Column[int]:
    """A whole number that is always there: a count, a flag (0 or 1), or a moment (`*_ms`, ms since 1970)."""
    return Column(name, Whole, nullable=False)


def row_number(name: str = "row") -> Column[int]:
    """The order in which rows were written."""
    return Column(name, Whole, primary_key=True, autoincrement=True)
