"""What already lies in the outbox of data that is not agreed any more: deleted, so that nothing of it can be read.

What lay in the place of a deleted row is overwritten, as far as a flash memory does so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from pathlib import Path

from sensor_hub.model.consent import of_device
from sensor_hub.model.metric import Metric

AT_ONCE = 5000
"""Rows that go in one transaction: readings that come meanwhile do not wait for long."""
TABLES = ("reading", "held")


def discard_rows(db: sqlite3.Connection, scope: Set[Metric]) -> int:
    """Deletes up to `AT_ONCE` rows that are outside the scope; how many it were, 0 when none is left."""
    series = _declined(db, scope)
    if not series:
        return 0
    chosen = f"series IN ({', '.join('?' * len(series))})"
    for table in TABLES:
        rows = f"SELECT rowid FROM {table} WHERE {chosen} LIMIT ?"
        deleted = db.execute(f"DELETE FROM {table} WHERE rowid IN ({rows})", (*series, AT_ONCE)).rowcount
        if deleted:
            return deleted
    return 0


def _declined(db: sqlite3.Connection, scope: Set[Metric]) -> list[int]:
    """The series outside the scope. A battery's tells when its device moved: it goes with the last of its device's."""
    known = frozenset(Metric)
    rows = [
        (number, device, Metric(metric))
        for number, device, metric in db.execute("SELECT id, device, metric FROM series")
        if metric in known
    ]
    measures: dict[str, set[Metric]] = {}
    for _, device, metric in rows:
        measures.setdefault(device, set()).add(metric)
    declined = known - scope
    used = {device: of_device(frozenset(metrics), declined) for device, metrics in measures.items()}
    return [number for number, device, metric in rows if metric not in used[device]]


def forget_samples(db: sqlite3.Connection) -> None:
    """Messages that became no reading are kept as they came, whatever they were about."""
    db.execute("DELETE FROM rejected")


def forget_aside(path: Path) -> None:
    """Damaged outboxes that were set aside hold readings of everything."""
    for found in path.parent.glob(f"{path.name}.damaged-*"):
        if not found.is_dir():
            found.unlink(missing_ok=True)
