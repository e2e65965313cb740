"""The last days of a home as rows of numbers, for the drawing and for the table that says the same."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from sensor_hub.history.port import Bin, Window
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY
from sensor_hub.model.room import Room
from sensor_hub.web.ports import HubReads
from sensor_hub.web.wording import device_words, room_words

DAYS = {1: 900, 3: 1800, 7: 3600, 30: 3600, 365: 21600}
"""How many days a chart can show, and the width of its bins in seconds."""
MOST_MARKS = 500
"""Alerts in a chart: more are not told apart."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Movements in a room, bin by bin; None where no device of the room that senses movement was heard."""

    room: str
    counts: Annotated[Sequence[int | None], Field(examples=[[3, 0]])]


@dataclass(frozen=True, slots=True)
class Line:
    """A device's temperature, bin by bin; None where it was not heard for longer than it may be silent."""

    device: Annotated[str, Field(examples=["0x00158d0001a20006"])]
    name: Annotated[str, Field(examples=["Climate sensor in the hall"])]
    is_outdoors: bool
    """It would squeeze the rooms' lines together: the tables have it, the drawing has not."""
    celsius: Annotated[Sequence[float | None], Field(examples=[[20.5, 20.8]])]


@dataclass(frozen=True, slots=True)
class Bar:
    """The spans in which a device was heard as often as it should be, in epoch seconds."""

    device: str
    name: Annotated[str, Field(examples=["Door sensor in the hall"])]
    heard: Annotated[Sequence[tuple[float, float]], Field(examples=[[[1795478400.0, 1795529347.0]]])]


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert, from when its condition began."""

    at: Annotated[float, Field(examples=[1795529347.08])]
    urgency: str
    summary: str


@dataclass(frozen=True, slots=True)
class Chart:
    home: str
    timezone: str
    start: Annotated[float, Field(examples=[1795478400.0])]
    end: Annotated[float, Field(examples=[1795485600.0])]
    known_until: Annotated[float, Field(examples=[1795485600.0])]
    """Nothing can be said of what follows: it has not happened yet."""
    at: Annotated[Sequence[float], Field(examples=[[1795478400.0, 1795482000.0]])]
    """The beginning of each bin; each row has one value for each."""
    movement: Sequence[Strip]
    temperature: Sequence[Line]
    coverage: Sequence[Bar]
    alerts: Sequence[Mark]
    """By their beginning: the last 500 of those that began in this time."""
    has_more_alerts: bool
    """Others began before these."""


def window_of(days: int, until: float) -> Window:
    """The `days` (of `DAYS`) up to `until`, whose bin is the last."""
    width = DAYS[days]
    end = math.ceil(until / width) * width
    return Window(end - days * DAY, end, width)


def read_chart(reads: HubReads, home: Home, window: Window, *, now: float) -> Chart:
    """The chart of one home. Nothing later than `now` is said to have been heard.

    HistoryError where it cannot be told what was.
    """
    begun = reads.begun_alerts(home.id, window.start, window.end, limit=MOST_MARKS + 1)
    edges = [window.start + number * window.width for number in range(int((window.end - window.start) / window.width))]
    readings = _by_device(reads.readings(home.id, _earlier(window, home)))
    heard = {device.id: _spans(device, readings.get(device.id, {}), window, now) for device in home.devices}
    return Chart(
        home=home.id,
        timezone=home.timezone,
        start=window.start,
        end=window.end,
        known_until=min(now, window.end),
        at=edges,
        movement=_strips(home, _by_device(reads.movement(home.id, window)), heard, edges),
        temperature=_lines(home, _by_device(reads.temperature(home.id, window)), edges, window),
        coverage=[Bar(device.id, name, heard[device.id]) for device, name in _named(home.devices)],
        alerts=[Mark(row.since, row.urgency.value, row.summary) for row in reversed(begun[:MOST_MARKS])],
        has_more_alerts=len(begun) > MOST_MARKS,
    )


def _earlier(window: Window, home: Home) -> Window:
    """The window, begun early enough that what vouches for a device at its start is in it."""
    longest = max((device.report_every for device in home.devices), default=0.0)
    return Window(window.start - (longest // window.width + 1) * window.width, window.end, window.width)


def _by_device(bins: Iterable[Bin]) -> dict[str, dict[float, float]]:
    rows: dict[str, dict[float, float]] = {}
    for bin_ in bins:
        rows.setdefault(bin_.device, {})[bin_.at] = bin_.value
    return rows


def _named(devices: Iterable[Device]) -> list[tuple[Device, str]]:
    """Each device with its name; the id is added where two would be called the same."""
    named = [(device, device_words(device)) for device in devices]
    names = [name for _, name in named]
    return [(device, name if names.count(name) == 1 else f"{name} {device.id[-6:]}") for device, name in named]


def _spans(device: Device, bins: Mapping[float, float], window: Window, now: float) -> list[tuple[float, float]]:
    """A reading vouches for its device until the next is due."""
    spans: list[tuple[float, float]] = []
    for at in sorted(bins):
        start, end = max(at, window.start), min(at + max(device.report_every, window.width), window.end, now)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            spans.append((start, end))
    return spans


def _strips(
    home: Home,
    counts: Mapping[str, Mapping[float, float]],
    heard: Mapping[str, Sequence[tuple[float, float]]],
    edges: Sequence[float],
) -> list[Strip]:
    rooms: dict[Room, list[Device]] = {}
    for device in home.devices:
        if device.has_activity:
            rooms.setdefault(device.room, []).append(device)
    return [Strip(room_words(room), _counts(devices, counts, heard, edges)) for room, devices in rooms.items()]


def _counts(
    devices: Sequence[Device],
    counts: Mapping[str, Mapping[float, float]],
    heard: Mapping[str, Sequence[tuple[float, float]]],
    edges: Sequence[float],
) -> list[int | None]:
    def count(at: float) -> int | None:
        total = sum(counts.get(device.id, {}).get(at, 0) for device in devices)
        seen = any(_is_within(at, heard[device.id]) for device in devices)
        return int(total) if total or seen else None

    return [count(at) for at in edges]


def _is_within(at: float, spans: Sequence[tuple[float, float]]) -> bool:
    """Spans are apart, and in order."""
    number = bisect_right(spans, (at, math.inf)) - 1
    return number >= 0 and at < spans[number][1]


def _lines(
    home: Home, values: Mapping[str, Mapping[float, float]], edges: Sequence[float], window: Window
) -> list[Line]:
    devices = [device for device in home.devices if Metric.TEMPERATURE in device.metrics]
    rooms = [device.room for device in devices]
    lines = []
    for device in devices:
        name = room_words(device.room)
        if rooms.count(device.room) > 1:
            name = f"{name} {device.id[-6:]}"
        held = _held(values.get(device.id, {}), edges, device.report_every + window.width)
        lines.append(Line(device.id, name, device.room is Room.OUTDOOR, held))
    return lines


def _held(values: Mapping[float, float], edges: Sequence[float], longest: float) -> list[float | None]:
    """The value of each bin, or the last one where that is not older than `longest` and another follows in time."""
    held: list[float | None] = [None] * len(edges)
    position = {at: number for number, at in enumerate(edges)}
    known = [at for at in sorted(values) if at in position]
    for at in known:
        held[position[at]] = round(values[at], 2)
    for before, after in pairwise(known):
        if after - before <= longest:
            for number in range(position[before] + 1, position[after]):
                held[number] = held[position[before]]
    return held


def silent_spans(bar: Bar, start: float, end: float) -> Iterator[tuple[float, float]]:
    """The times between `start` and `end` in which the device was not heard as it should be."""
    edges = [start, *(edge for span in bar.heard for edge in span), end]
    for begin, finish in zip(edges[::2], edges[1::2], strict=True):
        if finish > begin:
            yield begin, finish
