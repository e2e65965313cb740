"""What a home costs the engine over time: its state over ten years, and its ticks while nothing comes.

    python -m tests.benchmarks.engine_state --years 10

The home has a few readings a day and, each week, a device replaced, an absence, a visit and alarms of strangers
(`tests/contract/test_growth.py`). Prints the size of its snapshot and its memory after each year; then the CPU of a
tick in a year of silence after a month of a generated home.
"""

from __future__ import annotations

import argparse
import gc
import time
import tracemalloc

from firmware_sim.homes import generate_home
from sensor_hub.model.moment import DAY
from sensor_hub.watch.home_watch import GRID, HomeWatch
from tests.contract.test_growth import START, eventful_days
from tests.homes import small_home

COPIES = 20


def memory(snapshot: bytes) -> float:
    """Bytes of one restored watch, of what is not shared between homes."""
    HomeWatch.restore(snapshot)
    gc.collect()
    tracemalloc.start()
    watches = [HomeWatch.restore(snapshot) for _ in range(COPIES)]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] / len(watches)
    tracemalloc.stop()
    return size


def told(what: str, watch: HomeWatch) -> None:
    snapshot = watch.snapshot()
    print(f"{what}: snapshot {len(snapshot) / 1000:.1f} KB, memory {memory(snapshot) / 1000:.1f} KB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=10)
    args = parser.parse_args()
    watch = HomeWatch.begin(small_home())
    for year in range(args.years):
        for entry in eventful_days(small_home(), year * 365, year * 365 + 365):
            watch.feed(entry)
        told(f"year {year + 1}", watch)
    home, arrivals, _ = generate_home(1, 30, start=START)
    watch = HomeWatch.begin(home)
    for arrival in arrivals:
        watch.feed(arrival)
    told("a generated home after a month", watch)
    ticked = watch.state.ticked or 0.0
    for days in (7, 365):
        before, since = time.process_time(), watch.state.ticked or 0.0
        watch.tick_past(ticked + days * DAY)
        spent, ticks = time.process_time() - before, ((watch.state.ticked or 0.0) - since) / GRID
        print(f"silent until day {days}: {spent / ticks * 1e6:.1f} µs a tick, {ticks / spent:,.0f} ticks a second")


if __name__ == "__main__":
    main()
