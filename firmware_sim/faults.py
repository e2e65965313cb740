"""Faults of devices and networks, applied to the readings of a home that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from firmware_sim.episodes import Episode, EpisodeKind
from sensor_hub.model.entry import Arrival
from sensor_hub.model.home import Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import to_millisecond
from sensor_hub.model.problem import InputError
from sensor_hub.model.room import Room

BACKLOG_SPEED = 100.0
"""How many times faster than it was measured a gateway sends what it kept."""
Fault = Callable[[Home, list[Arrival], Episode], list[Arrival]]


def dead_battery(home: Home, arrivals: list[Arrival], episode: Episode) -> list[Arrival]:
    """The room's movement sensor says nothing at all."""
    device = _device(home, episode, Metric.MOTION)
    return [one for one in arrivals if one.reading.device != device or not _during(episode, one)]


def stuck_thermometer(home: Home, arrivals: list[Arrival], episode: Episode) -> list[Arrival]:
    """The room's thermometer repeats to the last digit what it measured first."""
    device = _device(home, episode, Metric.TEMPERATURE)
    stuck: dict[Metric, Arrival] = {}
    changed = []
    for one in arrivals:
        if one.reading.device == device and one.reading.metric is not Metric.BATTERY and _during(episode, one):
            first = stuck.setdefault(one.reading.metric, one)
            one = one._replace(reading=replace(one.reading, value=first.reading.value))
        changed.append(one)
    return changed


def uplink_outage(home: Home, arrivals: list[Arrival], episode: Episode) -> list[Arrival]:
    """The gateway cannot reach the hub: it keeps everything and sends it on afterwards."""
    changed = []
    for one in arrivals:
        if _during(episode, one):
            waited = (one.reading.at - episode.start) / BACKLOG_SPEED
            one = one._replace(received=max(one.received, to_millisecond(episode.end + 5 + waited)))
        changed.append(one)
    return changed


FAULTS: dict[EpisodeKind, Fault] = {
    EpisodeKind.DEAD_BATTERY: dead_battery,
    EpisodeKind.STUCK_THERMOMETER: stuck_thermometer,
    EpisodeKind.UPLINK_OUTAGE: uplink_outage,
}


def lose_some(arrivals: Iterable[Arrival], share: float, rng: Random) -> list[Arrival]:
    """An ordinary bad radio: a share of what devices send is lost, as much comes twice or minutes late."""
    left = []
    for one in arrivals:
        chance = 1.0 if one.reading.metric is Metric.ONLINE else rng.random()
        if chance < share:
            continue
        if chance < 2 * share:
            left.append(one._replace(received=to_millisecond(one.received + rng.uniform(5, 600))))
        if not share <= chance < 1.5 * share:
            left.append(one)
    return left


def _during(episode: Episode, arrival: Arrival) -> bool:
    return episode.start <= arrival.reading.at < episode.end


def _device(home: Home, episode: Episode, metric: Metric) -> str:
    room = episode.room or Room.LIVING
    device = next((one.id for one in home.devices if one.room is room and metric in one.metrics), None)
    if device is None:
        raise InputError(f"no {metric} sensor in {room}", where=episode.kind.value, expected="a room that has one")
    return device
