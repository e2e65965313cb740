"""Generated homes: somebody who lives alone, a house with its weather, sensors, and episodes that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from firmware_sim.episodes import Episode, EpisodeKind, Truth, tell_truth
from firmware_sim.faults import FAULTS, lose_some
from firmware_sim.house import STEP, draw_heating, furnish, simulate
from firmware_sim.residents import Habits, Stay, draw_habits, live, settle_fall
from firmware_sim.sensors import beat, keep_online, measure, watch_resident
from firmware_sim.weather import Weather, draw_weather
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Absence, Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, to_millisecond
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import LIVED_IN, Room

BURN_IN = 3 * DAY
"""The house is simulated that long before the home's start, so that its warmth is not that of a guess."""
AQARA, MILESIGHT = "0x00158d00", "24e124"
MOTION_ROOMS = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN, Room.HALL)
CLIMATE_ROOMS = (Room.LIVING, Room.BEDROOM, Room.BATHROOM, Room.KITCHEN)
COLD_HOME = 16.0
"""°C: a boiler failure that leaves the lived-in rooms warmer cannot be found by anyone."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is not left to chance: None is."""

    home: str | None = None
    timezone: str = "Europe/London"
    habits: Habits | None = None
    outdoor: float | None = None
    """Mean outdoor temperature, °C, in place of the season's."""
    noise: float = 0.0
    """Share of the devices' readings that are lost, come twice or come late."""


def generate_home(
    seed: int, days: float, *, start: float, episodes: Sequence[Episode] = (), setting: Setting = Setting()
) -> tuple[Home, list[Arrival], Truth]:
    """A home from the moment `start` for `days` days, its readings in order of arrival, and what really happened.

    Pure: the same arguments give the same values. InputError where an episode cannot happen in this home.
    """
    end = start + days * DAY
    home = _furnish_home(seed, setting, episodes)
    habits = setting.habits or draw_habits(_chance(seed, "habits"))
    usual = [one for one in episodes if one.kind is not EpisodeKind.LONG_LIE]
    plain = live(habits, start, end, zone=home.zone, episodes=usual, rng=_chance(seed, "days"))
    happened = tuple(settle_fall(plain, one) if one.kind is EpisodeKind.LONG_LIE else one for one in episodes)
    stays = live(habits, start, end, zone=home.zone, episodes=happened, rng=_chance(seed, "days"))
    weather = draw_weather(
        _chance(seed, "weather"), start - BURN_IN, int((end - start + BURN_IN) / DAY) + 1, setting.outdoor
    )
    readings = watch_resident(stays, _by_room(home, Metric.MOTION), _door(home), _chance(seed, "movement"))
    readings += _climate(home, stays, weather, end, happened, seed)
    for device in home.devices:
        if device.has_activity:
            readings += beat(device, start, end, _chance(seed, device.id))
        elif Metric.ONLINE in device.metrics:
            readings += keep_online(device, start, end)
    arrivals = _deliver([one for one in readings if start <= one.at < end], _chance(seed, "network"))
    for episode in happened:
        if episode.kind in FAULTS:
            arrivals = FAULTS[episode.kind](home, arrivals, episode)
    if setting.noise > 0:
        arrivals = lose_some(arrivals, setting.noise, _chance(seed, "noise"))
    return home, sorted(arrivals, key=lambda one: one.received), tell_truth(start, end, happened)


def _chance(seed: int, part: str) -> Random:
    """A source of chance of its own for each part, so that a change to one leaves the others as they were."""
    return Random(f"{seed}/{part}")


def _furnish_home(seed: int, setting: Setting, episodes: Sequence[Episode]) -> Home:
    """The home's description: Zigbee sensors inside, LoRaWAN thermometers where it is wet or outdoors, the gateway."""
    rng = _chance(seed, "devices")
    battery, climate = {Metric.BATTERY}, {Metric.TEMPERATURE, Metric.HUMIDITY}
    devices = [Device(_ieee(rng), room, frozenset({Metric.MOTION} | battery)) for room in MOTION_ROOMS]
    devices.append(Device(_ieee(rng), Room.ENTRANCE, frozenset({Metric.CONTACT} | battery)))
    for room in CLIMATE_ROOMS:
        name = _ieee(rng) if room in LIVED_IN else _eui(rng)
        devices.append(Device(name, room, frozenset(climate | battery)))
    devices.append(Device(_eui(rng), Room.OUTDOOR, frozenset(climate)))
    devices.append(Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0))
    absences = tuple(Absence(one.start, one.end) for one in episodes if one.kind is EpisodeKind.ABSENCE)
    return Home(setting.home or f"home-{seed}", setting.timezone, 1, tuple(devices), absences)


def _climate(
    home: Home, stays: Sequence[Stay], weather: Weather, end: float, episodes: Sequence[Episode], seed: int
) -> list[Reading]:
    start = weather.start + BURN_IN
    boiler = [(one.start, one.end) for one in episodes if one.kind is EpisodeKind.BOILER_FAILURE]
    steps = int((end - weather.start) / STEP) + 2
    heating = draw_heating(_chance(seed, "heating"))
    house = simulate(heating, weather, steps, zone=home.zone, failed=boiler, rng=_chance(seed, "house"))
    climate = furnish(house, weather, stays, _chance(seed, "rooms"))
    for failed_from, failed_to in boiler:
        last = min(failed_to, end) - HOUR
        if failed_from < end and min(climate.at(room, last)[0] for room in LIVED_IN) >= COLD_HOME:
            expected = "a longer one, or colder weather"
            raise InputError(f"no room gets below {COLD_HOME:g} °C", where="boiler_failure", expected=expected)
    readings = []
    for device in home.devices:
        if Metric.TEMPERATURE in device.metrics:
            air = weather if device.room is Room.OUTDOOR else climate
            readings += measure(device, air, start, end, _chance(seed, device.id))
    return readings


def _deliver(readings: Sequence[Reading], rng: Random) -> list[Arrival]:
    """When each reading reaches the hub, where nothing is wrong."""
    return [Arrival(to_millisecond(reading.at + rng.uniform(0.2, 1.6)), reading) for reading in readings]


def _by_room(home: Home, metric: Metric) -> dict[Room, Device]:
    return {device.room: device for device in home.devices if metric in device.metrics}


def _door(home: Home) -> Device:
    return next(device for device in home.devices if Metric.CONTACT in device.metrics)


def _ieee(rng: Random) -> str:
    return f"{AQARA}{rng.getrandbits(32):08x}"


def _eui(rng: Random) -> str:
    return f"{MILESIGHT}{rng.getrandbits(40):010x}"
