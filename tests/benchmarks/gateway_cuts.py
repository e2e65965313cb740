"""Kill -9, then cut the outbox file at a random byte, a thousand times: is what is gone counted?

    .venv/bin/python tests/benchmarks/gateway_cuts.py [--times 1000] [--seed 1]

A child appends and answers until it is killed; its file is cut; it is opened again. Saved and reported as lost must be
what waited. Exit 1 where a single reading is neither, or an outbox does not take new readings afterwards.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from gateway.outbox import open_outbox
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

START = 1767225600.0
BEFORE = 3000
ANSWERED = 1200
METRICS = (Metric.MOTION, Metric.TEMPERATURE, Metric.CONTACT)


def rows(first: int, count: int) -> list[Reading]:
    return [
        Reading(START + number, f"0x{number % 20:016x}", METRICS[number % 3], number % 7 + 0.5)
        for number in range(first, first + count)
    ]


def child(path: Path, said: int, chance: random.Random) -> None:
    """Appends and has some answered, and says before each how many may wait after it; until it is killed."""
    outbox = open_outbox(path)
    number, answered = BEFORE, ANSWERED
    while True:
        count = chance.randrange(1, 30)
        os.write(said, f"{number - answered} {number + count - answered}\n".encode())
        outbox.append(rows(number, count), at=START)
        number += count
        if chance.random() < 0.3:
            further = chance.randrange(answered, number)
            os.write(said, f"{number - further} {number - answered}\n".encode())
            answered = further
            outbox.answer(outbox.stream, answered)


def killed(path: Path, chance: random.Random) -> tuple[int, int]:
    """How many rows waited when the child died: at least and at most."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        child(path, writes, chance)
    os.close(writes)
    time.sleep(chance.uniform(0.005, 0.06))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(reads) as said:
        lines = said.read().split("\n")[:-1]
    least, most = (int(text) for text in (lines or [f"{BEFORE - ANSWERED} {BEFORE - ANSWERED}"])[-1].split())
    return least, most


def waiting(outbox: object) -> int:
    return sum(outbox.streams().values()) + outbox.held  # type: ignore[attr-defined]


def one(folder: Path, ready: Path, chance: random.Random) -> tuple[str, int, int]:
    """What came of one cut, how many rows were lost, and by how many the count is off."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ready, folder)
    path = folder / "outbox.db"
    least, most = killed(path, chance)
    cut = chance.randrange(path.stat().st_size)
    os.truncate(path, cut)
    outbox = open_outbox(path)
    lost, saved = outbox.lost_since_start, waiting(outbox)
    # Answers are written down late: an undamaged file may say some rows again, which is harmless.
    is_right = least <= saved + lost and (saved + lost <= most or lost == 0)
    off = 0 if is_right else saved + lost - least
    works = outbox.append([Reading(START + 1e6, "new", Metric.MOTION, 1.0)], at=START + 1e6).accepted == 1
    again = waiting(outbox) == saved + 1
    outbox.close()
    return ("works" if works and again else "BROKEN"), lost, off


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)
    chance = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp())
    ready = folder / "ready"
    outbox = open_outbox(ready / "outbox.db")
    outbox.append(rows(0, BEFORE), at=START)
    outbox.answer(outbox.stream, ANSWERED)
    outbox.close()
    began, outcomes, lost, off, whole = time.monotonic(), Counter[str](), 0, 0, 0
    for number in range(1, chosen.times + 1):
        outcome, gone, wrong = one(folder / "trial", ready, chance)
        outcomes[outcome] += 1
        lost, off, whole = lost + gone, off + (wrong != 0), whole + (gone == 0)
        if number % 100 == 0:
            print(f"{number}: {dict(outcomes)}, lost and reported {lost}, miscounted {off}", flush=True)
    print(
        f"{chosen.times} cuts in {time.monotonic() - began:.0f} s: {outcomes['works']} outboxes work on, {whole} lost "
        f"nothing, {lost} readings lost and reported, {off} cuts after which the count is wrong"
    )
    shutil.rmtree(folder)
    return 0 if outcomes["works"] == chosen.times and off == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
