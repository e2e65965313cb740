"""`readings.jsonl` and `readings.jsonl.gz`: a home's readings, one a line, in order of arrival."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading

GZIP_LEVEL = 3
EXPECTED = '{"at": …, "received": …, "device": "…", "metric": "motion", "value": 1}'


def read_readings(path: Path, home: Home) -> list[Reading]:
    """The file's readings in the order measured, each once; InputError names the line that is none of the home's."""
    devices = {device.id for device in home.devices}
    found: dict[tuple[str, Metric, float], Reading] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            reading = _reading(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"no reading ({error})", where=f"{path}, line {number}", expected=EXPECTED) from error
        if reading.device not in devices:
            expected = "a device of the home file"
            raise InputError(f"device {reading.device!r}", where=f"{path}, line {number}", expected=expected)
        found.setdefault((reading.device, reading.metric, reading.at), reading)
    return sorted(found.values(), key=lambda one: (one.at, one.device, one.metric))


def write_readings(path: Path, arrivals: Iterable[Arrival]) -> None:
    """The arrivals as such a file, gzipped: the same arrivals give the same bytes."""
    text = "".join(_line(one) for one in arrivals)
    # No time of writing in gzip's header.
    path.write_bytes(gzip.compress(text.encode(), GZIP_LEVEL, mtime=0))


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from lines
        else:
            with path.open(encoding="utf-8") as lines:
                yield from lines
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(
            f"cannot be read ({error})", where=str(path), expected="readings.jsonl or .jsonl.gz"
        ) from error


def _reading(row: dict[str, object]) -> Reading:
    metric, value = Metric(str(row["metric"])), row["value"]
    if metric is Metric.BUTTON:
        if not isinstance(value, str):
            raise ValueError("the value of a button is the action's name")
        return Reading(parse_moment(row["at"]), str(row["device"]), metric, value)
    if not isinstance(value, bool | int | float):
        raise ValueError(f"value {value!r} is no number")
    number = int(value) if float(value).is_integer() else float(value)
    return Reading(parse_moment(row["at"]), str(row["device"]), metric, number)


def _line(arrival: Arrival) -> str:
    reading = arrival.reading
    return (
        f'{{"at": {reading.at!r}, "received": {arrival.received!r}, "device": "{reading.device}", '
        f'"metric": "{reading.metric.value}", "value": {json.dumps(reading.value)}}}\n'
    )
