"""The history as InfluxDB has it, asked in InfluxQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sensor_hub.history.port import Bin, HourRow, Measure, Of, Window
from sensor_hub.influx.lines import HOUR, READING
from sensor_hub.influx.server import InfluxServer, quoted
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

OF_READINGS = {
    Measure.COUNT: 'count("value"), count("action")',
    Measure.ONES: 'count("value")',
    Measure.MEAN: 'mean("value")',
}
OF_HOURS = {
    Measure.COUNT: 'sum("count")',
    Measure.ONES: 'sum("ones")',
    Measure.MEAN: 'sum("sum"), sum("count")',
}


class InfluxHistory:
    """See `history.port.History`. Bins of whole hours are made of the hours that the feed wrote."""

    def __init__(self, server: InfluxServer) -> None:
        self.server = server

    def bins(self, of: Of, window: Window, measure: Measure) -> Sequence[Bin]:
        of_hours = window.is_of_hours
        address = self.server.address
        if of_hours:
            bucket, what, source = address.hours_bucket, OF_HOURS[measure], HOUR
        else:
            bucket, what, source = address.bucket, OF_READINGS[measure], READING
        which = _which(of, window.start, window.end)
        if measure is Measure.ONES and not of_hours:
            which += ' AND "value" = 1'
        query = f'SELECT {what} FROM "{source}" WHERE {which} GROUP BY time({int(window.width)}s), "device" fill(none)'
        found = []
        for rows in self.server.ask(bucket, query):
            for at_ms, *numbers in rows.values:
                value = _value(measure, numbers, of_hours=of_hours)
                if value is not None:
                    found.append(Bin(rows.tags["device"], at_ms / 1000, value))
        return sorted(found, key=lambda bin_: (bin_.at, bin_.device))

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        query = (
            f'SELECT "count", "min", "mean", "max" FROM "{HOUR}" WHERE {_which(of, start, end)}'
            ' GROUP BY "device", "metric"'
        )
        found = [
            HourRow(rows.tags["device"], Metric(rows.tags["metric"]), at_ms / 1000, int(count), low, mean, high)
            for rows in self.server.ask(self.server.address.hours_bucket, query)
            for at_ms, count, low, mean, high in rows.values
        ]
        return sorted(found, key=lambda row: (row.at, row.device, row.metric))

    def readings(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        query = f'SELECT "value", "action", "device", "metric" FROM "{READING}" WHERE {_which(of, start, end)}'
        rows = (row for part in self.server.ask(self.server.address.bucket, query) for row in part.values)
        for at_ms, together in groupby(rows, key=lambda row: row[0]):
            at = at_ms / 1000
            readings = [
                Reading(at, device, Metric(metric), float(value) if action is None else action)
                for _, value, action, device, metric in together
            ]
            yield from sorted(readings, key=lambda reading: (reading.device, reading.metric))

    def counts(self, since: float) -> dict[str, int]:
        """How many readings each home has from then on."""
        query = f'SELECT {OF_READINGS[Measure.COUNT]} FROM "{READING}" WHERE time >= {_ms(since)} GROUP BY "home"'
        found = self.server.ask(self.server.address.bucket, query)
        return {rows.tags["home"]: sum(number or 0 for number in rows.values[0][1:]) for rows in found}


def _which(of: Of, start: float, end: float) -> str:
    terms = [f'"home" = {quoted(of.home)}', f"time >= {_ms(start)}", f"time < {_ms(end)}"]
    if of.device is not None:
        terms.append(f'"device" = {quoted(of.device)}')
    if of.metrics is not None and of.metrics != frozenset(Metric):
        names = " OR ".join(f'"metric" = {quoted(metric.value)}' for metric in sorted(of.metrics))
        terms.append(f"({names})")
    return " AND ".join(terms)


def _ms(moment: float) -> str:
    return f"{round(moment * 1000)}ms"


def _value(measure: Measure, numbers: Sequence[Any], *, of_hours: bool) -> float | None:
    """None: of a bin in which nothing was measured."""
    if measure is Measure.MEAN and of_hours:
        total, count = numbers
        return total / count if total is not None and count else None
    known = [float(number) for number in numbers if number is not None]
    return sum(known) if any(known) or (measure is Measure.MEAN and known) else None
