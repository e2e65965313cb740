"""The hub's CPU for a reading, beside a bare paho consumer and river's half-space trees, in one run.

    python -m tests.benchmarks.cpu_per_reading --rounds 5

Each round publishes the same readings, QoS 1, to (a) a paho client that does nothing with them and (b) the real hub,
which decodes, stores durably, answers and watches them: once one reading a message, once fifty. CPU is that of the
consuming process, user and system. (c) scores and learns each reading with river's HalfSpaceTrees (25 trees, height 8).
Prints the medians and their ratios.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, decode_stored, encode_batch, topic
from tests.stack import Stack
from tests.waiting import wait_for

HOME = Home(
    "bench",
    "Europe/London",
    1,
    (
        *(
            Device(f"m{n}", room, frozenset({Metric.MOTION, Metric.TEMPERATURE}))
            for n, room in enumerate((Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL))
        ),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),
    ),
)


def readings(count: int, now: float) -> list[Reading]:
    """Readings of the last minutes, each at a moment of its own."""
    made = []
    for n in range(count):
        metric, value = (Metric.MOTION, 1.0) if n % 3 == 0 else (Metric.TEMPERATURE, 19.0 + n % 30 / 10)
        made.append(Reading(round(now - (count - n) * 0.004, 3), f"m{n % 5}", metric, value))
    return made


def bare(port: int, login: tuple[str, str], name: str, count: int, ready: object, out: object) -> None:
    """The floor: receives `count` messages and nothing else; its CPU seconds go to `out`."""
    got, done = 0, threading.Event()

    def on_message(_client: Client, _data: object, _message: MQTTMessage) -> None:
        nonlocal got
        got += 1
        if got == count:
            done.set()

    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(*login)
    client.on_message = on_message
    client.on_connect = lambda *_: client.subscribe(name, qos=1)
    client.on_subscribe = lambda *_: ready.set()  # type: ignore[attr-defined]
    client.connect("127.0.0.1", port)
    client.loop_start()
    before = time.process_time()
    done.wait(120)
    out.put(time.process_time() - before)  # type: ignore[attr-defined]
    client.loop_stop()


class Publisher:
    """Speaks as the home's gateway does, with a window of unanswered batches."""

    def __init__(self, port: int, login: tuple[str, str]) -> None:
        self.answered = 0
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.username_pw_set(*login)
        self.client.max_inflight_messages_set(200)
        self.client.on_message = self._answered
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(topic("local", HOME.id, "stored"), qos=1)
        self.client.loop_start()

    def _answered(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.answered = max(self.answered, decode_stored(message.payload).upto)

    def send(self, name: str, payloads: list[bytes], sent: Callable[[int], bool]) -> None:
        for number, payload in enumerate(payloads):
            self.client.publish(name, payload, qos=1)
            if number % 200 == 0:
                wait_for(lambda number=number: sent(number), within=60, what="the window to move")  # type: ignore[misc]


def payloads(stream: str, made: list[Reading], size: int) -> list[bytes]:
    chunks = [made[n : n + size] for n in range(0, len(made), size)]
    return [
        encode_batch(Batch(stream, 0, n * size, n * size + len(chunk), "boot", chunk)) for n, chunk in enumerate(chunks)
    ]


def hub_cpu(stack: Stack, publisher: Publisher, count: int, size: int, round_: int) -> float:
    """CPU µs a reading of the hub process."""
    made = payloads(f"s{size}x{round_}", readings(count, time.time()), size)
    assert stack.hub.child is not None
    process = psutil.Process(stack.hub.child.pid)
    publisher.answered = 0
    before = sum(process.cpu_times()[:2])
    publisher.send(
        topic("local", HOME.id, "readings"), made, lambda number: publisher.answered >= (number - 400) * size
    )
    wait_for(lambda: publisher.answered >= count, within=120, what=f"{count} answered, {publisher.answered} were")
    # The watch is fed after the answer.
    time.sleep(0.5)
    return (sum(process.cpu_times()[:2]) - before) / count * 1e6


def paho_cpu(port: int, login: tuple[str, str], publisher: Publisher, count: int) -> float:
    made = payloads("bare", readings(count, time.time()), 1)
    # Not one that the hub hears: to write down what is of no home of its own is work, too.
    name = "bench/readings"
    context = mp.get_context("spawn")
    ready, out = context.Event(), context.Queue()
    child = context.Process(target=bare, args=(port, login, name, count, ready, out))
    child.start()
    ready.wait(30)
    publisher.send(name, made, lambda _number: True)
    seconds = out.get(timeout=120)
    child.join()
    return float(seconds) / count * 1e6


def river_cpu(count: int) -> float:
    from river.anomaly import HalfSpaceTrees

    trees = HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=1)
    rows = [{"x": n % 97 / 97, "y": n % 31 / 31, "z": n % 7 / 7} for n in range(count)]
    before = time.process_time()
    for row in rows:
        trees.score_one(row)
        trees.learn_one(row)
    return (time.process_time() - before) / count * 1e6


def watch_cpu(count: int, round_: int) -> float:
    """The engine and its watch alone, on a generated month of a home."""
    from firmware_sim.homes import generate_home
    from sensor_hub.watch.home_watch import HomeWatch

    home, arrivals, _ = generate_home(round_, count / 2700, start=1_767_571_200.0)
    watch = HomeWatch.begin(home)
    before = time.process_time()
    for entry in arrivals:
        watch.feed(entry)
    return (time.process_time() - before) / len(arrivals) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=20_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), HOME)
        stack.start()
        stack.gateway.stop()
        file = json.loads((stack.folder / "data" / "broker" / "credentials.json").read_text())
        gateway, hub = ((file[who]["user"], file[who]["password"]) for who in ("gateway", "hub"))
        publisher = Publisher(stack.hub_port, hub)
        assert gateway
        figures: dict[str, list[float]] = {}
        try:
            for round_ in range(args.rounds):
                for name, measured in (
                    ("bare paho, one a message", lambda: paho_cpu(stack.hub_port, hub, publisher, args.count)),
                    ("hub, one a message", lambda r=round_: hub_cpu(stack, publisher, args.count, 1, r)),
                    ("hub, fifty a message", lambda r=round_: hub_cpu(stack, publisher, args.count * 2, 50, r)),
                    ("watch and engine alone", lambda r=round_: watch_cpu(args.count * 2, r)),
                    ("river half-space trees", lambda: river_cpu(args.count // 4)),
                ):
                    figures.setdefault(name, []).append(measured())  # type: ignore[operator]
            assert stack.hub.child is not None
            rss = psutil.Process(stack.hub.child.pid).memory_info().rss / 1e6
        finally:
            stack.stop()
    medians = {name: statistics.median(values) for name, values in figures.items()}
    for name, values in figures.items():
        print(f"{name:28} {medians[name]:8.2f} µs a reading ({min(values):.2f}-{max(values):.2f})")
    one, fifty = medians["hub, one a message"], medians["hub, fifty a message"]
    print(f"hub / bare paho, one a message   {one / medians['bare paho, one a message']:.2f}")
    print(f"hub, fifty / one a message       {fifty / one:.3f}")
    print(f"hub, fifty a message / river     {fifty / medians['river half-space trees']:.3f}")
    print(
        f"watch alone / river              {medians['watch and engine alone'] / medians['river half-space trees']:.3f}"
    )
    print(f"hub process {rss:.0f} MB")
    sys.exit(0)


if __name__ == "__main__":
    main()
