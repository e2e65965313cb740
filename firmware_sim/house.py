"""The house as a thermal body: one heat store, one way out, a thermostat, and rooms that differ a little.

`C dT/dt = (To − T)/R + Φ`, so with τ = RC and the heater's power in °C an hour, `dT/dt = (To − T)/τ + gain + heat`
(1R1C). Moisture: each room holds the outdoor air's water plus what living there adds, in g/m³; Magnus' formula makes
relative humidity of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from zoneinfo import ZoneInfo

from firmware_sim.residents import Stay
from firmware_sim.weather import Weather
from sensor_hub.model.moment import HOUR, MINUTE, local
from sensor_hub.model.room import Room

STEP = 5 * MINUTE
WARMER: dict[Room, float] = {
    Room.LIVING: 0.4,
    Room.BEDROOM: -0.6,
    Room.BATHROOM: 0.3,
    Room.KITCHEN: 0.5,
    Room.HALL: -0.5,
}
"""°C by which each room usually differs from the house."""
GAIN = 0.06
"""°C an hour from people, cooking and appliances."""
VENTING_ABOVE, VENTING = 23.5, 5 * HOUR
"""Windows are opened above the first (°C, when it is cooler outside); the time constant is then the second."""
AIRING = 45 * MINUTE
"""Time constant with which a room loses the moisture of cooking and washing."""
MOISTURE: dict[Room, float] = {Room.KITCHEN: 0.5, Room.BATHROOM: 0.9}
"""g/m³ that a step of somebody's presence there adds, above what people breathe out."""
BREATH = 2.4


@dataclass(frozen=True, slots=True)
class Heating:
    """Thermostat programme, in °C and hours of the local day; `power` is the heater's, in °C an hour."""

    day: float = 20.8
    night: float = 18.6
    on: float = 6.5
    off: float = 22.5
    power: float = 1.7
    tau: float = 40 * HOUR
    """The house's time constant, in seconds: UK dwellings 15 to 60 h."""

    def target(self, hour: float) -> float:
        return self.day if self.on <= hour < self.off else self.night


@dataclass(slots=True)
class Climate:
    """Temperature and moisture of every room, a value each `STEP` from `start` on."""

    start: float
    temperature: dict[Room, list[float]] = field(default_factory=dict)
    moisture: dict[Room, list[float]] = field(default_factory=dict)

    def at(self, room: Room, at: float) -> tuple[float, float]:
        """°C and %RH in the room at `at`."""
        temperatures = self.temperature[room]
        place = (at - self.start) / STEP
        first = min(max(int(place), 0), len(temperatures) - 2)
        share = place - first
        warmth = temperatures[first] * (1 - share) + temperatures[first + 1] * share
        return warmth, relative_humidity(self.moisture[room][first], warmth)


def draw_heating(rng: Random) -> Heating:
    """An ordinary heated home."""
    return Heating(
        day=rng.uniform(20.3, 21.8),
        night=rng.uniform(18.4, 19.2),
        on=rng.uniform(5.8, 7.0),
        off=rng.uniform(22.0, 23.0),
        power=rng.uniform(1.5, 2.1),
        tau=rng.uniform(30.0, 50.0) * HOUR,
    )


def saturation(temperature: float) -> float:
    """Water vapour pressure over water, hPa, at °C: Magnus' formula with the WMO's constants."""
    return 6.112 * math.exp(17.62 * temperature / (243.12 + temperature))


def absolute_humidity(humidity: float, temperature: float) -> float:
    """g/m³ of water in air of %RH and °C."""
    return 2.167 * humidity * saturation(temperature) / (273.15 + temperature)


def relative_humidity(water: float, temperature: float) -> float:
    """%RH of air with g/m³ of water at °C, no more than 99."""
    return min(water * (273.15 + temperature) / (2.167 * saturation(temperature)), 99.0)


def simulate(
    heating: Heating,
    weather: Weather,
    steps: int,
    *,
    zone: ZoneInfo,
    failed: Sequence[tuple[float, float]],
    rng: Random,
) -> list[float]:
    """°C of the house, one each `STEP` from the weather's start; the boiler is dead in each (from, to) of `failed`."""
    warmth, burning = heating.day, False
    house = []
    for step in range(steps):
        at = weather.start + step * STEP
        outdoors = weather.temperature(at)
        moment = local(at, zone)
        target = heating.target(moment.hour + moment.minute / 60)
        burning = warmth < target + (0.3 if burning else -0.3) and not any(a <= at < b for a, b in failed)
        tau = VENTING if warmth > VENTING_ABOVE > outdoors else heating.tau
        change = (outdoors - warmth) * HOUR / tau + GAIN + (heating.power if burning else 0.0)
        warmth += change * STEP / HOUR + rng.gauss(0.0, 0.005)
        house.append(warmth)
    return house


def furnish(house: Sequence[float], weather: Weather, stays: Sequence[Stay], rng: Random) -> Climate:
    """The rooms of a house with these temperatures, in which somebody lives these stays."""
    climate = Climate(weather.start)
    present = _presence(stays, weather.start, len(house))
    outdoors = [
        absolute_humidity(weather.humidity(at), weather.temperature(at))
        for at in (weather.start + step * STEP for step in range(len(house)))
    ]
    for room, warmer in WARMER.items():
        wobble, moist, there = 0.0, 0.0, present.get(room, frozenset())
        own, water = warmer + rng.uniform(-0.3, 0.3), MOISTURE.get(room, 0.0)
        temperatures, moistures = [], []
        for step, warmth in enumerate(house):
            wobble = 0.98 * wobble + rng.gauss(0.0, 0.04)
            moist = moist * (1 - STEP / AIRING) + (water if step in there else 0.0)
            temperatures.append(warmth + own + wobble)
            moistures.append(outdoors[step] + BREATH + moist)
        climate.temperature[room], climate.moisture[room] = temperatures, moistures
    return climate


def _presence(stays: Sequence[Stay], start: float, steps: int) -> dict[Room, frozenset[int]]:
    """In which steps somebody was in the rooms that get wet."""
    present: dict[Room, set[int]] = {room: set() for room in MOISTURE}
    for stay in stays:
        if stay.room in present:
            first, last = int((stay.start - start) / STEP), int((stay.end - start) / STEP)
            present[stay.room].update(range(max(first, 0), min(last + 1, steps)))
    return {room: frozenset(there) for room, there in present.items()}
