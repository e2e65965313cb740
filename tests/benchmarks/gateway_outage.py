"""A month without the hub at 7,000 readings a day; then it returns: is all there, in order, how late is live?

    .venv/bin/python tests/benchmarks/gateway_outage.py [--days 30] [--each 0.05]

The month is simulated (moments, not waiting); the broker, the outbox and the uplink are real. `--each` are the seconds
that the hub takes for a batch. Exit 1 where a reading is lost, a device's order broken or a live reading a minute late.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from gateway.clock import Clock
from gateway.inbox import Tally
from gateway.outbox import Outbox, open_outbox
from gateway.report import Name, Report
from gateway.settings import Server
from gateway.uplink import Uplink
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.reading import Reading
from tests.brokers import start_nats
from tests.gateway.builders import FakeMachine, MiniHub, wait_until

START = 1767225600.0
A_DAY = 7000
DEVICES = 40
METRICS = (Metric.MOTION, Metric.TEMPERATURE, Metric.HUMIDITY, Metric.CONTACT, Metric.BATTERY)
COMMIT = 10
"""Readings in a commit, as a busy home gathers them."""


class SlowHub(MiniHub):
    """Takes its time for each batch; remembers the order in which each device's readings came, stream by stream."""

    def __init__(self, port: int, each: float) -> None:
        self.each = each
        self.arrived: dict[tuple[str, str, int], float] = {}
        self.last: dict[tuple[str, str], int] = {}
        self.disorder = 0
        self.stream = ""
        super().__init__(port)

    def _keep(self, records: list[dict]) -> None:
        time.sleep(self.each)
        before = set(self.rows)
        super()._keep(records)
        stream = str(self.batches[-1]["stream"])
        for key in sorted(set(self.rows) - before, key=lambda key: key[2]) if len(records) else ():
            self.arrived[key] = time.monotonic()
            place = (stream, key[0])
            self.disorder += key[2] < self.last.get(place, 0)
            self.last[place] = key[2]


def a_month(outbox: Outbox, days: int) -> int:
    """Fills the outbox; the number of readings."""
    total = days * A_DAY
    for first in range(0, total, COMMIT):
        rows = [
            Reading(
                round(START + number * DAY / A_DAY, 3),
                f"0x{number % DEVICES:016x}",
                METRICS[number // DEVICES % len(METRICS)],
                float(number % 2),
            )
            for number in range(first, min(first + COMMIT, total))
        ]
        outbox.append(rows, at=rows[-1].at)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--each", type=float, default=0.05, metavar="SECONDS")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    outbox = open_outbox(folder / "outbox.db")
    started = time.monotonic()
    total = a_month(outbox, chosen.days)
    size = sum(path.stat().st_size for path in folder.glob("outbox.db*"))
    print(f"{total} readings of {chosen.days} days in {size / 1e6:.1f} MB, {time.monotonic() - started:.0f} s to write")
    broker = start_nats(folder / "broker")
    hub = SlowHub(broker.port, chosen.each)
    report = Report(Name("local", "h1", "1"), outbox, Clock(machine=FakeMachine()), Tally())
    uplink = Uplink(Server("127.0.0.1", broker.port, "local/h1"), report)
    started = time.monotonic()
    uplink.start()
    wait_until(lambda: uplink.is_connected, within=60)
    sent: dict[int, float] = {}
    while outbox.waiting() > 0 and time.monotonic() < started + 600:
        at = START + chosen.days * DAY + len(sent)
        sent[round(at * 1000)] = time.monotonic()
        outbox.append([Reading(at, "live", Metric.MOTION, 1.0)], at=at)
        uplink.wake()
        time.sleep(0.1)
    wait_until(lambda: outbox.waiting() == 0, within=60)
    spent = time.monotonic() - started
    uplink.close("done")
    delays = [hub.arrived[key] - sent[key[2]] for key in hub.arrived if key[0] == "live"]
    hub.close()
    broker.stop()
    lost = total + len(sent) - len(hub.rows)
    streams = Counter(str(batch["stream"]) for batch in hub.batches)
    print(
        f"the backlog was sent in {spent:.1f} s ({total / spent:.0f}/s), {len(streams)} streams, {hub.repeats} repeats"
    )
    print(f"lost {lost}, out of order within a device and stream {hub.disorder}")
    print(f"{len(delays)} live readings: median {median(delays):.2f} s, worst {max(delays):.2f} s behind")
    return 0 if lost == 0 and hub.disorder == 0 and max(delays) < 60 else 1


if __name__ == "__main__":
    sys.exit(main())
