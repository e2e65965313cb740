"""What the dial gives: false pages a home-week against delay and recall, over cases with known episodes.

    python -m tests.benchmarks.dial_curve CASES [--scoring DIR] [--false-pages 30 45 60 90 120 160 220]

CASES holds a folder for each case with home.toml, readings.jsonl.gz and truth.json, as `make evaluate` builds them; DIR
holds the score.py that judges alerts against the truth. A line for each setting, and at the end the curve fitted to the
false pages of each kind: what `engine.dial.CURVES` should say.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sensor_hub.engine.dial import CURVES, asked_by_dial
from sensor_hub.model.alert import alert_line
from sensor_hub.model.entry import DialSet
from sensor_hub.model.home import read_home
from sensor_hub.watch.replay import read_log, replay

SETTINGS = (30.0, 45.0, 60.0, 90.0, 120.0, 160.0, 220.0)


@dataclass(frozen=True)
class Found:
    """One case at one setting."""

    weeks: float
    delays: Mapping[str, Sequence[float]]
    """Hours, by injected kind; infinite for an episode that was missed."""
    false_pages: Counter[str]


def play(case: Path, false_pages: float, scoring: Path) -> Found:
    sys.path.insert(0, str(scoring))
    score: Any = importlib.import_module("score")
    home = read_home(case / "home.toml")
    log = read_log(case / "readings.jsonl.gz", lambda error: None)
    first = next(log)
    changes = replay(home, iter([DialSet(first.received, false_pages), first, *log]))
    with TemporaryDirectory() as folder:
        alerts = Path(folder) / "alerts.jsonl"
        alerts.write_text("".join(alert_line(change) + "\n" for change in changes))
        scored = score.score(score.read_alerts(alerts), score.read_case(case / "truth.json"))
    return Found(scored.weeks, scored.found, Counter(alert.kind for alert in scored.false_pages))


def line(false_pages: float, found: Sequence[Found]) -> str:
    weeks = sum(one.weeks for one in found)
    pages = sum((one.false_pages for one in found), Counter[str]())
    delays = [delay for one in found for each in one.delays.values() for delay in each]
    still = [delay for one in found for delay in one.delays.get("inactivity", ())]
    caught = [delay for delay in still if delay < math.inf]
    kinds = ", ".join(f"{kind} {pages[kind]}" for kind in sorted(pages))
    return (
        f"{false_pages:>7g} {asked_by_dial(false_pages):>+6.2f} {pages.total() / weeks:>10.3f}"
        f" {sum(delay < math.inf for delay in delays) / max(len(delays), 1):>7.3f}"
        f" {len(caught):>4}/{len(still):<4} {median(caught) if caught else math.nan:>7.1f}"
        f" {max(caught, default=math.nan):>7.1f}   {kinds}"
    )


def fitted(counts: Sequence[tuple[float, int]], weeks: float) -> tuple[float, float]:
    """Rate and slope of rate · exp(−slope · x) that make the counts of false pages most likely (Poisson)."""
    slopes = [step / 1000 for step in range(2001)]

    def rate(slope: float) -> float:
        return sum(count for _, count in counts) / sum(weeks * math.exp(-slope * x) for x, _ in counts)

    def likelihood(slope: float) -> float:
        level = rate(slope)
        if not level:
            return 0.0
        means = [(weeks * level * math.exp(-slope * x), count) for x, count in counts]
        return sum(count * math.log(mean) - mean for mean, count in means)

    best = max(slopes, key=likelihood)
    return rate(best), best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--scoring", type=Path, default=Path("../shared/evaluation"))
    parser.add_argument("--false-pages", type=float, nargs="+", default=SETTINGS)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    cases = sorted(path.parent for path in args.cases.glob("*/truth.json"))
    seen: dict[str, list[tuple[float, int]]] = {kind.value: [] for kind in CURVES}
    weeks = 0.0
    print("accepted  asked  a home-week recall  long lies  median h  worst h  false pages")
    with Pool(args.processes) as pool:
        for setting in args.false_pages:
            found = pool.map(partial(play, false_pages=setting, scoring=args.scoring.resolve()), cases, chunksize=1)
            print(line(setting, found), flush=True)
            weeks = sum(one.weeks for one in found)
            for kind, counts in seen.items():
                counts.append((asked_by_dial(setting), sum(one.false_pages[kind] for one in found)))
    for kind, counts in seen.items():
        rate, slope = fitted(counts, weeks)
        print(f"{kind}: Curve({rate:.3f}, {slope:.2f})")


if __name__ == "__main__":
    main()
