"""A hub of many homes with a year of hours and a month of readings: how large, how fast its pages, what it takes in.

    python -m tests.benchmarks.thousand_homes --homes 1000 [--folder FOLDER]

The database is filled through the stores' own statements, home after home, each home's readings in batches of ten
minutes as its gateway would send them (2,628 readings a day: six motion sensors, six for temperature and humidity),
the hours of the eleven months before as retention leaves them. Then the hub is started on it, messages of one reading
come from homes at random, `--rate` a second, and every call of a person or program is asked for `--asks` times, of
homes at random, with a session's cookie (a password sent with each call costs 0.1 s more, as it should). Told: bytes a
reading and a home, p50 and p95 of each call, the time from a message to its answer meanwhile, with nothing else to do
and while retention makes hours of the oldest days of readings, and the longest transaction of that for fifty homes.

With FOLDER the database stays there, and is used again.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.entry import Arrival, HomeSet
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch as WireBatch
from sensor_hub.model.wire import decode_stored, encode_batch, topic
from sensor_hub.password_files import PASSWORD_FILE
from sensor_hub.storage.database import Database
from sensor_hub.storage.old_readings import OldReadings
from sensor_hub.storage.readings import Batch, SqliteReadings
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.home_watch import HomeWatch
from tests.brokers import start_nats
from tests.hub_program import HubProgram

KEPT_DAYS, RAW_DAYS, HOUR_DAYS = 30, 35, 365
"""Days for which readings are kept once the hub is told so; of which there are some; of which there are hours."""
BATCH_MS = 600_000
SWEEPS_FOR = 30.0
"""Seconds for which retention is watched."""
ROOMS = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL, Room.DINING)
CALLS = (
    "/",
    "/homes",
    "/homes/{home}",
    "/homes/{home}?days=7",
    "/homes/{home}?days=30",
    "/homes/{home}?days=365",
    "/review",
    "/figures",
    "/silences",
    "/contacts",
    "/api/v1/alerts",
    "/api/v1/homes",
    "/api/v1/homes/{home}",
    "/api/v1/homes/{home}/chart?days=1",
    "/api/v1/homes/{home}/chart?days=30",
    "/api/v1/homes/{home}/chart?days=365",
    "/api/v1/homes/{home}/hours?from={year}&until={now}",
    "/api/v1/homes/{home}/readings?from={week}&until={now}&limit=1000",
    "/api/v1/ledger",
    "/metrics",
)


def home_of(number: int) -> Home:
    devices = [Device(f"m{n}", room, frozenset({Metric.MOTION})) for n, room in enumerate(ROOMS)]
    climate = frozenset({Metric.TEMPERATURE, Metric.HUMIDITY})
    devices += [Device(f"c{n}", room, climate) for n, room in enumerate(ROOMS)]
    return Home(f"home-{number:04}", "Europe/London", 1, tuple(devices))


def month(end: float) -> list[Reading]:
    """What a home measures in its last month, by moment."""
    rng, rows = random.Random(1), []
    start = end - RAW_DAYS * DAY
    for device in range(6):
        for n in range(int(RAW_DAYS * DAY / 600)):
            at = start + n * 600 + device * 7
            rows.append(Reading(at, f"c{device}", Metric.TEMPERATURE, round(rng.gauss(20, 1), 1)))
            rows.append(Reading(at, f"c{device}", Metric.HUMIDITY, round(rng.gauss(50, 5), 1)))
    for _ in range(900 * RAW_DAYS):
        day, hour = rng.randrange(RAW_DAYS), min(23.9, max(0.0, rng.gauss(14, 4)))
        at = start + day * DAY + hour * 3600 + rng.random()
        rows.append(Reading(round(at, 3), f"m{rng.randrange(6)}", Metric.MOTION, 1.0))
    return sorted(rows, key=lambda row: row.at)


class Filling:
    """Puts one home's month and year after the other into the database."""

    def __init__(self, stores: SqlStores, end: float) -> None:
        self.stores, self.end = stores, end
        self.rows = month(end)
        self.readings = SqliteReadings()
        keys = sorted({(row.device, row.metric) for row in self.rows})
        self.keys = keys
        place = {key: n for n, key in enumerate(keys)}
        self.batches: dict[int, tuple[list[int], list[int], list[float]]] = {}
        for row in self.rows:
            at_ms = round(row.at * 1000)
            series, moments, values = self.batches.setdefault(at_ms // BATCH_MS, ([], [], []))
            series.append(place[row.device, row.metric])
            moments.append(at_ms)
            values.append(float(row.value))
        watch = HomeWatch.begin(home_of(0))
        watch.feed(HomeSet(end - RAW_DAYS * DAY, home_of(0)))
        for row in self.rows:
            watch.feed(Arrival(row.at + 60, row))
        watch.tick_past(end // 300 * 300)
        self.watch = watch

    def fill(self, home: Home) -> None:
        log = self.stores.log
        with self.stores.database.transaction() as connection:
            log.append(home.id, HomeSet(self.end - HOUR_DAYS * DAY, home))
            ids = [log._make_series((home.id, device, metric)) for device, metric in self.keys]
            for ten, (series, moments, values) in self.batches.items():
                batch = Batch(log._home(home.id), (ten + 1) * BATCH_MS, [ids[n] for n in series], moments, values)
                added = self.readings.append(connection, batch)
            assert added is not None
            self._hours(ids)
            self.watch.state.position = added[0]
            state = self.watch.snapshot().replace(b"home-0000", home.id.encode())
            self.stores.snapshots.save(home.id, added[0], self.end // 300 * 300, state)
            self.stores.tenants.bind(home.id, "local")

    def _hours(self, ids: Sequence[int]) -> None:
        last = int((self.end - RAW_DAYS * DAY) // 3600)
        first = last - (HOUR_DAYS - RAW_DAYS) * 24
        for (device, _), number in zip(self.keys, ids, strict=True):
            is_climate = device.startswith("c")
            what = "6, 0, 19.1, 20.9, 120.3" if is_climate else "9, 9, 1.0, 1.0, 9.0"
            awake = "" if is_climate else " WHERE n % 24 BETWEEN 7 AND 21"
            self.stores.database.raw.execute(
                f"WITH RECURSIVE h(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM h WHERE n < {last - 1})"
                f" INSERT INTO hour SELECT {number}, n, {what} FROM h{awake}"
            )


def fill(database: Path, homes: Sequence[Home], end: float) -> None:
    stores = _open(database)
    filling, began = Filling(stores, end), time.monotonic()
    for number, home in enumerate(homes):
        filling.fill(home)
        if number % 50 == 49:
            print(f"{number + 1} homes after {time.monotonic() - began:.0f} s", flush=True)
            stores.database.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stores.memory.keep_tick(end // 300 * 300)
    stores.memory.keep_settled(end // 300 * 300)
    stores.database.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stores.database.close()


def tell_size(database: Path, homes: int) -> None:
    stores = _open(database)
    raw = stores.database.raw
    count = {
        table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("reading", "hour", "entry")
    }
    sizes = {}
    with suppress(sqlite3.OperationalError):  # a SQLite without dbstat
        sizes = dict(raw.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())
    stores.database.close()
    print(
        f"{homes} homes: {database.stat().st_size / 1e9:.2f} GB, {database.stat().st_size / homes / 1e6:.2f} MB a home"
    )
    for table, rows in count.items():
        size = sizes.get(table, 0) + (sizes.get("entry_of_home", 0) if table == "entry" else 0)
        print(f"  {table:8} {rows:12,} rows, {size / max(rows, 1):5.1f} bytes each")
    if sizes:
        together = sum(sizes.get(name, 0) for name in ("reading", "entry", "entry_of_home"))
        print(f"  {together / count['reading']:.1f} bytes a reading with its share of the log's entries")


class Traffic:
    """Messages of one reading from homes at random, and how long their answers take."""

    def __init__(self, port: int, homes: Sequence[Home], rate: float) -> None:
        self.homes, self.rate = homes, rate
        self.stream = f"live{time.time_ns()}"
        self.sent: dict[str, float] = {}
        self.upto: dict[str, int] = {}
        self.waits: list[float] = []
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._answered
        self.client.max_inflight_messages_set(1000)
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(topic("local", "+", "stored"), qos=0)
        self.client.loop_start()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _answered(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        home = message.topic.split("/")[3]
        if decode_stored(message.payload).upto == self.upto.get(home) and home in self.sent:
            self.waits.append(time.monotonic() - self.sent.pop(home))

    def _run(self) -> None:
        rng, due = random.Random(2), time.monotonic()
        while not self.stopping.is_set():
            home = rng.choice(self.homes).id
            if home not in self.sent:
                row = self.upto.get(home, 0)
                batch = [Reading(round(time.time(), 3), "c0", Metric.TEMPERATURE, 20.0)]
                self.upto[home] = row + 1
                self.sent[home] = time.monotonic()
                payload = encode_batch(WireBatch(self.stream, 0, row, row + 1, "b", batch))
                self.client.publish(topic("local", home, "readings"), payload, qos=1)
            due += 1 / self.rate
            time.sleep(max(0.0, due - time.monotonic()))

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        time.sleep(2)
        self.client.loop_stop()


def measure(folder: Path, homes: Sequence[Home], rate: float, asks: int) -> None:
    with _live(folder, homes, rate, "every call") as hub:
        _ask(hub, homes, asks)
    with _live(folder, homes, rate, "nothing else"):
        time.sleep(SWEEPS_FOR)
    with _live(folder, homes, rate, "retention", "[keep]\nreading_days = 30"):
        time.sleep(SWEEPS_FOR)


@contextmanager
def _live(folder: Path, homes: Sequence[Home], rate: float, what: str, tables: str = "") -> Iterator[HubProgram]:
    """The hub with messages, and how long they took when it has ended."""
    broker = start_nats(folder / "broker")
    hub = HubProgram(folder, list(homes), tables=tables, mqtt_port=broker.port, mqtt='host = "127.0.0.1"')
    hub.write()
    began = time.monotonic()
    hub.start()
    hub.wait_ready()
    print(f"the hub is ready after {time.monotonic() - began:.1f} s")
    traffic = Traffic(broker.port, homes, rate)
    traffic.thread.start()
    try:
        yield hub
    finally:
        traffic.stop()
        lost, waits = len(traffic.sent), sorted(traffic.waits)
        if waits:
            p50, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
            print(
                f"  meanwhile ({what}) {len(waits)} messages answered, {lost} not; p50 {p50 * 1000:.0f} ms,"
                f" p95 {p95 * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
            )
        hub.stop()
        broker.stop()


def _ask(hub: HubProgram, homes: Sequence[Home], asks: int) -> None:
    password = (hub.folder / "hub-data" / PASSWORD_FILE).read_text().strip()
    now, rng = time.time(), random.Random(3)
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.web_port}", timeout=120) as client:
        token = client.post("/login", data={"name": "bench", "password": password, "next": "/"})
        assert token.status_code < 400, token.text
        for call in CALLS:
            took: list[float] = []
            for _ in range(asks):
                path = call.format(home=rng.choice(homes).id, now=now, week=now - 7 * DAY, year=now - 365 * DAY)
                began = time.monotonic()
                answer = client.get(path)
                took.append(time.monotonic() - began)
                if answer.status_code != 200:
                    print(f"  {path}: {answer.status_code} {answer.text[:200]}")
                    break
            took.sort()
            p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
            print(f"  {call:66} p50 {statistics.median(took) * 1000:7.0f} ms  p95 {p95 * 1000:7.0f} ms", flush=True)


def sweep(database: Path, homes: Sequence[Home], end: float) -> None:
    """The longest transaction while five days of fifty homes become hours."""
    stores = _open(database)
    took: list[float] = []
    transaction = stores.database.transaction

    @contextmanager
    def timed() -> Iterator[object]:
        began = time.monotonic()
        with transaction() as connection:
            yield connection
        took.append(time.monotonic() - began)

    stores.database.transaction = timed  # type: ignore[method-assign, assignment]
    old = OldReadings(stores.database, monotonic=time.monotonic)
    gone = sum(old.forget(home.id, end - KEPT_DAYS * DAY, lambda: False) for home in homes[-50:])
    stores.database.close()
    took.sort()
    print(
        f"retention: {gone} readings became hours; transactions median {statistics.median(took) * 1000:.1f} ms,"
        f" longest {took[-1] * 1000:.0f} ms"
    )


def _open(path: Path) -> SqlStores:
    database = Database(path)
    database.open()
    return SqlStores(database)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--asks", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    homes = [home_of(number) for number in range(args.homes)]
    with tempfile.TemporaryDirectory() as name:
        folder = args.folder or Path(name)
        database = folder / "hub-data" / "hub.db"
        database.parent.mkdir(parents=True, exist_ok=True)
        end = time.time() - 600
        if not database.exists():
            fill(database, homes, end)
        tell_size(database, args.homes)
        measure(folder, homes, args.rate, args.asks)
        sweep(database, homes, end)


if __name__ == "__main__":
    main()
