"""A home's log as files: what `sensor-hub replay` and other programs read."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sensor_hub.model.alert import alert_line
from sensor_hub.model.entry import Arrival, Entry, HomeSet, HubAway, entry_row
from sensor_hub.model.home import Home, home_toml
from sensor_hub.model.problem import InputError
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.home_watch import GRID


@dataclass(slots=True)
class Exported:
    """How much was written."""

    readings: int = 0
    entries: int = 0
    changes: int = 0


def export_home(stores: SqlStores, home: str, folder: Path, *, judged_only: bool = False) -> Exported:
    """Writes `home.toml`, `readings.jsonl.gz`, `entries.jsonl` and `alerts.jsonl`; the same log gives the same bytes.

    `home.toml` is the home as it was first described: what came after is in the entries. `judged_only` leaves out what
    was stored after the last tick. A replay of that gives exactly these alerts; a replay of the whole log also judges
    the tick that has not come yet.
    """
    exported = Exported()
    with stores.database.view():
        first = stores.log.first_home(home)
        if first is None:
            raise InputError(f"no home {home!r} in the log", where=stores.database.name, expected="a home's id")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "home.toml").write_text(home_toml(first), encoding="utf-8")
        settled = stores.memory.settled_tick()
        _write_log(stored_log(stores, home, settled if judged_only else None, settled), folder, exported)
        with (folder / "alerts.jsonl").open("w", encoding="utf-8") as out:
            for change in stores.alerts.changes_of_home(home):
                out.write(alert_line(change) + "\n")
                exported.changes += 1
    return exported


def _write_log(log: Iterator[Entry], folder: Path, exported: Exported) -> None:
    with (
        (folder / "readings.jsonl.gz").open("wb") as raw,
        # No name and no time in the gzip's head: the same readings are the same bytes.
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as readings,
        (folder / "entries.jsonl").open("w", encoding="utf-8") as entries,
    ):
        for entry in log:
            if isinstance(entry, Arrival):
                readings.write(_line(entry))
                exported.readings += 1
            else:
                entries.write(json.dumps(entry_row(entry), ensure_ascii=False) + "\n")
                exported.entries += 1


def stored_log(stores: SqlStores, home: str, until: float | None, settled: float | None) -> Iterator[Entry]:
    """The entries stored before `until`, and one that says nothing new where the last tick needs one to be reached."""
    last, described = 0.0, None
    for _, entry in stores.log.read(home):
        if until is not None and entry.received >= until:
            if not (isinstance(entry, HubAway) and entry.start < until):
                break
            # It was known before the ticks inside it, and those up to `until` were made.
            entry = replace(entry, received=until - 0.001)
        last = entry.received
        if isinstance(entry, HomeSet):
            described = entry.home
        yield entry
    if described is not None and settled is not None:
        yield from _reaching(described, last, settled)


def _reaching(home: Home, last: float, settled: float) -> Iterator[Entry]:
    """A replay ticks once past its last entry. Where the hub ticked on, the home told again takes it as far."""
    if (math.floor(last / GRID) + 1) * GRID < settled:
        yield HomeSet(settled - 0.001, home)


def _line(arrival: Arrival) -> bytes:
    reading = arrival.reading
    row = {
        "at": reading.at,
        "received": arrival.received,
        "device": reading.device,
        "metric": reading.metric.value,
        "value": reading.value,
    }
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"
