"""Whether the history can be filled and read: a part of `sensor-hub check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sensor_hub.influx.address import InfluxAddress
from sensor_hub.remark import Remark

if TYPE_CHECKING:
    from sensor_hub.influx.server import InfluxServer

HINTS = {
    "UNREACHABLE": "start it, or check influxdb in [history]; charts show the log's own table meanwhile",
    "SHUT": "check token in [history]",
    "LOST": "make the buckets that [history] names (deploy/history.md)",
    "WRONG": "check influxdb in [history]; InfluxDB 2 has to be asked in InfluxQL, too (deploy/history.md)",
}


def history(address: InfluxAddress | None) -> Iterator[Remark]:
    if address is None:
        return
    from sensor_hub.influx.server import InfluxError, InfluxServer

    server = InfluxServer(address)
    try:
        yield from _buckets(server)
    except InfluxError as error:
        yield Remark("history.influxdb", str(error), HINTS[error.trouble.name])
    finally:
        server.close()


def _buckets(server: InfluxServer) -> Iterator[Remark]:
    there = server.databases()
    makes_none = server.version().lstrip("v").startswith("2")
    for bucket in server.address.buckets:
        if bucket in there:
            refused = server.write(bucket, ["checked ok=1i"])
            if refused.others or refused.beyond:
                why = refused.why or "today is older than it keeps"
                yield Remark(
                    "history.refused", f"bucket {bucket} takes nothing ({why})", "check its settings and clock"
                )
        elif makes_none:
            yield Remark(
                "history.bucket", f"InfluxDB 2 has no bucket {bucket}", "make it, as the hub cannot (deploy/history.md)"
            )
