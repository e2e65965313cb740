"""A home as it stands: as its file describes it, and as its devices were placed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sensor_hub.model.consent import Data, declined_metrics, of_device
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Placed, Room

MOST_DEVICES = 64
"""A home that has so many takes no further one: see `home.MOST_ACTIVITY_DEVICES`."""
MOST_HEARD = 256
"""Devices of which is kept what they measure, placed or not."""


NOTHING: frozenset[Metric] = frozenset()


@dataclass(slots=True)
class Description:
    """What was told of a home, in the order told: the last word about a device's room holds.

    A device that stands in the file as it stood is where it was placed; one that the file names for the first time, or
    in another room than before, is where the file says.
    """

    told: Home
    """As its file describes it."""
    rooms: dict[str, Room] = field(default_factory=dict)
    """Devices placed otherwise than by the file."""
    since: dict[str, float] = field(default_factory=dict)
    """When each device's room was told; a device of the first description may be absent."""
    heard: dict[str, frozenset[Metric]] = field(default_factory=dict)
    """What each device was heard to measure: what one measures that the file does not describe."""
    scope: frozenset[Data] | None = None
    """What is agreed with the resident; None: there is no record, and all is watched."""

    def share(self) -> None:
        """Lets sets of metrics that are the same be the same, with all other homes, to save memory."""
        self.told = sharing(self.told)
        self.heard = {device: _shared(metrics) for device, metrics in self.heard.items()}

    def tell(self, home: Home, at: float) -> None:
        """The home's file says this from now on."""
        before = {device.id: device.room for device in self.told.devices}
        for device in home.devices:
            if before.get(device.id) is not device.room:
                self.rooms.pop(device.id, None)
                self.since[device.id] = at
        self.told = home
        known = {device.id for device in home.devices} | self.rooms.keys()
        self.since = {device: told_at for device, told_at in self.since.items() if device in known}

    def place(self, device: str, room: Room, at: float) -> None:
        """The device stands in this room from now on."""
        self.rooms[device] = room
        self.since[device] = at

    def hear(self, device: str, metric: Metric) -> bool:
        """The device measures this; whether that is new of a device that only was placed."""
        metrics = self.heard.get(device, NOTHING)
        if metric in metrics or (not metrics and len(self.heard) >= MOST_HEARD and device not in self.rooms):
            return False
        self.heard[device] = _shared(metrics | {metric})
        return device in self.rooms and all(one.id != device for one in self.told.devices)

    def watched(self) -> Home:
        """The home with every device where it stands now, as far as it is agreed that they are heard.

        Where nothing is agreed no device is left, not even the gateway: there is nothing to be blind for.
        """
        home = self.home()
        if self.scope is None:
            return home
        if not self.scope:
            return replace(home, devices=())
        declined = declined_metrics(self.scope)
        used = ((device, of_device(device.metrics, declined)) for device in home.devices)
        return replace(home, devices=tuple(replace(device, metrics=_shared(left)) for device, left in used if left))

    def home(self) -> Home:
        """The home with every device where it stands now."""
        if not self.rooms:
            return self.told
        described = {device.id for device in self.told.devices}
        devices = [_moved(each, self.rooms.get(each.id, each.room)) for each in self.told.devices]
        devices += [
            Device(device, room, self.heard.get(device, NOTHING))
            for device, room in self.rooms.items()
            if device not in described
        ]
        return replace(self.told, devices=tuple(devices))

    def placed(self) -> Mapping[str, Placed]:
        """Where each device stands, and since when that is so as far as it was told."""
        return {each.id: Placed(each.room, self.since.get(each.id, 0.0)) for each in self.home().devices}


def sharing(home: Home) -> Home:
    """The home as it was; its devices share their sets of metrics with all others of their sort, to save memory."""
    return replace(home, devices=tuple(replace(device, metrics=_shared(device.metrics)) for device in home.devices))


def _moved(device: Device, room: Room) -> Device:
    return device if room is device.room else replace(device, room=room)


@lru_cache(maxsize=1024)
def _shared(metrics: frozenset[Metric]) -> frozenset[Metric]:
    return metrics
