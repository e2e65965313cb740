"""Plays a recorded home through the same watch that runs live, timers included."""

from __future__ import annotations

import gzip
import heapq
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.entry import Arrival, Entry, parse_entry
from sensor_hub.model.home import Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.watch.home_watch import GRID, HomeWatch

METRIC_NAMES = {metric.value: metric for metric in Metric}


def replay(home: Home, entries: Iterator[Entry]) -> Iterator[AlertChange]:
    """Every change of an alert that this log gives; after the last entry it ticks once past its `received`."""
    watch = HomeWatch.begin(home)
    last = None
    for last in entries:
        yield from watch.feed(last)
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
    return heapq.merge(others, _arrivals(readings, told), key=lambda entry: entry.received)


def _entries(path: Path, told: Callable[[InputError], None]) -> Iterator[Entry]:
    for where, line in _lines(path):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            yield parse_entry(row, where=where)
        except InputError as error:
            told(error)
        except (ValueError, OverflowError, RecursionError) as error:
            told(InputError(f"not JSON ({error})", where=where, expected="an entry of a log"))


def _arrivals(path: Path, told: Callable[[InputError], None]) -> Iterator[Arrival]:
    seen: dict[tuple[str, Metric], set[float]] = {}
    stored = 0.0
    for where, line in _lines(path):
        try:
            arrival = _arrival(line)
        except (ValueError, OverflowError, RecursionError) as error:
            expected = '{"at": …, "received": …, "device": "…", "metric": "…", "value": …}'
            told(InputError(f"not a reading ({error})", where=where, expected=expected))
            continue
        reading = arrival.reading
        moments = seen.setdefault((reading.device, reading.metric), set())
        if reading.at in moments:
            continue
        moments.add(reading.at)
        stored = max(stored, arrival.received)
        yield arrival if arrival.received == stored else Arrival(stored, reading)


def _arrival(line: str) -> Arrival:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("not an object")
    missing = next((key for key in ("at", "received", "device", "metric", "value") if key not in row), None)
    if missing is not None:
        raise ValueError(f"{missing} is missing")
    device, metric, value = row["device"], METRIC_NAMES.get(str(row["metric"])), row["value"]
    if metric is None:
        raise ValueError(f"metric {row['metric']!r} is unknown")
    if not isinstance(device, str):
        raise ValueError("device is not text")
    if metric is Metric.BUTTON:
        value = str(value)
    elif isinstance(value, int | float):
        value = float(value)
        if not math.isfinite(value):
            raise ValueError("value is not finite")
    else:
        raise ValueError("value is not a number")
    return Arrival(parse_moment(row["received"]), Reading(parse_moment(row["at"]), device, metric, value))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.isspace():
                    yield f"{path}:{number}", line
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path), expected="readings, one a line") from error
