"""Plays a recorded home live, at speed, through broker, gateway and hub, and holds what came out against a replay.

    python -m tests.benchmarks.live_against_replay HOME.toml READINGS.jsonl.gz --speed 3000 --out FOLDER

Prints the hashes of the live alerts and of those that `sensor-hub replay` gives over what the hub stored (they must be
the same), and, for each page of the live run, whether a replay of the recording has one of its kind within 5 minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from firmware_sim.readings import read_readings
from sensor_hub.model.home import read_home
from sensor_hub.model.moment import HOUR, iso
from tests.stack import BIN, ROOT, Stack, replayed, simulated

WITHIN = 300.0


@dataclass(frozen=True)
class Page:
    kind: str
    at: float
    summary: str


def pages(path: Path) -> list[Page]:
    """Each time the alerts began to interrupt a person."""
    found: list[Page] = []
    paged: set[str] = set()
    for line in path.read_text().splitlines():
        row = json.loads(line)
        if row["state"] == "cleared":
            paged.discard(row["id"])
        elif row["urgency"] != "notice" and row["id"] not in paged:
            paged.add(row["id"])
            found.append(Page(row["kind"], datetime.fromisoformat(row["at"]).timestamp(), row["summary"]))
    return found


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("readings", type=Path)
    parser.add_argument("--speed", type=float, default=3000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    home = read_home(args.home)
    first = read_readings(args.readings, home)[0].at
    clock = simulated(first - HOUR / 2, args.speed)
    stack = Stack(args.out / "run", home, clock=clock)
    (args.out / "clock.toml").write_text(clock)
    stack.start()
    began = time.monotonic()
    try:
        command = [str(BIN / "firmware-sim"), "replay", str(args.home), str(args.readings)]
        command += ["--port", str(stack.devices.port), "--config", str(args.out / "clock.toml")]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        print(done.stderr.strip().splitlines()[-1])
        # What is on its way has a moment to arrive before the hub stops.
        time.sleep(3)
    finally:
        stack.stop()
    print(f"played in {time.monotonic() - began:.0f} s at {args.speed:g} times real time")
    exported = stack.export(args.out / "export")
    again, original = args.out / "again.jsonl", args.out / "original.jsonl"
    print(replayed(exported, again).strip())
    same = sha(exported / "alerts.jsonl") == sha(again)
    print(
        f"live alerts   {sha(exported / 'alerts.jsonl')}\nreplay of log {sha(again)}  {'same' if same else 'DIFFERENT'}"
    )
    command = [str(BIN / "sensor-hub"), "replay", str(args.home), str(args.readings), "--alerts", str(original)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    told, recorded = pages(exported / "alerts.jsonl"), pages(original)
    unmatched = [p for p in told if not any(o.kind == p.kind and abs(o.at - p.at) <= WITHIN for o in recorded)]
    print(f"{len(told)} live pages, {len(recorded)} in a replay of the recording, {len(unmatched)} unmatched")
    for page in unmatched:
        print(f"  live only: {iso(page.at)} {page.kind}: {page.summary}")
    for page in recorded:
        if not any(p.kind == page.kind and abs(p.at - page.at) <= WITHIN for p in told):
            print(f"  recording only: {iso(page.at)} {page.kind}: {page.summary}")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
