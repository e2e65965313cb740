"""A hub's log with readings in it, and InfluxDB that is filled from it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sensor_hub.influx.address import InfluxAddress
from sensor_hub.influx.feed import InfluxFeed
from sensor_hub.influx.history import InfluxHistory
from sensor_hub.influx.server import InfluxServer
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading, Value
from sensor_hub.storage.log_tail import HistoryPlace, LogTail
from sensor_hub.storage.stores import SqlStores
from tests.influxdb import TOKEN, Influx
from tests.storage.stores import open_fresh

START = 1_767_600_000.0
"""2026-01-05 08:00 UTC: a whole hour."""


@dataclass
class Time:
    """Real time as the feed is given it."""

    at: float = START + 3600.0
    seconds: float = 0.0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Filled:
    """The stores of a hub, and a feed whose turns a test makes itself."""

    stores: SqlStores
    server: InfluxServer
    time: Time = field(default_factory=Time)

    def __post_init__(self) -> None:
        self.place = HistoryPlace(self.stores.memory)
        self.history = InfluxHistory(self.server)
        self.feed = self.new_feed()

    def new_feed(self) -> InfluxFeed:
        """As after a restart of the hub."""
        return InfluxFeed(LogTail(self.stores.database), self.place, self.server, self.time)

    def close(self) -> None:
        self.server.close()
        self.stores.database.close()


def filled(folder: Path, influx: Influx) -> Filled:
    """An empty log, and databases of its own that nobody has made yet."""
    return Filled(open_fresh(folder), InfluxServer(own_address(influx)))


def own_address(influx: Influx, *, days: float | None = None) -> InfluxAddress:
    name = f"hub-{uuid.uuid4().hex[:8]}"
    return InfluxAddress(influx.url, TOKEN, "care", name, f"{name}-hours", reading_days=days)


def reading(after: float, device: str = "motion-hall", metric: Metric = Metric.MOTION, value: Value = 1.0) -> Reading:
    """So many seconds after `START`."""
    return Reading(START + after, device, metric, value)


def store(stores: SqlStores, readings: Sequence[Reading], home: str = "flat-12") -> None:
    """As one batch that came when its last reading was made."""
    stores.log.append_readings(home, max(each.at for each in readings), readings)
