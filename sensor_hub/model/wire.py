"""The wire between gateway and hub: topics, and messages as the gateway writes and the hub answers them.

A batch is a SenML pack (RFC 8428, JSON), gzipped where that is shorter. The hub's decoder is
`sensor_hub.ingest.decode`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sensor_hub.model.metric import METRICS
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading, Value

ROOT = "care/1"
MOST_READINGS = 500
MOST_BYTES = 1024 * 1024
"""Of a pack, unpacked."""
GZIP_MAGIC = b"\x1f\x8b"
WORTH_PACKING = 512
HEAD = "gateway/"
_SPELT = {
    metric: (f'"n":"{metric.value}"', f',"u":"{info.senml}"' if info.senml else "") for metric, info in METRICS.items()
}
"""For each metric its name and its unit as a record says them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """All rows of an outbox's stream in (after, upto] that still exist; up to `kept` all were answered or given up."""

    stream: str
    kept: int
    after: int
    upto: int
    boot: str
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class Stored:
    """The hub's answer: it holds, or holds as rejected, everything of the stream up to `upto`; `at` is its clock."""

    stream: str
    upto: int
    at: float


@dataclass(frozen=True, slots=True)
class Status:
    """What a gateway says of itself, retained, and by its last will."""

    state: str
    boot: str
    version: str
    at: float
    clock: str = "trusted"
    streams: Mapping[str, int] = field(default_factory=dict)
    """Rows waiting in each stream."""
    oldest: float | None = None
    """The moment of the oldest reading that waits."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """How many messages or values were rejected since the start, by reason."""
    reason: str = ""
    """Why it is offline."""
    placed: Mapping[str, str] = field(default_factory=dict)
    """The room of each device that was placed in the home."""
    placed_at: Mapping[str, float] = field(default_factory=dict)
    """When that was said."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the home's own systems call its devices."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """What became of the hub's settings: `version` that is applied, by key why something was `refused`, and the `pets`
    in it."""
    told_alone: Sequence[Mapping[str, str]] = ()
    """What the gateway told somebody itself while the hub was out of reach: `rule`, `since`, `text`, `told_at`."""


def topic(tenant: str, home: str, leaf: str) -> str:
    """`care/1/{tenant}/{home}/{leaf}`; leaves are readings, stored, status and settings."""
    return f"{ROOT}/{tenant}/{home}/{leaf}"


def encode_batch(batch: Batch) -> bytes:
    """The batch as a SenML pack. Readings are grouped by device; each group's base time is its first reading's."""
    records = [
        f'{{"bn":"{HEAD}","n":"stream","vs":{json.dumps(batch.stream)}}}',
        f'{{"n":"kept","v":{batch.kept}}},{{"n":"after","v":{batch.after}}},{{"n":"upto","v":{batch.upto}}}',
        f'{{"n":"boot","vs":{json.dumps(batch.boot)}}}',
    ]
    groups: dict[str, list[Reading]] = {}
    for reading in batch.readings:
        groups.setdefault(reading.device, []).append(reading)
    for device, readings in groups.items():
        base = readings[0].at
        begin = f'{{"bn":{json.dumps(device + "/")},"bt":{base},'
        for reading in readings:
            name, unit = _SPELT[reading.metric]
            since = "" if reading.at == base else f',"t":{round(reading.at - base, 3)}'
            records.append(f"{begin}{name}{since}{unit}{_spell(reading.value)}}}")
            begin = "{"
    raw = f"[{','.join(records)}]".encode()
    return gzip.compress(raw, 6, mtime=0) if len(raw) >= WORTH_PACKING else raw


def _spell(value: Value) -> str:
    # Written out, not by the json module: the gateway does this for every reading.
    if type(value) is float or type(value) is int:
        return f',"v":{value}'
    return f',"{"vs" if isinstance(value, str) else "v"}":{json.dumps(value)}'


def encode_stored(stored: Stored) -> bytes:
    return json.dumps({"stream": stored.stream, "upto": stored.upto, "at": iso(stored.at)}).encode()


def decode_stored(payload: bytes) -> Stored:
    """The hub's answer; InputError when it is none."""
    try:
        row = json.loads(payload)
        stream, upto = row["stream"], row["upto"]
        if not isinstance(stream, str) or not isinstance(upto, int) or isinstance(upto, bool):
            raise ValueError("stream is not text or upto is not a number")
        return Stored(stream, upto, parse_moment(row["at"]))
    except (ValueError, KeyError, TypeError) as error:
        expected = '{"stream": "…", "upto": 1, "at": "…Z"}'
        raise InputError(f"not an answer ({error!r})", where="stored", expected=expected) from error


def encode_status(status: Status) -> bytes:
    row: dict[str, object] = {
        "state": status.state,
        "boot": status.boot,
        "streams": dict(status.streams),
        "oldest": None if status.oldest is None else iso(status.oldest),
        "clock": status.clock,
        "version": status.version,
        "at": iso(status.at),
        "rejected": dict(status.rejected),
    }
    if status.reason:
        row["reason"] = status.reason
    if status.placed:
        row["placed"] = dict(status.placed)
    if status.placed_at:
        row["placed_at"] = {device: iso(at) for device, at in status.placed_at.items()}
    if status.names:
        row["names"] = dict(status.names)
    if status.settings:
        row["settings"] = dict(status.settings)
    if status.told_alone:
        row["told_alone"] = [dict(one) for one in status.told_alone]
    return json.dumps(row, separators=(",", ":")).encode()
