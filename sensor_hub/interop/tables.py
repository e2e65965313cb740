"""Readings as tables for other programs: CSV, and Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from sensor_hub.model.metric import METRICS
from sensor_hub.model.moment import iso
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading

COLUMNS = ("at", "device", "metric", "value", "unit")
ROWS_AT_ONCE = 50_000
"""Bounds the memory of a table of years."""


def write_csv(readings: Iterable[Reading], path: Path) -> int:
    """One reading a line, RFC 4180 in UTF-8; times in ISO 8601, UTC. How many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for reading in readings:
            unit = METRICS[reading.metric].unit
            writer.writerow((iso(reading.at), reading.device, reading.metric.value, reading.value, unit))
            count += 1
    return count


def write_parquet(readings: Iterable[Reading], path: Path) -> int:
    """One reading a row: `value` is null for a button's action, which stands in `action`. How many.

    InputError where pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        expected = "pip install 'sensor-hub[interop]'"
        raise InputError("pyarrow is not installed", where="export to Parquet", expected=expected) from error
    schema = arrow.schema(
        [
            ("at", arrow.timestamp("ms", tz="UTC")),
            ("device", arrow.string()),
            ("metric", arrow.string()),
            ("value", arrow.float64()),
            ("action", arrow.string()),
            ("unit", arrow.string()),
        ]
    )
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _chunks(readings):
            writer.write_table(arrow.Table.from_pylist([_row(reading) for reading in rows], schema=schema))
            count += len(rows)
    return count


def _row(reading: Reading) -> dict[str, object]:
    value = reading.value
    return {
        "at": round(reading.at * 1000),
        "device": reading.device,
        "metric": reading.metric.value,
        "value": None if isinstance(value, str) else value,
        "action": value if isinstance(value, str) else None,
        "unit": METRICS[reading.metric].unit,
    }


def _chunks(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    rest = iter(readings)
    while rows := list(islice(rest, ROWS_AT_ONCE)):
        yield rows
