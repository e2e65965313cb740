"""Decodes what gateways send: SenML packs of readings (RFC 8428, JSON) and statuses.

What cannot be used of a pack is rejected, record by record, with a reason; the rest goes on.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import msgspec

from sensor_hub.model.metric import METRICS, Metric
from sensor_hub.model.moment import EARLIEST, LATEST, parse_moment, to_millisecond
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading, is_device_id
from sensor_hub.model.room import Room
from sensor_hub.model.wire import GZIP_MAGIC, HEAD, MOST_BYTES, MOST_READINGS, Batch, Status
from sensor_hub.watch.ports import Rejection

ROOMS = frozenset(Room)
HEAD_NAMES = frozenset({"stream", "kept", "after", "upto", "boot"})
HEAD_RECORDS = 16
"""Where a header ends, in a pack that cannot be read further."""
MOST_ROW = 2**53
MOST_TEXT = 64
"""Characters of a stream, a boot id and a button's action."""

MOST_NAMES = 20_000
"""Names of devices that are remembered to be such."""

MOST_PLACED = 1000
"""Rooms of devices in a status."""
MOST_TOLD, MOST_TOLD_TEXT = 50, 200
"""Messages of a gateway that was alone, and characters of one; also of why it refuses a setting."""

KNOWN: dict[str, tuple[Metric, str | None]] = {
    metric.value: (metric, info.senml or None) for metric, info in METRICS.items() if metric is not Metric.BUTTON
}
"""Metrics with a number as their value, and the unit that may stand beside it."""


class Record(msgspec.Struct, gc=False):
    """A SenML record; unknown fields are ignored."""

    n: str = ""
    v: float | None = None
    t: float = 0.0
    u: str | None = None
    bn: str | None = None
    bt: float | None = None
    vs: str | None = None


NOTHING = Record()
"""A record of the header that is not there."""

_records = msgspec.json.Decoder(list[Record])


@dataclass(slots=True)
class Pack:
    """What was made of a pack: the batch, where its header could be read, and what was rejected."""

    batch: Batch | None
    rejections: list[Rejection] = field(default_factory=list)


def decode_batch(payload: bytes) -> Pack:
    """Never raises: what cannot be used is in the answer."""
    raw, problem = _unpacked(payload)
    if problem is None:
        try:
            return _pack(_records.decode(raw))
        except msgspec.DecodeError as error:
            return _piecewise(raw, f"not JSON ({error})")
        except ValueError as error:
            problem = f"not a pack ({error})"
    return _unreadable(raw, problem)


def _unpacked(payload: bytes) -> tuple[bytes, str | None]:
    """The pack's text, as far as it goes, and what is wrong with it. Never more than `MOST_BYTES` are unpacked."""
    if not payload.startswith(GZIP_MAGIC):
        return payload[:MOST_BYTES], "longer than 1 MiB" if len(payload) > MOST_BYTES else None
    unpacker = zlib.decompressobj(wbits=31)
    try:
        raw = unpacker.decompress(payload, MOST_BYTES)
    except zlib.error as error:
        return b"", f"not gzip ({error})"
    if unpacker.unconsumed_tail and unpacker.decompress(unpacker.unconsumed_tail, 1):
        return raw, "longer than 1 MiB unpacked"
    return raw, None if unpacker.eof else "a gzip that breaks off"


def _piecewise(raw: bytes, problem: str) -> Pack:
    """A pack in which some record is not as it should be: that one is rejected.

    The standard library reads what programs write that do not know of JSON's limits, such as NaN.
    """
    try:
        parts = json.loads(raw)
    except (ValueError, RecursionError):
        return _unreadable(raw, problem)
    if not isinstance(parts, list):
        return _unreadable(raw, "not a list of records")
    records, rejections = [], []
    for part in parts:
        try:
            records.append(msgspec.convert(part, Record))
        except msgspec.ValidationError as error:
            rejections.append(Rejection("record", f"not a record: {_plain(error)}", json.dumps(part).encode()))
    try:
        pack = _pack(records)
    except ValueError as error:
        return _unreadable(raw, f"not a pack ({error})")
    pack.rejections[:0] = rejections
    return pack


def _unreadable(raw: bytes, problem: str) -> Pack:
    """A pack that is rejected whole. Its header is looked for all the same: with it the gateway can be answered."""
    rejection, end = Rejection("batch", problem, raw), 0
    for _ in range(HEAD_RECORDS):
        end = raw.find(b"}", end) + 1
        try:
            head = _pack(_records.decode(raw[:end] + b"]")).batch
        except ValueError:
            continue
        if head is not None:
            return Pack(replace(head, readings=()), [rejection])
    return Pack(None, [rejection])


def _pack(records: Sequence[Record]) -> Pack:
    """ValueError where the header is not whole, or there are too many readings to be a batch.

    Called for every message: so most of it is in one place.
    """
    head: dict[str, Record] = {}
    readings: list[Reading] = []
    rejections: list[Rejection] = []
    name, device, time = "", "", 0.0
    for record in records:
        if record.bn is not None:
            name = record.bn
            device = _device(name)
        if record.bt is not None:
            time = record.bt
        # A gateway that is a device of that name says of itself that it is online.
        if name == HEAD and record.n in HEAD_NAMES:
            head[record.n] = record
            continue
        known = KNOWN.get(record.n)
        value, at = record.v, time + record.t
        if (
            device
            and known is not None
            and value is not None
            and (record.u is None or record.u == known[1])
            and EARLIEST <= at < LATEST
            and -math.inf < value < math.inf
        ):
            readings.append(Reading(round(at * 1000) / 1000, device, known[0], value))
        else:
            _odd(record, name, at, readings, rejections)
    return Pack(_batch(head, readings), rejections)


@lru_cache(maxsize=MOST_NAMES)
def _device(name: str) -> str:
    """The device whose base name this is; empty where it is none's."""
    return name[:-1] if name[-1:] == "/" and is_device_id(name[:-1]) else ""


def _batch(head: dict[str, Record], readings: Sequence[Reading]) -> Batch:
    stream, boot = (head.get(name, NOTHING).vs or "" for name in ("stream", "boot"))
    if not stream or not _is_text(stream) or not _is_text(boot):
        raise ValueError("no stream in the header")
    if len(readings) > MOST_READINGS:
        raise ValueError(f"{len(readings)} readings, more than {MOST_READINGS}")
    return Batch(stream, _row(head, "kept"), _row(head, "after"), _row(head, "upto"), boot, readings)


def _row(head: dict[str, Record], name: str) -> int:
    row = head.get(name, NOTHING).v
    if row is None or not 0 <= row < MOST_ROW or row != int(row):
        raise ValueError("no kept, after and upto in the header")
    return int(row)


def _odd(record: Record, name: str, at: float, readings: list[Reading], rejections: list[Rejection]) -> None:
    """A record that is not the usual number of a device: it names its device itself, is a button, or is rejected."""
    device, _, metric = (name + record.n).rpartition("/")
    reason = _reason(record, device, metric, at)
    if reason is not None:
        rejections.append(Rejection("record", reason, json.dumps(msgspec.structs.asdict(record)).encode()))
    elif metric == Metric.BUTTON:
        readings.append(Reading(to_millisecond(at), device, Metric.BUTTON, record.vs or ""))
    else:
        readings.append(Reading(to_millisecond(at), device, KNOWN[metric][0], record.v or 0.0))


def _reason(record: Record, device: str, metric: str, at: float) -> str | None:
    """Why the record is no reading; None: it is one."""
    if not is_device_id(device):
        return "not a device id"
    if not EARLIEST <= at < LATEST:
        return "not a moment between 2000 and 2100"
    if metric == Metric.BUTTON:
        return None if record.vs and _is_text(record.vs) else "a button without an action"
    known = KNOWN.get(metric)
    if known is None:
        return "an unknown metric"
    if record.v is None or not math.isfinite(record.v):
        return "no finite number as value"
    return None if record.u is None or record.u == known[1] else "another unit than the metric's"


def _is_text(text: str) -> bool:
    """Short, and such that every store and page can hold it: no control characters, no halves of a character."""
    return len(text) <= MOST_TEXT and text.isprintable()


def _plain(error: msgspec.DecodeError) -> str:
    """The decoder's sentence without the place in the pack: reasons are counted by their text."""
    return str(error).partition(" - at ")[0]


class _Settings(msgspec.Struct):
    """What became of the hub's settings at the gateway."""

    version: int = 0
    refused: dict[str, str] = {}
    password: str = ""
    update: str = ""
    pets: list[str] = []


class _Status(msgspec.Struct):
    state: str
    boot: str
    at: float | str
    version: str = ""
    clock: str = "trusted"
    streams: dict[str, int] = {}
    oldest: float | str | None = None
    rejected: dict[str, int] = {}
    reason: str = ""
    placed: dict[str, str] = {}
    placed_at: dict[str, float | str] = {}
    names: dict[str, str] = {}
    settings: _Settings | None = None
    told_alone: list[dict[str, str]] = []


_statuses = msgspec.json.Decoder(_Status)


def decode_status(payload: bytes) -> Status:
    """What a gateway says of itself; InputError when it is no status."""
    try:
        told = _statuses.decode(payload[:MOST_BYTES])
        placed = dict(_placed(told.placed))
        return Status(
            state=_text(told.state),
            boot=_text(told.boot),
            version=_text(told.version),
            at=parse_moment(told.at),
            clock=_text(told.clock),
            streams=dict(_short(told.streams.items())),
            oldest=None if told.oldest is None else parse_moment(told.oldest),
            rejected=dict(_short(told.rejected.items())),
            reason=_text(told.reason),
            placed=placed,
            placed_at={device: parse_moment(at) for device, at in told.placed_at.items() if device in placed},
            names={device: name for device, name in _clean(told.names).items() if is_device_id(device)},
            settings={} if told.settings is None else _applied(told.settings),
            told_alone=tuple(_clean(row) for row in told.told_alone[:MOST_TOLD]),
        )
    except ValueError as error:
        expected = '{"state": "online", "boot": "…", "at": "…Z", …}'
        raise InputError(f"not a status ({error})", where="status", expected=expected) from error


def _text(text: str) -> str:
    if not _is_text(text):
        raise ValueError("a text is too long or not printable")
    return text


def _applied(told: _Settings) -> dict[str, object]:
    applied: dict[str, object] = {"version": told.version, "refused": _clean(told.refused)}
    if told.password:
        applied["password"] = _text(told.password)
    if told.pets:
        applied["pets"] = [device for device in told.pets[:MOST_PLACED] if is_device_id(device)]
    return applied | (_clean({"update": told.update}) if told.update else {})


def _clean(row: dict[str, str]) -> dict[str, str]:
    """What every store and page can hold of it."""
    return {
        name: text
        for name, text in row.items()
        if _is_text(name) and len(text) <= MOST_TOLD_TEXT and text.isprintable()
    }


def _placed(rooms: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Those that name a device and a room."""
    known = [(device, room) for device, room in rooms.items() if is_device_id(device) and room in ROOMS]
    return known[:MOST_PLACED]


def _short(counts: Iterable[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    return ((name, count) for name, count in counts if name and _is_text(name))
