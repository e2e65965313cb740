"""A heated home in winter, simulated: one resistance and one store of heat, a thermostat and the weather."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import Room
from tests.homes import LONDON, arrival, by_arrival, heartbeats, ordinary_days, small_home

STEP = 10 * MINUTE
OUTDOOR = Device("outdoor", Room.OUTDOOR, frozenset({Metric.TEMPERATURE}))


def always(value: float) -> Callable[[float], float]:
    return lambda at: value


TWO_DEGREES = always(2.0)


@dataclass(frozen=True)
class House:
    """`tau` in hours; `gains` and `power` in °C/h; `power` may depend on the moment, `outdoors` is the day's mean,
    `swing` how much colder the morning is."""

    tau: float = 30.0
    outdoors: float = 3.0
    swing: float = 3.0
    gains: float = 0.1
    power: Callable[[float], float] = TWO_DEGREES
    target: float = 20.0
    is_on: Callable[[float], bool] = lambda clock: 6.5 <= clock < 9 or 16 <= clock < 22


def outdoor_home() -> Home:
    home = small_home()
    return replace(home, devices=(*home.devices, OUTDOOR))


def weather(house: House, at: float) -> float:
    """Coldest at five in the morning."""
    return house.outdoors - house.swing * math.cos((at % DAY / HOUR - 5) / 24 * 2 * math.pi)


def temperatures(house: House, start: float, end: float) -> list[tuple[float, float]]:
    """The living room at every step."""
    rows, value, at = [], house.target, start
    while at < end:
        local = datetime.fromtimestamp(at, LONDON)
        wants = house.is_on(local.hour + local.minute / 60) and value < house.target
        change = (weather(house, at) - value) / house.tau + house.gains + (house.power(at) if wants else 0.0)
        value += change * STEP / HOUR
        rows.append((at, value))
        at += STEP
    return rows


def winter_log(house: House, start: float, end: float, *, home: Home | None = None) -> list[Arrival]:
    """Ordinary days in that house; the bedroom is half a degree colder."""
    place = outdoor_home() if home is None else home
    log = [one for one in heartbeats(place, start, end) if one.reading.metric is not Metric.TEMPERATURE]
    log += ordinary_days(place, start, end)
    for at, value in temperatures(house, start, end):
        log.append(arrival(at + 3, "climate-living", Metric.TEMPERATURE, round(value, 1)))
        log.append(arrival(at + 5, "climate-bedroom", Metric.TEMPERATURE, round(value - 0.5, 1)))
        if any(device.id == OUTDOOR.id for device in place.devices):
            log.append(arrival(at + 7, OUTDOOR.id, Metric.TEMPERATURE, round(weather(house, at), 1)))
    return by_arrival(log)
