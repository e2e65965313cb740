"""How each database keeps a reading's value; see `tables.log.reading`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Double, Text, literal_column, null, type_coerce

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value
from sensor_hub.storage.database import Database
from sensor_hub.storage.tables.homes import series
from sensor_hub.storage.tables.log import reading

IS_NUMBER = series.c.metric != Metric.BUTTON.value
"""For what is reckoned with: a button's actions are no numbers."""
NUMBER: ColumnElement[float] = type_coerce(reading.c.value, Double())


def value_columns(database: Database) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The two that `value_of` makes a value of."""
    return reading.c.value, null() if database.is_sqlite else literal_column("reading.word", Text)


def value_of(value: float | str | None, word: str | None) -> Value:
    if word is not None:
        return word
    if isinstance(value, str):
        return value[1:]
    assert value is not None
    return value
