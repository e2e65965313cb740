"""The messages of `ingest_flood`: the same readings for the hub and as a flow's author would write them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.wire import Batch, encode_batch, topic

FLAT = "flat/h1/kitchen"
APART = 0.0003
"""Seconds between two readings of a home. None of a device has the moment of another, and rounds do not overlap."""
BARE = "bare"
"""Stands first in topics of as many letters as the hub's, whose messages the hub does not hear."""


def senml(homes: Sequence[Home], count: int, round_: int) -> list[tuple[str, bytes]]:
    """`count` readings, a message each, the homes in turn."""
    made, now = [], time.time()
    for n in range(count):
        home, row = homes[n % len(homes)], n // len(homes)
        metric, value = (Metric.MOTION, 1.0) if row % 3 == 0 else (Metric.TEMPERATURE, 19.0 + row % 30 / 10)
        reading = Reading(round(now - (count - n) * APART / len(homes), 3), f"m{row % 5}", metric, value)
        batch = Batch(f"s{round_}", 0, row, row + 1, "boot", [reading])
        made.append((topic("local", home.id, "readings"), encode_batch(batch)))
    return made


def flat(count: int) -> list[tuple[str, bytes]]:
    """The same readings as a flow's author would write them."""
    kinds = (("temp", 21.3, "C"), ("humidity", 48.2, "%"), ("motion", 1, "bool"), ("light", 312, "lx"))
    made = []
    for n in range(count):
        kind, value, unit = kinds[n % 4]
        row = {"v": 1, "home": f"h{n % 10:05d}", "sensor": f"{kind}-kitchen-{n % 3}", "type": kind}
        row |= {"ts": 1764547200000 + n * 250, "seq": n, "value": value, "unit": unit, "battery": 91, "rssi": -67}
        made.append((FLAT, json.dumps(row, separators=(",", ":")).encode()))
    return made


def home(number: int) -> Home:
    rooms = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL)
    devices = [Device(f"m{n}", room, frozenset({Metric.MOTION, Metric.TEMPERATURE})) for n, room in enumerate(rooms)]
    online = Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0)
    return Home(f"h{number}", "Europe/London", 1, (*devices, online))


def unheard(messages: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The same for a consumer that is not the hub."""
    return [(BARE + name[len(BARE) :], payload) for name, payload in messages]
