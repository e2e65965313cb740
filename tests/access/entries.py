"""Chains of entries in memory, and entries to put in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sensor_hub.access.chain import Anchor
from sensor_hub.access.chronology import BEGINNING, Act, ChronologyEntry, Row, View, bind

T = 1_767_605_000.25


def entry(number: int, *, home: str = "flat-1") -> ChronologyEntry:
    """Differs from the entry of any other number in its moment only."""
    return ChronologyEntry(T + number, "ours", "Anna Bell", "duty_officer", Act.SAW, home, "a1", View.ALERT)


def chain(entries: Iterable[ChronologyEntry]) -> list[Row]:
    rows: list[Row] = []
    for number, each in enumerate(entries, 1):
        rows.append(bind(each, number, rows[-1].hash if rows else BEGINNING))
    return rows


def anchor(rows: Sequence[Row], number: int) -> Anchor:
    return Anchor(T, "ours", number, rows[number - 1].hash if number else BEGINNING)
