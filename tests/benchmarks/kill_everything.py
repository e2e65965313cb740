"""Kills the gateway, the hub and the broker in turn in the middle of a home's life; counts what was lost or repeated.

    python -m tests.benchmarks.kill_everything --kills 10 --days 20 --speed 2000 --out FOLDER

A generated home with known episodes is played through the real path, mail included, while one of the three dies by
kill -9 at random instants, each `--kills` times. Afterwards: every reading that the devices published is in the hub's
log exactly once; a replay of the log gives the alerts that the hub wrote; every page was mailed; a mail came twice only
under one reference and marked so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from firmware_sim.episodes import Episode, EpisodeKind, Truth
from firmware_sim.files import write_home
from firmware_sim.homes import generate_home
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, to_millisecond
from tests.benchmarks.live_against_replay import pages, sha
from tests.dispatch.mail_server import MailServer
from tests.stack import BIN, ROOT, Stack, replayed, simulated
from tests.waiting import wait_for

START = 1_767_571_200.0
"""Monday 5 January 2026, 00:00 UTC."""
REFERENCE = re.compile(r"ref ([0-9a-f]+)")


def eventful(days: int) -> tuple[Home, list[Arrival], Truth]:
    """A home with a page every few days."""
    episodes = [Episode(EpisodeKind.BOILER_FAILURE, START + 1.5 * DAY, START + 3 * DAY)]
    episodes.append(Episode(EpisodeKind.DEAD_BATTERY, START + 4 * DAY, START + 5.5 * DAY))
    falls = range(7, days - 2, 4)
    episodes += [Episode(EpisodeKind.LONG_LIE, START + (day + 0.42) * DAY, START + (day + 0.85) * DAY) for day in falls]
    return generate_home(21, days, start=START, episodes=episodes)


class Killer(threading.Thread):
    """Kills one after the other at random instants until each has died often enough."""

    def __init__(self, stack: Stack, kills: int, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.seconds = stack, seconds
        self.chance = random.Random(seed)
        self.victims = ["gateway", "hub", "broker"] * kills
        self.chance.shuffle(self.victims)
        self.killed: Counter[str] = Counter()
        self.stopping = threading.Event()

    def run(self) -> None:
        gap = self.seconds / (len(self.victims) + 1)
        for victim in self.victims:
            if self.stopping.wait(self.chance.uniform(0.3, 1.7) * gap):
                return
            if victim == "broker":
                self.stack.kill_hubs_broker()
            else:
                program = self.stack.hub if victim == "hub" else self.stack.gateway
                program.kill()
                self.stopping.wait(self.chance.uniform(0, 0.5))
                program.start()
            self.killed[victim] += 1


def stored(folder: Path) -> Counter[tuple[str, str, float]]:
    with gzip.open(folder / "readings.jsonl.gz", "rt") as lines:
        rows = (json.loads(line) for line in lines)
        return Counter((row["device"], row["metric"], to_millisecond(row["at"])) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--speed", type=float, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    home, arrivals, truth = eventful(args.days)
    recorded = args.out / "source"
    write_home(recorded, home, arrivals, truth)
    sent = {
        (one.reading.device, one.reading.metric.value, to_millisecond(one.reading.at))
        for one in arrivals
        if one.reading.metric is not Metric.ONLINE
    }
    clock = simulated(START - HOUR / 2, args.speed)
    (args.out / "clock.toml").write_text(clock)
    mail = MailServer(args.out, has_tls=False)
    stack = Stack(args.out / "run", home, clock=clock, contact=mail.address("duty@example.org"))
    stack.start()
    killer = Killer(stack, args.kills, 0.9 * args.days * DAY / args.speed, args.seed)
    killer.start()
    began = time.monotonic()
    try:
        command = [
            str(BIN / "firmware-sim"),
            "replay",
            str(recorded / "home.toml"),
            str(recorded / "readings.jsonl.gz"),
        ]
        command += ["--port", str(stack.devices.port), "--config", str(args.out / "clock.toml")]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        print(done.stderr.strip().splitlines()[-1])
        killer.join(120)
        wait_for(lambda: unanswered(stack) <= 5, within=120, what="everything to be answered")
        time.sleep(8)
    finally:
        killer.stopping.set()
        stack.stop()
        mail.stop()
    print(f"killed {dict(killer.killed)} in {time.monotonic() - began:.0f} s")
    exported = stack.export(args.out / "export")
    log = stored(exported)
    missing, twice = [key for key in sent if key not in log], [key for key, count in log.items() if count > 1]
    print(f"{len(sent)} readings published; {len(missing)} lost, {len(twice)} stored twice; {log.total()} in the log")
    again = args.out / "again.jsonl"
    print(replayed(exported, again).strip())
    same = sha(exported / "alerts.jsonl") == sha(again)
    print(f"the log's replay gives {'the same alerts' if same else 'OTHER ALERTS'}: {sha(again)}")
    told = pages(exported / "alerts.jsonl")
    subjects = mail.box.subjects()
    references = Counter(found.group(1) for subject in subjects if (found := REFERENCE.search(subject)))
    marked = Counter(
        found.group(1) for subject in subjects if "again" in subject and (found := REFERENCE.search(subject))
    )
    repeated = {reference: count for reference, count in references.items() if count > 1}
    unmarked = [reference for reference in repeated if not marked[reference]]
    print(
        f"{len(told)} pages raised; {len(references)} notices mailed; twice {len(repeated)}, unmarked {len(unmarked)}"
    )
    for key in missing[:10]:
        print(f"  lost: {key}")
    bad = bool(missing or twice or not same or unmarked or any(count > 2 for count in repeated.values()))
    sys.exit(1 if bad else 0)


def unanswered(stack: Stack) -> int:
    """Rows of the gateway's outbox that the hub has not answered; its own heartbeat keeps one or two on the way."""
    command = [str(BIN / "sensor-gateway"), "status", "--json", "--config", str(stack.folder / "gateway.toml")]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    return int(told["outbox"]["waiting"])


if __name__ == "__main__":
    main()
