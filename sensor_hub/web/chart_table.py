"""The chart as tables: the same numbers for those who cannot see a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensor_hub.model.home import Home
from sensor_hub.model.moment import local
from sensor_hub.web.chart import Bar, Chart, silent_spans
from sensor_hub.web.wording import moment_words

HOURS = {1: 1, 3: 3, 7: 6, 30: 24, 365: 24}
"""How many hours a row of the table covers, for each number of days."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of hours by the clock in the home, and one text for each column."""

    label: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Row]


def movement_table(chart: Chart, home: Home, days: int) -> Table:
    """Movements per room and stretch: `not seen` where the room was not seen in all of it."""
    stretches = _stretches(chart, home, HOURS[days])
    rows = []
    for label, numbers in stretches:
        cells = [[strip.counts[number] for number in numbers] for strip in chart.movement]
        rows.append(Row(label, [_total(cell) for cell in cells]))
    return Table([strip.room for strip in chart.movement], rows)


def temperature_table(chart: Chart, home: Home, days: int) -> Table:
    """Mean temperature per device and stretch."""
    rows = []
    for label, numbers in _stretches(chart, home, HOURS[days]):
        cells = [[line.celsius[number] for number in numbers] for line in chart.temperature]
        rows.append(Row(label, [_mean(cell) for cell in cells]))
    return Table([line.name for line in chart.temperature], rows)


def coverage_table(chart: Chart, home: Home, now: float) -> Table:
    """For each device, when it was silent for longer than it may be."""
    return Table(["Silent"], [Row(bar.name, [_silences(bar, chart, home, now)]) for bar in chart.coverage])


def _silences(bar: Bar, chart: Chart, home: Home, now: float) -> str:
    end = min(chart.end, now)

    def words(at: float) -> str:
        return moment_words(at, now, home.zone) if at < end else "now"

    spans = [f"from {words(start)} to {words(finish)}" for start, finish in silent_spans(bar, chart.start, end)]
    return "; ".join(spans) or "never"


def _stretches(chart: Chart, home: Home, hours: int) -> list[tuple[str, list[int]]]:
    """Numbers of bins by stretch, in order. An hour that comes twice when clocks go back is two stretches."""
    stretches: dict[str, list[int]] = {}
    offsets = {local(at, home.zone).utcoffset() for at in chart.at}
    for number, at in enumerate(chart.at):
        then = local(at, home.zone)
        first = then.hour // hours * hours
        label = f"{then:%a} {then.day} {then:%b} {first:02}:00"
        if len(offsets) > 1:
            label += f" {then:%Z}"
        stretches.setdefault(label, []).append(number)
    return list(stretches.items())


def _total(counts: Sequence[int | None]) -> str:
    known = [count for count in counts if count is not None]
    if not known:
        return "not seen"
    return f"{sum(known)}" if len(known) == len(counts) else f"{sum(known)} (partly seen)"


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.1f} °C" if known else "not measured"
