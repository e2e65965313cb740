"""Device files: devices whose bytes no network server decodes, described without code.

    name = "Browan TBMS100"
    match = ["tbms100"]                  # words of the device's profile, model or name at the network server
    eui = ["58a0cb"]                     # or how its DevEUI begins

    [[record]]                           # values at fixed places
    ports = [102]
    length = 8
    [[record.value]]
    metric = "temperature"
    at = 2
    type = "u8"                          # i8, u16le, i16be, u24le, u32be ...
    mask = 0x7F
    add = -32

    [[vector]]                           # what a transmission must give; a test holds every file to its vectors
    port = 102
    hex = "080B232FFFFFFFFF"
    values = { temperature = 3.0 }       # "temperature.2" is the second probe's

A stream has `tag = 1` (bytes of a tag) and `[[item]]`s with `id` and `length`, their values in `[[item.value]]`; `..`
for the first byte of an `id` is the probe's channel. `extends` takes over another file's items. Files in a folder of
one's own add to ours and replace those of the same file name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.adapters.layout import Condition, Field, Group, Item, Layout, Number, Record, Stream
from sensor_hub.model.metric import BINARY, Metric
from sensor_hub.model.moment import parse_moment
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table, read_table

OWN = Path(__file__).parent.parent / "devices"
"""The files that come with the gateway."""
MOST_FILES = 200
SPECIAL = 1000
"""More letters than any name has."""
EXACT_BELOW = 4
"""A shorter word of `match` must be a whole word: `th` is not in `thing`."""

_TYPE = re.compile(r"(?P<sign>[ui])(?P<bits>8|16|24|32)(?P<order>le|be|)")
_ID = re.compile(r"(\.\.)?([0-9a-fA-F]{2})*")
_WORD = re.compile(r"[a-z0-9]+")
_HEX = re.compile(r"([0-9a-fA-F]{2})+")


@dataclass(frozen=True, slots=True)
class Vector:
    """A transmission and what it must give: by metric, `.2` for a second probe; `history` by moment."""

    port: int
    data: bytes
    values: tuple[tuple[str, float | str], ...]
    history: tuple[tuple[float, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A family of devices: how to know one, and how to read it."""

    name: str
    match: tuple[tuple[str, ...], ...]
    eui: tuple[str, ...]
    layout: Layout
    vectors: tuple[Vector, ...] = ()
    is_special: bool = False
    """Whether it extends the file of a wider family, and so goes before it."""

    def fit(self, words: frozenset[str], eui: str) -> int:
        """How well it fits a device of these words: by the letters that match; 0: not at all."""
        named = [sum(map(len, wanted)) for wanted in self.match if all(_has(words, word) for word in wanted)]
        if named:
            return max(named) + (SPECIAL if self.is_special else 0)
        return int(eui.startswith(self.eui))


@dataclass(frozen=True, slots=True)
class DeviceFiles:
    files: tuple[DeviceFile, ...] = ()

    def of(self, names: str, eui: str) -> DeviceFile | None:
        """The file that fits the device best, by what its server calls it and its DevEUI in lower case."""
        words = frozenset(_WORD.findall(names.lower()))
        best = max(self.files, key=lambda file: file.fit(words, eui), default=None)
        return best if best is not None and best.fit(words, eui) else None


def read_device_files(*folders: Path) -> DeviceFiles:
    """The files of these folders, of two with the same name that of the later; InputError names what is wrong where."""
    paths: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError("is no folder", where=str(folder), expected="a folder of device files (*.toml)")
        paths |= {path.stem: path for path in sorted(folder.glob("*.toml"))[:MOST_FILES]}
    tables = {stem: read_table(path) for stem, path in paths.items()}
    return DeviceFiles(tuple(_file(table, tables) for table in tables.values()))


def _has(words: frozenset[str], wanted: str) -> bool:
    return wanted in words or (len(wanted) >= EXACT_BELOW and any(word.startswith(wanted) for word in words))


def _file(table: Table, others: Mapping[str, Table]) -> DeviceFile:
    name = table.text("name")
    match = tuple(tuple(_WORD.findall(text.lower())) for text in table.texts("match", ()))
    eui = tuple(text.lower() for text in table.texts("eui", ()))
    if not match and not eui:
        raise table.wrong("match", 'match = ["…"] or eui = ["…"], by which a device is known')
    records = tuple(_record(row) for row in table.tables("record"))
    stream = _stream(table, others)
    if not records and stream is None:
        raise table.wrong("record", "[[record]] or [[item]]")
    vectors = tuple(_vector(row) for row in table.tables("vector"))
    table.done()
    return DeviceFile(name, match, eui, Layout(records, stream), vectors, is_special="extends" in table)


def _record(table: Table) -> Record:
    record = Record(
        group=_group(table),
        ports=frozenset(_wholes(table, "ports")),
        length=table.whole("length", low=1, high=242),
        every=table.whole("every", 0, low=0, high=242),
        when=_condition(table),
    )
    table.done()
    return record


def _condition(table: Table) -> Condition | None:
    when = table.table("when")
    if when is None:
        return None
    condition = Condition(_number(when), when.whole("is", low=0, high=2**32 - 1))
    when.done()
    return condition


def _stream(table: Table, others: Mapping[str, Table]) -> Stream | None:
    """The file's own items over those of the file that it extends."""
    size, items, has_channel = 0, dict[bytes, Item](), False
    if "extends" in table:
        stem = table.text("extends")
        if stem not in others or others[stem] is table or "extends" in others[stem]:
            raise table.wrong("extends", f"one of {', '.join(sorted(others))} that extends no other")
        above = _stream(others[stem], {})
        if above is not None:
            size, items, has_channel = above.tag_size, dict(above.items), above.has_channel
    rows = table.tables("item")
    if rows:
        size = table.whole("tag", size or 1, low=1, high=4)
    for row in rows:
        tag, is_channel = _tag(row, size)
        has_channel = has_channel or is_channel
        items[tag] = Item(row.whole("length", low=0, high=242), _group(row))
        row.done()
    return Stream(size, items, has_channel) if items else None


def _tag(row: Table, size: int) -> tuple[bytes, bool]:
    text = row.text("id")
    if _ID.fullmatch(text) is None or len(text) != 2 * size:
        raise row.wrong("id", f"{size} bytes in hexadecimal; .. for a channel before them")
    is_channel = text.startswith("..")
    return bytes.fromhex(text[2:] if is_channel else text), is_channel


def _group(table: Table) -> Group:
    time = table.table("time")
    number = None if time is None else _number(time)
    if time is not None:
        time.done()
    return Group(tuple(_field(row) for row in table.tables("value")), number)


def _field(table: Table) -> Field:
    metric = Metric(table.choice("metric", tuple(metric.value for metric in Metric)))
    ago = table.table("minutes_ago")
    names = table.table("names")
    field = Field(
        metric=metric,
        number=_number(table),
        scale=table.number("scale", 1.0, low=-1e6, high=1e6),
        add=table.number("add", 0.0, low=-1e6, high=1e6),
        unknown=frozenset(_wholes(table, "unknown")),
        on=frozenset(_wholes(table, "on")),
        names=() if names is None else tuple((int(key), names.text(key)) for key in names.values if key.isdecimal()),
        probe=table.whole("probe", 1, low=1, high=99),
        counter_bits=table.whole("counter_bits", 0, low=0, high=32),
        minutes_ago=None if ago is None else _number(ago),
        never=None if ago is None or "never" not in ago else ago.whole("never", low=0, high=2**32 - 1),
    )
    if field.counter_bits and metric is not Metric.MOTION:
        raise table.wrong("counter_bits", 'only metric = "motion" has a counter')
    if metric is Metric.BUTTON and not field.names:
        raise table.wrong("names", 'names = { 1 = "short" }')
    if field.on and metric not in BINARY:
        raise table.wrong("on", "a metric that has two states")
    for part in (ago, names, table):
        if part is not None:
            part.done()
    return field


def _number(table: Table) -> Number:
    found = _TYPE.fullmatch(table.text("type"))
    if found is None or (found["bits"] != "8") is not bool(found["order"]):
        raise table.wrong("type", "u8, i8, or u or i with 16, 24 or 32 and le or be, as in i16le")
    return Number(
        at=table.whole("at", low=0, high=241),
        size=int(found["bits"]) // 8,
        is_little=found["order"] == "le",
        is_signed=found["sign"] == "i",
        mask=table.whole("mask", 0, low=0, high=2**32 - 1),
        shift=table.whole("shift", 0, low=0, high=31),
    )


def _wholes(table: Table, key: str) -> list[int]:
    value = table.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, int) and not isinstance(row, bool) for row in value):
        raise table.wrong(key, "a list of whole numbers")
    return value


def _vector(table: Table) -> Vector:
    text, values = table.text("hex"), table.get("values")
    if _HEX.fullmatch(text) is None:
        raise table.wrong("hex", "bytes in hexadecimal")
    if not isinstance(values, dict):
        raise table.wrong("values", "values = { temperature = 21.5 }")
    history = [
        (parse_moment(row.get("at")), row.text("metric"), row.number("value", low=-1e9, high=1e9))
        for row in table.tables("history")
    ]
    vector = Vector(table.whole("port", 1, low=1, high=255), bytes.fromhex(text), tuple(values.items()), tuple(history))
    table.done()
    return vector
