"""Plays recorded homes in the orders in which their readings may reach the hub; what comes out must be the same.

    python -m tests.benchmarks.arrival_orders CASES [--seed 1] [--only NAME …]

CASES holds a folder for each case with home.toml and readings.jsonl.gz. Each is played as recorded; in random batches,
in which whatever came before the same tick comes in any order; the same with repeats, as gateways send again what was
not answered; and with the hub killed at 20 random moments, each time going on from its last snapshot. All but the first
go through the hub's own log, which drops repeats and sorts a batch. No `hub_away` is written: it is an entry, and would
rightly change what is told. Prints the SHA-256 of each run's alerts.jsonl; exit code 1 where one differs, or what the
engine has learned at the end does.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from multiprocessing import Pool
from pathlib import Path
from tempfile import TemporaryDirectory

from sensor_hub.engine.state import EngineState
from sensor_hub.model.alert import AlertChange, alert_line
from sensor_hub.model.entry import Arrival, Entry
from sensor_hub.model.home import Home, read_home
from sensor_hub.model.metric import ALARMS
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database
from sensor_hub.storage.log import SqlHomeLog
from sensor_hub.watch.home_watch import FUTURE, GRID, HomeWatch
from sensor_hub.watch.replay import read_log

MOST = 500
"""Readings in one batch, as on the wire."""
SENT_AGAIN = 0.1
"""Share of batches that come again, with what came since in between."""
RESTARTS = 20
UNSAVED = 300
"""A snapshot is at most so many batches old when the hub is killed."""
Batch = tuple[float, Sequence[Reading]] | Entry
"""`received` and what came then; or another entry of the log."""


def batches(entries: Iterable[Entry], chance: random.Random) -> Iterator[Batch]:
    """The log in other batches: each reading before the same tick, and not before it was received."""
    for (is_fixed, _), group in groupby(entries, key=_place):
        if is_fixed:
            yield from ((one.received, [one.reading]) if isinstance(one, Arrival) else one for one in group)
        else:
            yield from _cut([one for one in group if isinstance(one, Arrival)], chance)


def _place(entry: Entry) -> tuple[bool, int]:
    """What may change places: readings before the same tick, but for what is judged on arrival."""
    is_fixed = (
        not isinstance(entry, Arrival) or entry.reading.metric in ALARMS or entry.reading.at > entry.received + FUTURE
    )
    return is_fixed, int(entry.received // GRID)


def _cut(arrivals: list[Arrival], chance: random.Random) -> Iterator[Batch]:
    """One tick's readings in batches, in any order that brings none before it was received."""
    last = max(one.received for one in arrivals)
    end = (last // GRID + 1) * GRID - 0.001
    if chance.random() < 0.2:
        # All of it waited for the end.
        chance.shuffle(arrivals)
        came = [(last, one.reading) for one in arrivals]
    else:
        came = [(min(one.received + chance.expovariate(1 / 60), end), one.reading) for one in arrivals]
        came.sort(key=lambda one: one[0])
    while came:
        size = min(chance.choice((1, 2, 5, 20, MOST)), len(came))
        batch, came = came[:size], came[size:]
        readings = [reading for _, reading in batch]
        chance.shuffle(readings)
        yield to_millisecond(batch[-1][0]), readings


def with_repeats(log: Iterable[Batch], chance: random.Random) -> Iterator[Batch]:
    """Some batches come again, later, mixed with readings that are new."""
    sent: list[Reading] = []
    for batch in log:
        if not isinstance(batch, tuple) or isinstance(batch, Arrival):
            yield batch
            continue
        received, readings = batch
        repeated = chance.sample(sent, min(len(sent), 40)) if chance.random() < SENT_AGAIN else []
        yield received, [*repeated, *readings, *repeated[:5]]
        if chance.random() < SENT_AGAIN:
            yield received, readings
        sent = [*sent, *readings][-2000:]


@dataclass(frozen=True)
class Ending:
    """What a run told, and what the engine knows after it."""

    changes: list[AlertChange]
    state: EngineState

    @property
    def sha(self) -> str:
        lines = (alert_line(change) + "\n" for change in self.changes)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class Hub:
    """The hub's log and one home's watch over it."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.database = Database(folder / "hub.db")
        self.database.open()
        self.database.raw.execute("PRAGMA synchronous = OFF")
        self.log = SqlHomeLog(self.database)
        self.watch = HomeWatch.begin(home)
        self.told: dict[tuple[str, int], AlertChange] = {}
        self.snapshot = self.watch.snapshot()

    def take(self, batch: Batch) -> None:
        """Stores it, then lets the watch have what was new."""
        if isinstance(batch, tuple) and not isinstance(batch, Arrival):
            received, readings = batch
            appended = self.log.append_readings(self.home.id, received, readings)
            for reading in appended.readings if appended else ():
                assert appended is not None
                self._tell(self.watch.feed(Arrival(received, reading), appended.position))
        else:
            self._tell(self.watch.feed(batch, self.log.append(self.home.id, batch)))

    def save(self) -> None:
        self.snapshot = self.watch.snapshot()

    def restart(self) -> None:
        """All that was in memory is gone: on from the snapshot, over the log."""
        self.watch = HomeWatch.restore(self.snapshot)
        for position, entry in self.log.read(self.home.id, self.watch.state.position):
            self._tell(self.watch.feed(entry, position))

    def end(self) -> Ending:
        """As at the end of a replay: one tick past the last entry."""
        self._tell(self.watch.tick_past((self.watch.state.received // GRID + 1) * GRID))
        return Ending(list(self.told.values()), self.watch.engine.pack())

    def _tell(self, changes: Iterable[AlertChange]) -> None:
        """A change that is made again must be the same one."""
        for change in changes:
            if self.told.setdefault((change.id, change.number), change) != change:
                raise AssertionError(f"made again, it is another: {alert_line(change)}")


def play_whole(home: Home, entries: Sequence[Entry]) -> Ending:
    """As recorded, without a log, as `replay` does it."""
    watch = HomeWatch.begin(home)
    changes = [change for entry in entries for change in watch.feed(entry)]
    changes += watch.tick_past((watch.state.received // GRID + 1) * GRID)
    return Ending(changes, watch.engine.pack())


def play(home: Home, log: Sequence[Batch], kills: Mapping[int, int]) -> Ending:
    """`kills`: before which batch the hub is killed, and how many batches earlier its last snapshot was taken."""
    saves = {place - age for place, age in kills.items()}
    with TemporaryDirectory() as folder:
        hub = Hub(home, Path(folder))
        with closing(hub.database), hub.database.transaction():
            for place, batch in enumerate(log):
                if place in saves:
                    hub.save()
                if place in kills:
                    hub.restart()
                hub.take(batch)
            return hub.end()


@dataclass(frozen=True)
class Run:
    order: str
    sha: str
    changes: int
    learned_the_same: bool


def try_orders(case: Path, seed: int) -> list[Run]:
    home, chance = read_home(case / "home.toml"), random.Random(seed)
    entries = list(read_log(case / "readings.jsonl.gz", lambda error: None))
    log = list(batches(entries, chance))
    again = list(with_repeats(batches(entries, chance), chance))
    places = chance.sample(range(1, len(again)), RESTARTS)
    kills = {place: chance.randrange(min(place, UNSAVED)) for place in places}
    whole = play_whole(home, entries)
    endings = {
        "whole": whole,
        "batches": play(home, log, {}),
        "repeats": play(home, again, {}),
        "restarts": play(home, again, kills),
    }
    return [
        Run(order, ending.sha, len(ending.changes), ending.state == whole.state) for order, ending in endings.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", help="names of cases")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    cases = sorted(path.parent for path in args.cases.glob("*/readings.jsonl.gz"))
    cases = [case for case in cases if args.only is None or case.name in args.only]
    differing = 0
    with Pool(args.processes) as pool:
        for case, runs in zip(cases, pool.imap(partial(try_orders, seed=args.seed), cases), strict=True):
            is_same = len({run.sha for run in runs}) == 1 and all(run.learned_the_same for run in runs)
            differing += not is_same
            for run in runs:
                told = f"{run.changes} changes" + ("" if run.learned_the_same else "  LEARNED OTHERWISE")
                print(f"{case.name:<12}{run.order:<10}{run.sha}  {told}{'' if is_same else '  DIFFERENT'}", flush=True)
    print(f"{len(cases)} cases, {differing} that depend on the order")
    sys.exit(1 if differing or not cases else 0)


if __name__ == "__main__":
    main()
