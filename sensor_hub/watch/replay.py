"""Plays a recorded home through the same watch that runs live, timers included."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.entry import Arrival, Entry, parse_entry
from sensor_hub.model.home import Home
from sensor_hub.model.problem import InputError
from sensor_hub.watch.home_watch import GRID, HomeWatch
from sensor_hub.watch.recording import read_arrivals, read_lines


def replay(home: Home, entries: Iterator[Entry]) -> Iterator[AlertChange]:
    """Every change of an alert that this log gives; after the last entry it ticks once past its `received`."""
    watch = HomeWatch.begin(home)
    last = None
    for last in entries:
        changes = watch.feed(last)
        if changes:
            yield from changes
    if last is not None:
        received = watch.state.received
        yield from watch.tick_past((math.floor(received / GRID) + 1) * GRID)


def read_log(readings: Path, told: Callable[[InputError], None]) -> Iterator[Entry]:
    """The log that lies in `readings` and, where there is one, in `entries.jsonl` beside it, in order of storing.

    A repeat (same device, metric and moment) is dropped, as in the hub's log. `told` hears of each line that cannot be
    used; the rest goes on.
    """
    beside = readings.parent / "entries.jsonl"
    others = sorted(_entries(beside, told), key=lambda entry: entry.received) if beside.exists() else []
    arrivals = read_arrivals(readings, told)
    return _in_order(others, arrivals) if others else arrivals


def _entries(path: Path, told: Callable[[InputError], None]) -> Iterator[Entry]:
    for where, line in read_lines(path):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            yield parse_entry(row, where=where)
        except InputError as error:
            told(error)
        except (ValueError, OverflowError, RecursionError) as error:
            told(InputError(f"not JSON ({error})", where=where, expected="an entry of a log"))


def _in_order(others: list[Entry], arrivals: Iterator[Arrival]) -> Iterator[Entry]:
    """Both by `received`; of the same moment the others first."""
    place = 0
    for arrival in arrivals:
        while place < len(others) and others[place].received <= arrival.received:
            yield others[place]
            place += 1
        yield arrival
    yield from others[place:]
