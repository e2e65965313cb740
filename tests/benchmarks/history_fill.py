"""How fast InfluxDB is filled with a year of one home, what that takes of the hub's memory, and how fast charts are.

python -m tests.benchmarks.history_fill [--readings N]

Starts influxd and nginx itself. The readings come evenly from 24 series, in batches of 50, over a year before now.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from sensor_hub.clock import Clock
from sensor_hub.desk.reads import StoredReads
from sensor_hub.history.port import History
from sensor_hub.influx.feed import InfluxFeed
from sensor_hub.influx.history import InfluxHistory
from sensor_hub.influx.server import InfluxServer
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, to_millisecond
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.log_tail import HistoryPlace, LogTail
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.chart import DAYS, read_chart, window_of
from tests.influx.filled import own_address
from tests.influxdb import start_influx
from tests.storage.stores import open_fresh

MEASURED = (Metric.MOTION, Metric.TEMPERATURE, Metric.HUMIDITY)
DEVICES = tuple(
    Device(f"0x00158d00000000{number:02x}", room, frozenset(MEASURED), 3600.0)
    for number, room in enumerate((Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN) * 2)
)
HOME = Home("flat-12", "Europe/London", devices=DEVICES)
BATCH = 50


def readings(count: int, end: float) -> Iterator[Reading]:
    series = [(device.id, metric) for device in DEVICES for metric in MEASURED]
    for number in range(count):
        device, metric = series[number % len(series)]
        value = float(number // 24 % 2) if metric is Metric.MOTION else 18.0 + number % 97 / 32
        yield Reading(to_millisecond(end - 365 * DAY * (1 - number / count)), device, metric, value)


def fill_log(stores: SqlStores, count: int, end: float) -> None:
    batch: list[Reading] = []
    with stores.database.transaction():
        for reading in readings(count, end):
            batch.append(reading)
            if len(batch) == BATCH:
                stores.log.append_readings(HOME.id, batch[-1].at, batch)
                batch = []


def took(what: Callable[[], object], times: int = 3) -> float:
    """Seconds of the fastest of some."""

    def once() -> float:
        start = time.perf_counter()
        what()
        return time.perf_counter() - start

    return min(once() for _ in range(times))


def chart_times(stores: SqlStores, history: History, end: float) -> list[float]:
    reads = StoredReads(stores, [HOME], lambda: True, history)
    return [took(lambda: read_chart(reads, HOME, window_of(days, end), now=end)) for days in DAYS]  # noqa: B023


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=1_000_000)
    count = parser.parse_args().readings
    end = Clock().wall()
    with tempfile.TemporaryDirectory() as folder:
        stores = open_fresh(Path(folder))
        fill_log(stores, count, end)
        influx = start_influx(Path(folder) / "influx")
        server = InfluxServer(own_address(influx))
        try:
            feed = InfluxFeed(LogTail(stores.database), HistoryPlace(stores.memory), server, Clock())
            own, database = psutil.Process(), psutil.Process(influx.database.pid)
            before, cpu, start = own.memory_info().rss, time.process_time(), time.perf_counter()
            feed.turn()
            seconds, used = time.perf_counter() - start, time.process_time() - cpu
            after, peak = own.memory_info().rss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(f"{feed.numbers().fed} readings in {seconds:.1f} s: {count / seconds:.0f}/s, {used:.1f} s of it CPU")
            print(f"memory of the hub: {before >> 20} MiB before, {after >> 20} after, at most {peak >> 10}")
            size = stores.tally.bytes_on_disk() >> 20
            print(f"memory of influxd: {database.memory_info().rss >> 20} MiB; the hub's database: {size} MiB")
            for name, history in (("log", LogHistory(stores.database)), ("InfluxDB", InfluxHistory(server))):
                times = ", ".join(
                    f"{days} d {seconds * 1000:.0f} ms"
                    for days, seconds in zip(DAYS, chart_times(stores, history, end), strict=True)
                )
                print(f"chart from {name}: {times}")
        finally:
            server.close()
            influx.stop()
            stores.database.close()


if __name__ == "__main__":
    main()
