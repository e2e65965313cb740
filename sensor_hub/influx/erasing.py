"""Removes readings and hours from InfluxDB. `DELETE` is InfluxQL in 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sensor_hub.influx.lines import HOUR, READING
from sensor_hub.influx.server import InfluxServer, quoted
from sensor_hub.model.metric import Metric

Key = tuple[str, Metric]
"""Device and metric: a series of a home."""


def series_in(server: InfluxServer, home: str) -> Sequence[Key]:
    """Of what there is something in either bucket."""
    found: set[Key] = set()
    for bucket, source in _places(server):
        for rows in server.ask(bucket, f'SHOW SERIES FROM "{source}" WHERE "home" = {quoted(home)}'):
            # As in lines, where no mark stands before a letter of an id.
            told = (dict(re.findall(r",(\w+)=([^,]+)", str(row[0]))) for row in rows.values)
            found |= {(tags["device"], Metric(tags["metric"])) for tags in told}
    return sorted(found)


def forget(server: InfluxServer, home: str, key: Key | None = None) -> None:
    """All of a home, or one series of it."""
    which = f'"home" = {quoted(home)}'
    if key is not None:
        which += f' AND "device" = {quoted(key[0])} AND "metric" = {quoted(key[1].value)}'
    for bucket, source in _places(server):
        server.order(f'DELETE FROM "{source}" WHERE {which}', bucket)


def _places(server: InfluxServer) -> Sequence[tuple[str, str]]:
    return (server.address.bucket, READING), (server.address.hours_bucket, HOUR)
