"""The part of `hub.toml` that says where charts and exports read: `[history]`."""

from __future__ import annotations

from pathlib import Path

from sensor_hub.config.secret import read_secret
from sensor_hub.influx.address import InfluxAddress
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table

BUCKET = "sensor-hub"
SHORTEST = 7.0
"""Days: how far the history is filled is written at a day's beginning, and must not be too old at once."""
LONGEST = 36500.0


def read_history(table: Table, folder: Path) -> InfluxAddress | None:
    """None: the log's own table is all there is. InputError names what is wrong."""
    url, token = table.text("influxdb", " ").strip().rstrip("/"), read_secret(table, "token", folder) or ""
    bucket = table.text("bucket", BUCKET)
    ca = table.text("ca", " ").strip()
    address = InfluxAddress(
        url=url,
        token=token,
        org=table.text("org", "-"),
        bucket=bucket,
        hours_bucket=table.text("hours_bucket", f"{bucket}-hours"),
        reading_days=_days(table, "reading_days"),
        hour_days=_days(table, "hour_days"),
        ca=str(folder / ca) if ca else None,
    )
    table.done()
    if not url:
        return None
    if not url.startswith(("http://", "https://")) or "@" in url:
        # Never with the address itself, which may hold a password.
        expected = "an address like http://127.0.0.1:8087; what lets the hub in stands in token_file"
        raise InputError("influxdb is no such address", where=table.where, expected=expected)
    if address.bucket == address.hours_bucket:
        raise table.wrong("hours_bucket", "another bucket than that of readings: it is kept for longer")
    if ca and not (folder / ca).is_file():
        raise table.wrong("ca", "a file with a certificate")
    return address


def _days(table: Table, key: str) -> float | None:
    if key in table:
        return table.number(key, low=SHORTEST, high=LONGEST)
    table.get(key)
    return None
