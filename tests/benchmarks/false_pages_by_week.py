"""Whether a home that has only begun gives more false pages than one that is known: by kind, before and after day 14.

    python -m tests.benchmarks.false_pages_by_week CASES --scoring DIR [--days 14]

CASES holds a folder for each case with home.toml, readings.jsonl.gz and truth.json, as `make evaluate` builds them; DIR
holds the score.py that judges alerts against the truth. Days are counted from a home's first reading. Time that is not
scored counts for neither side. Prints each kind's false pages a home-week on both sides and the bounds of their ratio
(exact, 95 %), then the false pages of each week. Cases made of one household repeat its record: for the bounds a page
of a kind on one day of a household counts once, and so does its time.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scipy.stats import beta

from sensor_hub.model.alert import alert_line
from sensor_hub.model.home import read_home
from sensor_hub.model.moment import DAY, WEEK
from sensor_hub.watch.replay import read_log, replay


@dataclass(frozen=True)
class Case:
    """`scored_from`, `scored_to` and the moments of the false pages in days since the home's first reading."""

    home: str
    scored_from: float
    scored_to: float
    false_pages: Sequence[tuple[str, float]]

    def weeks(self, start: float, end: float) -> float:
        """How many of the home-weeks between two days are scored."""
        return max(0.0, min(end, self.scored_to) - max(start, self.scored_from)) * DAY / WEEK

    def pages(self, start: float, end: float) -> Counter[str]:
        return Counter(kind for kind, day in self.false_pages if start <= day < end)


def play(case: Path, scoring: Path) -> Case:
    sys.path.insert(0, str(scoring))
    score: Any = importlib.import_module("score")
    log = read_log(case / "readings.jsonl.gz", lambda error: None)
    first = next(log)
    home = read_home(case / "home.toml")
    changes = replay(home, iter([first, *log]))
    truth = score.read_case(case / "truth.json")
    with TemporaryDirectory() as folder:
        alerts = Path(folder) / "alerts.jsonl"
        alerts.write_text("".join(alert_line(change) + "\n" for change in changes))
        scored = score.score(score.read_alerts(alerts), truth)

    def day(at: float) -> float:
        return (at - first.received) / DAY

    pages = [(alert.kind, day(alert.at)) for alert in scored.false_pages]
    return Case(home.id, day(truth.scored_from), day(truth.scored_to), pages)


def ratio(early: int, late: int, early_weeks: float, late_weeks: float) -> tuple[float, float]:
    """Bounds of the ratio of two Poisson rates, 95 %: given their sum the counts are binomial (Clopper, Pearson)."""
    low = float(beta.ppf(0.025, early, late + 1)) if early else 0.0
    high = float(beta.ppf(0.975, early + 1, late)) if late else 1.0
    times = late_weeks / early_weeks
    return low / (1 - low) * times, high / (1 - high) * times if high < 1 else math.inf


@dataclass(frozen=True)
class Side:
    """The days before or after the fourteenth."""

    cases: Sequence[Case]
    start: float
    end: float

    def weeks(self) -> float:
        return sum(case.weeks(self.start, self.end) for case in self.cases)

    def pages(self) -> Counter[str]:
        return sum((case.pages(self.start, self.end) for case in self.cases), Counter())

    def own_weeks(self) -> float:
        """Each household once."""
        longest: dict[str, float] = {}
        for case in self.cases:
            longest[case.home] = max(longest.get(case.home, 0.0), case.weeks(self.start, self.end))
        return sum(longest.values())

    def own_pages(self) -> Counter[str]:
        """Each day of a household once."""
        days = {
            (case.home, kind, int(day))
            for case in self.cases
            for kind, day in case.false_pages
            if self.start <= day < self.end
        }
        return Counter(kind for _, kind, _ in days)


def table(cases: Sequence[Case], days: float) -> Iterable[str]:
    early, late = Side(cases, 0, days), Side(cases, days, math.inf)
    pages, pages_later = early.pages(), late.pages()
    own, own_later = early.own_pages(), late.own_pages()
    yield f"{'kind':<20}{'first':>6}{'a week':>8}{'later':>7}{'a week':>8}   of households   ratio (95 %)"
    for kind in [*sorted(pages | pages_later), ""]:
        a, b, own_a, own_b = (
            counts[kind] if kind else counts.total() for counts in (pages, pages_later, own, own_later)
        )
        low, high = ratio(own_a, own_b, early.own_weeks(), late.own_weeks())
        rates = f"{a:>6}{a / early.weeks():>8.3f}{b:>7}{b / late.weeks():>8.3f}"
        yield f"{kind or 'all':<20}{rates}   {own_a:>5} {own_b:>5}     {low:.2f} to {high:.2f}"
    yield (
        f"{early.weeks():.1f} home-weeks in the first {days:g} days, {late.weeks():.1f} later;"
        f" of households {early.own_weeks():.1f} and {late.own_weeks():.1f}"
    )
    for week in range(int(max(case.scored_to for case in cases) // 7) + 1):
        side = Side(cases, week * 7.0, week * 7.0 + 7)
        if side.weeks():
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(side.pages().items()))
            rate = side.pages().total() / side.weeks()
            yield f"week {week + 1:>2}: {rate:.3f} a home-week ({side.weeks():.1f})  {kinds}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("--scoring", type=Path, required=True)
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    folders = sorted(path.parent for root in args.cases for path in root.glob("*/truth.json"))
    with Pool(args.processes) as pool:
        found = pool.map(partial(play, scoring=args.scoring.resolve()), folders, chunksize=1)
    for line in table(found, args.days):
        print(line)


if __name__ == "__main__":
    main()
