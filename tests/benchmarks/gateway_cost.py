"""What the gateway costs a small box: its start, its rest, memory with a million readings waiting, processor time, and
bytes to the disk.

    .venv/bin/python tests/benchmarks/gateway_cost.py [--backlog 1000000] [--messages 20000]

A start lasts until the hub has the first status; at rest there are a source and a hub, and nothing is said. Memory is
the daemon's, hub away and hub returning. Processor time is per message against a bare paho consumer that reads the same
messages of the same broker. Bytes are those of a day's commits, as the kernel counts them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import psutil
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from gateway.outbox import open_outbox
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Reading
from tests.brokers import start_mosquitto
from tests.gateway.builders import Gateway, MiniHub, devices_message, wait_until

START = 1767225600.0
DEVICES = 40
A_DAY, A_MESSAGE = 7000, 2
STARTS, RESTS = 7, 10.0
MEGABYTE = 1024 * 1024

CONSUMER = """
import sys
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
client = Client(CallbackAPIVersion.VERSION2, client_id="bare")
client.on_message = lambda *_: None
client.connect("127.0.0.1", int(sys.argv[1]))
client.subscribe("zigbee2mqtt/#", qos=1)
client.loop_forever()
"""


def fill(path: Path, count: int) -> None:
    outbox = open_outbox(path)
    for first in range(0, count, 10_000):
        rows = [
            Reading(START + n / 10, f"0x{n % DEVICES:016x}", Metric.MOTION if n % 3 else Metric.TEMPERATURE, n % 2)
            for n in range(first, min(first + 10_000, count))
        ]
        outbox.append(rows, at=START)
    outbox.close()


def settings(source: int, hub: int) -> str:
    return f'home = "h1"\n[hub]\nhost = "127.0.0.1"\nport = {hub}\n[[source]]\nkind = "zigbee2mqtt"\nport = {source}\n'


def sensors(port: int) -> Client:
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(100)
    client.connect("127.0.0.1", port)
    client.loop_start()
    names = [f"device{number}" for number in range(DEVICES)]
    client.publish("zigbee2mqtt/bridge/devices", devices_message(*names), qos=1, retain=True).wait_for_publish(10)
    return client


def say(client: Client, count: int, first: int = 0) -> None:
    """State messages of `DEVICES` devices, as Zigbee2MQTT publishes them."""
    for number in range(first, first + count):
        state = {
            "temperature": number % 300 / 10,
            "occupancy": number // DEVICES % 2 == 0,
            "last_seen": START * 1000 + number,
        }
        last = client.publish(f"zigbee2mqtt/device{number % DEVICES}", json.dumps(state), qos=1)
    last.wait_for_publish(120)


def processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def rss(gateway: Gateway) -> float:
    assert gateway.process is not None
    return psutil.Process(gateway.process.pid).memory_info().rss / MEGABYTE


def start_and_rest(folder: Path) -> float:
    """The median of the starts, in seconds."""
    broker = start_mosquitto(folder / "broker")
    hub, client = MiniHub(broker.port), sensors(broker.port)
    gateway = Gateway(folder / "gateway", settings(broker.port, broker.port))
    spans = []
    for _ in range(STARTS):
        known, began = len(hub.statuses), time.monotonic()
        gateway.start()
        wait_until(lambda known=known: len(hub.statuses) > known)  # type: ignore[misc]
        spans.append(time.monotonic() - began)
        if len(spans) < STARTS:
            gateway.stop()
    assert gateway.process is not None
    process = psutil.Process(gateway.process.pid)
    time.sleep(RESTS)
    before = processor(process)
    time.sleep(RESTS)
    share = 100 * (processor(process) - before) / RESTS
    print(
        f"start: {min(spans):.2f} to {max(spans):.2f} s, median {median(spans):.2f} s; at rest {share:.1f} % of a core"
    )
    gateway.stop()
    hub.close()
    client.disconnect()
    broker.stop()
    return median(spans)


def memory(folder: Path, backlog: int) -> float:
    """The daemon's resident memory at its highest, in MiB."""
    broker = start_mosquitto(folder / "broker")
    hub_broker = start_mosquitto(folder / "hub")
    hub_broker.stop()
    gateway = Gateway(folder / "gateway", settings(broker.port, hub_broker.port))
    fill(gateway.folder / "gateway-data" / "outbox.db", backlog)
    client = sensors(broker.port)
    gateway.start()
    wait_until(lambda: "source zigbee2mqtt" in gateway.log() and "connected" in gateway.log())
    say(client, 1000)
    away = rss(gateway)
    hub_broker.start()
    hub = MiniHub(hub_broker.port)
    highest = away
    started = time.monotonic()
    while len(hub.rows) < backlog // 2 and time.monotonic() < started + 240:
        highest = max(highest, rss(gateway))
        time.sleep(0.1)
    print(f"memory with {backlog} readings waiting: {away:.1f} MiB hub away, {highest:.1f} MiB at most while sending")
    gateway.stop()
    hub.close()
    client.disconnect()
    for each in (broker, hub_broker):
        each.stop()
    return highest


def processor_time(folder: Path, messages: int) -> float:
    """How many times the processor time of a bare consumer the gateway takes for a message."""
    broker = start_mosquitto(folder / "broker")
    hub = MiniHub(broker.port)
    client = sensors(broker.port)
    gateway = Gateway(folder / "gateway", settings(broker.port, broker.port))
    gateway.start()
    bare = subprocess.Popen([sys.executable, "-c", CONSUMER, str(broker.port)])
    wait_until(lambda: bool(hub.rows), within=30)
    say(client, 500)
    assert gateway.process is not None
    both = [psutil.Process(gateway.process.pid), psutil.Process(bare.pid)]
    wait_until(lambda: len(hub.rows) >= 800, within=60)
    before = [processor(one) for one in both]
    known = len(hub.rows)
    say(client, messages, 500)
    wait_until(lambda: _is_settled(hub, known + messages), within=120)
    ours, theirs = (processor(one) - was for one, was in zip(both, before, strict=True))
    per = (1e6 * ours / messages, 1e6 * theirs / messages)
    print(f"processor time for a message: {per[0]:.0f} us, a bare consumer {per[1]:.0f} us: {ours / theirs:.1f} times")
    gateway.stop()
    bare.kill()
    bare.wait()
    hub.close()
    client.disconnect()
    broker.stop()
    return ours / theirs


def _is_settled(hub: MiniHub, least: int) -> bool:
    before = len(hub.rows)
    time.sleep(1.0)
    return before >= least and len(hub.rows) == before


def day_of_writes(folder: Path) -> None:
    """A day of a busy home, each message committed alone and, with a longer `commit_every`, three together."""
    for together in (1, 3):
        path = folder / f"day{together}" / "outbox.db"
        outbox = open_outbox(path)
        before = _written()
        commit = together * A_MESSAGE
        for first in range(0, A_DAY, commit):
            rows = [
                Reading(
                    round(START + n // A_MESSAGE * DAY * A_MESSAGE / A_DAY, 3), f"d{n // 2 % DEVICES}", metric, n % 9
                )
                for n in range(first, first + commit)
                for metric in ((Metric.MOTION, Metric.TEMPERATURE)[n % 2],)
            ]
            outbox.append(rows, at=rows[-1].at)
            outbox.answer(outbox.stream, outbox.last)
        outbox.close()
        print(f"bytes written in a day, {A_DAY // commit} commits: {(_written() - before) / 1e6:.1f} MB")


def _written() -> int:
    """Bytes that this process had the kernel send to the disk; 0 where that is not counted (a disk in memory)."""
    lines = Path(f"/proc/{os.getpid()}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=20_000)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    day_of_writes(folder)
    start_and_rest(folder / "start")
    times = processor_time(folder / "processor", chosen.messages)
    highest = memory(folder / "memory", chosen.backlog)
    return 0 if highest <= 33 and times <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
