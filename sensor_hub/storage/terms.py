"""Values that stand in a statement as they are, not as parameters: by them an index of a part of a table is found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, literal_column


def written(value: str) -> ColumnElement[str]:
    """One of the program's own words."""
    return literal_column(f"'{value}'", Text())


def among(column: Column[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column's is one of these words; quicker than a list of parameters, which is made anew each time."""
    return column.in_([written(value) for value in values])
