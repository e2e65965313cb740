"""Reads `readings.jsonl`: recorded readings, one a line, in order of arrival."""

from __future__ import annotations

import gzip
import json
import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from sensor_hub.model.entry import Arrival
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import EARLIEST, LATEST, parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading

BUTTON = Metric.BUTTON
METRIC_NAMES = {metric.value: metric for metric in Metric}
PART = 1 << 16
"""Bytes that are read and decoded at once."""

Told = Callable[[InputError], None]


class _Stored(msgspec.Struct):
    received: float


_READINGS, _STORED = msgspec.json.Decoder(Reading), msgspec.json.Decoder(_Stored)


def read_arrivals(path: Path, told: Told) -> Iterator[Arrival]:
    """The readings of the file as the hub's log would hold them: `received` never goes back, and a repeat is dropped.

    `told` hears of each line that cannot be used; the rest goes on.
    """
    seen: dict[str, dict[Metric, array[float]]] = {}
    stored = 0.0
    for received, reading in chain.from_iterable(_decoded(path, told)):
        series = seen.get(reading.device)
        if series is None:
            series = seen[reading.device] = {}
        moments = series.get(reading.metric)
        if moments is None:
            series[reading.metric] = array("d", (reading.at,))
        elif reading.at > moments[-1]:
            moments.append(reading.at)
        elif not _is_new(moments, reading.at):
            continue
        if received > stored:
            stored = received
        yield Arrival(stored, reading)


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line that is not empty, and where it stands; InputError when the file cannot be read."""
    number = 1
    for part in _parts(path):
        yield from _lines(path, number, part)
        number += part.count(b"\n")


def _is_new(moments: array[float], at: float) -> bool:
    """Whether a moment that is not the last was not there yet; it is now."""
    place = bisect_left(moments, at)
    if moments[place] == at:
        return False
    moments.insert(place, at)
    return True


def _decoded(path: Path, told: Told) -> Iterator[Iterable[tuple[float, Reading]]]:
    """The rows of the file, part by part."""
    number = 1
    for part in _parts(path):
        yield _at_once(part) or _one_by_one(path, number, part, told)
        number += part.count(b"\n")


def _at_once(part: bytes) -> Iterable[tuple[float, Reading]] | None:
    """The rows of a part whose lines are all plain, as nearly all are; None where they must be looked at one by one."""
    if b"\r" in part:
        return None
    try:
        readings = _READINGS.decode_lines(part)
        received = [row.received for row in _STORED.decode_lines(part)]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if len(readings) != part.count(b"\n") or len(received) != len(readings):
        return None
    if {type(reading.value) for reading in readings} != {float} or BUTTON in {reading.metric for reading in readings}:
        return None
    are_moments = _are_moments(received) and _are_moments([reading.at for reading in readings])
    return zip(received, readings, strict=True) if are_moments else None


def _are_moments(values: list[float]) -> bool:
    """Whether all are whole milliseconds in the time that can be."""
    row = np.array(values)
    if not ((row >= EARLIEST) & (row < LATEST)).all():
        return False
    # As `to_millisecond`, for a whole row.
    return bool((np.rint(row * 1000) / 1000 == row).all())


def _one_by_one(path: Path, number: int, part: bytes, told: Told) -> Iterator[tuple[float, Reading]]:
    for where, line in _lines(path, number, part):
        plain = _at_once(line.encode() + b"\n")
        if plain is not None:
            yield from plain
            continue
        try:
            yield _row(line)
        except (ValueError, OverflowError, RecursionError) as error:
            expected = '{"at": …, "received": …, "device": "…", "metric": "…", "value": …}'
            told(InputError(f"not a reading ({error})", where=where, expected=expected))


def _row(line: str) -> tuple[float, Reading]:
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
    return parse_moment(row["received"]), Reading(parse_moment(row["at"]), device, metric, value)


def _lines(path: Path, number: int, part: bytes) -> Iterator[tuple[str, str]]:
    try:
        text = part.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(path, error) from error
    for line in text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n"):
        if line and not line.isspace():
            yield f"{path}:{number}", line
        number += 1


def _parts(path: Path) -> Iterator[bytes]:
    """The file in parts of whole lines, each with its end."""
    rest: list[bytes] = []
    try:
        with _open(path) as file:
            while part := file.read(PART):
                whole, newline, begun = part.rpartition(b"\n")
                if newline:
                    yield b"".join((*rest, whole, newline))
                    rest = []
                rest.append(begun)
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error
    if last := b"".join(rest):
        yield last + b"\n"


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"cannot be read ({error})", where=str(path), expected="readings, one a line")
