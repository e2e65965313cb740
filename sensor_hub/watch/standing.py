"""Where a home's devices stand, into its watch: a new one goes on where an old one was, and what was told of that."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.alerts.episodes import Episodes
from sensor_hub.engine.engine import Engine
from sensor_hub.model.alert import AlertChange
from sensor_hub.model.description import Description, stand
from sensor_hub.model.entry import DeviceGone, PlacementTold
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import ROOM_NAME


def take_standing(
    described: Description, engine: Engine, episodes: Episodes, told: PlacementTold | DeviceGone, at: float
) -> list[AlertChange]:
    """Takes in what was told; the alerts about a device that is gone end, and say so."""
    old = told.device if isinstance(told, DeviceGone) else told.instead_of
    stood = described.stands(old) if old else None
    stand(described, told, at)
    home = described.watched()
    if stood is None:
        engine.set_home(home)
        engine.keep_taken(described.gone)
        return []
    which = f"The sensor in {ROOM_NAME[stood.room]} ({old})"
    if isinstance(told, DeviceGone):
        engine.take_away(old, home, at)
        why = f"{which} was taken away: it is not watched any more."
    else:
        engine.replace_device(old, told.device, home, at)
        engine.keep_taken(described.gone)
        episodes.hand_over(old, told.device)
        why = f"{which} was replaced by {told.device}, which is watched in its place."
    return episodes.end_of_device(old, why, at)


def of_place(described: Description, waiting: list[Reading]) -> list[Reading]:
    """The readings, each as one of the device that stands now where it was measured."""
    return [_of_place(described, reading) if reading.device in described.gone else reading for reading in waiting]


def _of_place(described: Description, reading: Reading) -> Reading:
    return replace(reading, device=described.in_place_of(reading.device, reading.at))
