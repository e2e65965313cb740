"""What the sensors of a home see of it: movement, the door, the climate; and the devices' own signs of life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from firmware_sim.house import Climate
from firmware_sim.residents import Stay
from firmware_sim.weather import Weather
from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, MINUTE, to_millisecond
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

BLIND = 60.0
"""Seconds in which a movement sensor sees nothing after a detection (Aqara RTCGQ11LM)."""
CLEARING = 90.0
"""Seconds after the last detection at which Zigbee2MQTT reports that nobody is there (`occupancy_timeout`)."""
ONLINE_EVERY = 5 * MINUTE
NOTICED = 0.9
"""Chance that a sensor sees somebody pass."""


def watch_resident(stays: Sequence[Stay], motion: dict[Room, Device], door: Device, rng: Random) -> list[Reading]:
    """The movements and the front door's openings during the stays."""
    seen: dict[Room, list[float]] = {room: [] for room in motion}
    openings: list[float] = []
    for before, stay in zip([None, *stays], stays, strict=False):
        came_from = before.room if before is not None else stay.room
        if came_from != stay.room:
            _pass(came_from, stay.room, stay.start, seen, rng)
            if None in (came_from, stay.room):
                openings.append(stay.start)
        if stay.door:
            openings.append(stay.start + (stay.end - stay.start) * rng.uniform(0.2, 0.5))
        _stir(stay, seen, rng)
    readings = [reading for room, times in seen.items() for reading in _detections(motion[room].id, times)]
    for at in openings:
        readings.append(Reading(to_millisecond(at), door.id, Metric.CONTACT, 1))
        readings.append(Reading(to_millisecond(at + rng.uniform(4, 15)), door.id, Metric.CONTACT, 0))
    return readings


def _pass(start: Room | None, end: Room | None, at: float, seen: dict[Room, list[float]], rng: Random) -> None:
    """Somebody leaves one place for another at `at`, through the hall."""
    for room, when in (
        (start, at - rng.uniform(3, 8)),
        (Room.HALL, at + rng.uniform(-2, 1)),
        (end, at + rng.uniform(2, 5)),
    ):
        if room in seen and rng.random() < NOTICED:
            seen[room].append(when)


def _stir(stay: Stay, seen: dict[Room, list[float]], rng: Random) -> None:
    """Movements during a stay, as a Poisson stream behind the sensor's blind time."""
    if stay.rate <= 0 or stay.room not in seen:
        return
    times, per_second = seen[stay.room], stay.rate / MINUTE
    at = stay.start + 5 + rng.expovariate(per_second)
    while at < stay.end:
        times.append(at)
        at += BLIND + rng.expovariate(per_second)


def _detections(device: str, times: list[float]) -> Iterator[Reading]:
    """A reading for each movement outside the blind time, and a clearing where no other follows soon."""
    last = None
    for at in sorted(times):
        if last is not None and at - last < BLIND:
            continue
        if last is not None and at - last > CLEARING:
            yield Reading(to_millisecond(last + CLEARING), device, Metric.MOTION, 0)
        yield Reading(to_millisecond(at), device, Metric.MOTION, 1)
        last = at


def beat(device: Device, start: float, end: float, rng: Random) -> list[Reading]:
    """The battery reports of a device that says nothing else by itself, every 50 to 58 minutes."""
    every = rng.uniform(3000, 3480)
    return [Reading(at, device.id, Metric.BATTERY, level) for at, level in _reports(every, start, end, rng)]


def measure(device: Device, climate: Climate | Weather, start: float, end: float, rng: Random) -> list[Reading]:
    """The reports of a thermometer, every 10 to 15 minutes: temperature, humidity, and the battery where it has one."""
    every = rng.uniform(600, 900)
    has_battery = Metric.BATTERY in device.metrics
    readings = []
    for at, level in _reports(every, start, end, rng):
        if isinstance(climate, Weather):
            warmth, humidity = climate.temperature(at), climate.humidity(at)
        else:
            warmth, humidity = climate.at(device.room, at)
        readings.append(Reading(at, device.id, Metric.TEMPERATURE, round(warmth + rng.gauss(0, 0.03), 2)))
        readings.append(Reading(at, device.id, Metric.HUMIDITY, round(humidity + rng.gauss(0, 0.4), 1)))
        if has_battery:
            readings.append(Reading(at, device.id, Metric.BATTERY, level))
    return readings


def keep_online(gateway: Device, start: float, end: float) -> list[Reading]:
    """The gateway's own sign of life."""
    count = int((end - start) / ONLINE_EVERY)
    return [Reading(to_millisecond(start + step * ONLINE_EVERY), gateway.id, Metric.ONLINE, 1) for step in range(count)]


def _reports(every: float, start: float, end: float, rng: Random) -> Iterator[tuple[float, int]]:
    """Moments about `every` seconds apart, and the battery's charge then, in percent."""
    at, charge, fading = start + rng.uniform(0, every), rng.uniform(80, 100), rng.uniform(0.02, 0.1)
    while at < end:
        yield to_millisecond(at), round(max(charge - fading * (at - start) / DAY, 8))
        at += every + rng.uniform(-20, 20)
