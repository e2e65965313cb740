"""Bathroom visits as the engine tells them apart, against what somebody labelled by hand.

    python -m tests.benchmarks.visits_found casas_al_smarthome_2011.txt.gz

DATA is a CASAS record: date, time, place, sensor, ON or OFF, activity, parted by blanks. Every ON of the bathroom's
movement sensor goes to `sensor_hub.engine.visits`. A labelled visit is an unbroken stretch of events with one of the
activities; stretches no more than a minute apart are one. A visit found and one labelled are a pair when they overlap
or lie no more than five minutes apart, one to one. Prints precision, recall and counts a day, by day
(06–22) and by night, against toilet visits alone and against anything done in the bathroom.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, pvariance
from typing import NamedTuple

from sensor_hub.engine.numbers import zeros
from sensor_hub.engine.visits import Visits, note_movement
from sensor_hub.model.moment import DAY, HOUR, MINUTE

APART, SAME = 5 * MINUTE, MINUTE
TOILET = frozenset({"Toilet", "Bed_Toilet_Transition"})
BATHROOM = TOILET | {"Personal_Hygiene", "Bathe"}
Span = tuple[float, float]


class Event(NamedTuple):
    at: float
    """The clock in the home, as if it were UTC."""
    sensor: str
    is_on: bool
    activity: str


def read(path: Path) -> list[Event]:
    """The record's events, in order."""
    events = []
    with gzip.open(path, "rt") as lines:
        for line in lines:
            date, time, _, sensor, state, activity = line.split()
            at = datetime.fromisoformat(f"{date}T{time[:8]}").replace(tzinfo=UTC).timestamp()
            events.append(Event(at, sensor, state == "ON", activity))
    return sorted(events, key=lambda event: event.at)


def found(events: Iterable[Event]) -> list[Span]:
    visits: Visits = zeros(0)
    for event in events:
        if event.sensor == "Bathroom" and event.is_on:
            note_movement(visits, event.at)
    return list(zip(visits[::2], visits[1::2], strict=True))


def labelled(events: Iterable[Event], activities: frozenset[str]) -> list[Span]:
    spans: list[Span] = []
    was = False
    for event in events:
        now = event.activity in activities
        if now and spans and (was or event.at - spans[-1][1] <= SAME):
            spans[-1] = (spans[-1][0], event.at)
        elif now:
            spans.append((event.at, event.at))
        was = now
    return spans


def pairs(visits: Sequence[Span], truth: Sequence[Span]) -> list[tuple[int, int]]:
    """Visits and labels that belong together, as positions: the label that ends first chooses first."""
    free, chosen = set(range(len(visits))), []
    for number, (start, end) in sorted(enumerate(truth), key=lambda item: item[1][1]):
        near = [n for n in free if visits[n][0] <= end + APART and start <= visits[n][1] + APART]
        if near:
            best = min(near, key=lambda n: visits[n][1])
            free.discard(best)
            chosen.append((best, number))
    return chosen


def is_night(at: float) -> bool:
    return not 6 <= at % DAY / HOUR < 22


def row(name: str, visits: Sequence[Span], truth: Sequence[Span], days: int) -> str:
    """Precision and recall over all, by day and by night (where the visit, or the label, began)."""
    matched = pairs(visits, truth)
    cells = [f"{name:<28}"]
    for part in (None, False, True):
        ours = [n for n, (start, _) in enumerate(visits) if part is None or is_night(start) is part]
        theirs = [n for n, (start, _) in enumerate(truth) if part is None or is_night(start) is part]
        right, heard = {n for n, _ in matched} & set(ours), {n for _, n in matched} & set(theirs)
        precision, recall = len(right) / max(len(ours), 1), len(heard) / max(len(theirs), 1)
        cells.append(f"{precision:.2f} {recall:.2f}  {len(ours) / days:4.1f} {len(theirs) / days:4.1f}")
    return "   ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    events = read(parser.parse_args().data)
    days = [int(event.at // DAY) for event in events]
    visits, count = found(events), days[-1] - days[0] + 1
    print(f"{count} days; precision, recall, visits a day found and labelled: all, by day (06-22), by night")
    print(row("toilet", visits, labelled(events, TOILET), count))
    print(row("anything in the bathroom", visits, labelled(events, BATHROOM), count))
    daily = [sum(day == int(start // DAY) for start, _ in visits) for day in range(days[0], days[-1] + 1)]
    print(f"visits found a day: mean {mean(daily):.1f}, variance over mean {pvariance(daily) / mean(daily):.2f}")


if __name__ == "__main__":
    main()
