"""The devices and metrics of an outbox by the short numbers of its rows, and values as it keeps them."""

from __future__ import annotations

import math
import sqlite3

from gateway.bounds import worth
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Value

MOST_TEXT = 256
"""Characters of a button's action; nothing that a device says is longer."""
_KNOWN = frozenset(Metric)


class Series:
    """Numbers for (device, metric) in one file."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._names: dict[int, tuple[str, Metric]] = {}
        self._numbers: dict[tuple[str, Metric], int] = {}

    def forget(self) -> None:
        """After a transaction that was rolled back: a number that it gave is not there."""
        self._names.clear()
        self._numbers.clear()

    def id_of(self, device: str, metric: Metric) -> int:
        """The number, given where there is none. Within the running transaction."""
        found = self._numbers.get((device, metric))
        if found is None:
            added = "INSERT OR IGNORE INTO series (device, metric, worth) VALUES (?, ?, ?)"
            self._db.execute(added, (device, metric.value, worth(metric)))
            query = "SELECT id FROM series WHERE device = ? AND metric = ?"
            found = int(self._db.execute(query, (device, metric.value)).fetchone()[0])
            self._numbers[device, metric] = found
        return found

    def name_of(self, number: int) -> tuple[str, Metric] | None:
        """None for a metric that this version does not know: its rows came from a later one."""
        if number not in self._names:
            row = self._db.execute("SELECT device, metric FROM series WHERE id = ?", (number,)).fetchone()
            if row is None or row[1] not in _KNOWN:
                return None
            self._names[number] = (row[0], Metric(row[1]))
        return self._names[number]


def is_fit(value: Value) -> bool:
    """Whether the value can be said on the wire."""
    if isinstance(value, str):
        return len(value) <= MOST_TEXT and value.encode(errors="replace").decode() == value
    return math.isfinite(value)


def compact(value: Value) -> Value:
    """Whole numbers take one byte instead of eight, on the disk and on the wire."""
    if type(value) is int or isinstance(value, str) or abs(value) > 2**53 or value != int(value):
        return value
    return int(value)
