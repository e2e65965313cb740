"""A generated home's folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from firmware_sim.episodes import Truth, truth_table
from firmware_sim.readings import write_readings
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home, home_toml
from sensor_hub.model.problem import InputError


def write_home(folder: Path, home: Home, arrivals: Iterable[Arrival], truth: Truth) -> None:
    """`home.toml`, `readings.jsonl.gz` and `truth.json` in the folder; InputError where they cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_readings(folder / "readings.jsonl.gz", arrivals)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(folder)) from error
    write_text(folder / "home.toml", home_toml(home))
    write_text(folder / "truth.json", json.dumps(truth_table(truth), indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """The text as the file; InputError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", where=str(path)) from error
