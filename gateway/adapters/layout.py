"""How bytes of a device that no network server decodes are read: layouts, as data, and the reading of them.

A device file (`devices/*.toml`, read by `device_files`) makes these. A `Record` has its values at fixed places. A
`Stream` is a row of items, each with its tag first, as Elsys, Milesight and Cayenne LPP send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sensor_hub.model.metric import BINARY, Metric

MOST_ITEMS = 64
"""A LoRaWAN frame has at most 242 bytes."""
MINUTES = 60.0


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number in the bytes. `part` keeps some of its bits."""

    at: int
    size: int
    is_little: bool = False
    is_signed: bool = False
    mask: int = 0
    """0: all bits."""
    shift: int = 0

    def read(self, data: bytes, start: int = 0) -> int | None:
        """The number where it starts `at` behind `start`; None where the bytes end before it does."""
        end = start + self.at + self.size
        if end > len(data):
            return None
        raw = data[start + self.at : end]
        found = int.from_bytes(raw, "little" if self.is_little else "big", signed=self.is_signed)
        return (found & self.mask if self.mask else found) >> self.shift


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a metric: raw × `scale` + `add`; a state is whether raw is in `on`, or is not 0."""

    metric: Metric
    number: Number
    scale: float = 1.0
    add: float = 0.0
    unknown: frozenset[int] = frozenset()
    """Raw numbers that stand for no value."""
    on: frozenset[int] = frozenset()
    names: tuple[tuple[int, str], ...] = ()
    """Of a button's actions."""
    probe: int = 1
    counter_bits: int = 0
    """Of a counter that only grows; 0: no counter."""
    minutes_ago: Number | None = None
    """How long before the transmission it was."""
    never: int | None = None
    """What `minutes_ago` says where it is not known."""

    def value(self, raw: int) -> float | str | None:
        """The value in the metric's unit; None where the raw number stands for none."""
        if raw in self.unknown:
            return None
        if self.metric is Metric.BUTTON:
            return dict(self.names).get(raw)
        if self.counter_bits:
            return raw
        if self.metric in BINARY:
            return int(raw in self.on if self.on else raw != 0)
        return round(raw * self.scale + self.add, 6)


@dataclass(frozen=True, slots=True)
class Raw:
    """A value in the bytes of one transmission. `at` is its own moment, where a device stored it."""

    field: Field
    value: float | str
    probe: int
    at: int | None = None
    minutes_ago: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    number: Number
    is_: int


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are measured together; `time` is the number of their moment, for what was stored."""

    fields: tuple[Field, ...]
    time: Number | None = None

    def read(self, data: bytes, start: int, channel: int) -> Iterator[Raw]:
        at = None
        if self.time is not None:
            at = self.time.read(data, start)
            if at is None:
                return
        for field in self.fields:
            raw = field.number.read(data, start)
            value = None if raw is None else field.value(raw)
            if value is None:
                continue
            ago = field.minutes_ago.read(data, start) if field.minutes_ago else None
            yield Raw(field, value, max(field.probe, channel), at, None if ago == field.never else ago)


@dataclass(frozen=True, slots=True)
class Record:
    """Values at fixed places; repeated every `every` bytes where that is not 0."""

    group: Group
    ports: frozenset[int]
    """Empty: any."""
    length: int
    """At least."""
    every: int = 0
    when: Condition | None = None

    def fits(self, port: int, data: bytes) -> bool:
        if (self.ports and port not in self.ports) or len(data) < self.length:
            return False
        if self.every and len(data) % self.every:
            return False
        return self.when is None or self.when.number.read(data) == self.when.is_

    def read(self, data: bytes) -> Iterator[Raw]:
        starts = range(0, len(data), self.every) if self.every else (0,)
        for start in starts:
            yield from self.group.read(data, start, 1)


@dataclass(frozen=True, slots=True)
class Item:
    """`length` bytes behind a tag."""

    length: int
    group: Group


@dataclass(frozen=True, slots=True)
class Stream:
    """Items by their tags of `tag_size` bytes; with `has_channel` a tag's first byte is the probe's number."""

    tag_size: int
    items: Mapping[bytes, Item]
    has_channel: bool = False

    def read(self, data: bytes) -> Iterator[Raw]:
        """Up to the first tag that is not known: nobody can say how long its item is."""
        at = 0
        for _ in range(MOST_ITEMS):
            tag = data[at : at + self.tag_size]
            channel = tag[0] if self.has_channel and tag else 1
            item = self.items.get(tag[1:] if self.has_channel else tag)
            at += self.tag_size
            if item is None or at + item.length > len(data):
                return
            yield from item.group.read(data[: at + item.length], at, channel)
            at += item.length


@dataclass(frozen=True, slots=True)
class Layout:
    """All that a family of devices sends."""

    records: tuple[Record, ...] = ()
    stream: Stream | None = None

    def read(self, port: int, data: bytes) -> list[Raw] | None:
        """The values in the bytes; None where no part of the layout fits them."""
        for record in self.records:
            if record.fits(port, data):
                return list(record.read(data))
        if self.stream is None:
            return None
        return list(self.stream.read(data)) or None
