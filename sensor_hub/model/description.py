"""A home as it stands: as its file describes it, and as its devices were placed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sensor_hub.model.consent import Data, declined_metrics, of_device
from sensor_hub.model.entry import DeviceGone, PlacementTold
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Placed, Room

MOST_DEVICES = 64
"""A home that has so many takes no further one: see `home.MOST_ACTIVITY_DEVICES`."""
MOST_HEARD = 256
"""Devices of which is kept what they measure, placed or not."""
MOST_GONE = 64
"""Devices that are gone and remembered, beside those that the file still describes."""


NOTHING: frozenset[Metric] = frozenset()


@dataclass(frozen=True, slots=True)
class Gone:
    """A device that stands nowhere any more: as it stood, since when it does not, and which took its place."""

    device: Device
    at: float
    by_device: str = ""
    """Empty: none did; it was taken away."""


@dataclass(slots=True)
class Description:
    """What was told of a home, in the order told: the last word about a device's room holds.

    A device that stands in the file as it stood is where it was placed, or gone; one that the file names for the first
    time, or in another room than before, is where the file says.
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
    gone: dict[str, Gone] = field(default_factory=dict)
    """Devices that were replaced or taken away."""
    like: dict[str, Device] = field(default_factory=dict)
    """Devices that the file does not describe: as those were described whose place they took, or as they were."""

    def share(self) -> None:
        """Lets sets of metrics that are the same be the same, with all other homes, to save memory."""
        self.told = sharing(self.told)
        self.heard = {device: _shared(metrics) for device, metrics in self.heard.items()}
        self.gone = {id_: replace(gone, device=_sharing(gone.device)) for id_, gone in self.gone.items()}
        self.like = {id_: _sharing(device) for id_, device in self.like.items()}

    def tell(self, home: Home, at: float) -> None:
        """The home's file says this from now on."""
        before = {device.id: device.room for device in self.told.devices}
        for device in home.devices:
            if before.get(device.id) is not device.room:
                self.rooms.pop(device.id, None)
                self.gone.pop(device.id, None)
                self.since[device.id] = at
        self.told = home
        described = {device.id for device in home.devices}
        # Whoever leaves a device out of the file knows that it is gone.
        self.gone = {id_: gone for id_, gone in self.gone.items() if id_ in described or id_ not in before}
        self.like = {id_: device for id_, device in self.like.items() if id_ not in described}
        known = described | self.rooms.keys()
        self.since = {device: told_at for device, told_at in self.since.items() if device in known}

    def place(self, device: str, room: Room, at: float) -> None:
        """The device stands in this room from now on, also where it was gone."""
        gone = self.gone.pop(device, None)
        if gone is not None and not self._is_described(device):
            self.like[device] = gone.device
        self.rooms[device] = room
        self.since[device] = at

    def stands(self, device: str) -> Device | None:
        """The device as it stands; None where it does not, and for the gateway, which nobody places."""
        found = next((each for each in self.home().devices if each.id == device), None)
        return None if found is None or Metric.ONLINE in found.metrics else found

    def replace(self, device: str, by_device: str, room: Room, at: float) -> None:
        """The device is gone from now on; another stands in its place, and is what it was as far as nothing else is
        known of it."""
        stood = self.stands(device)
        self.take_away(device, at, by_device)
        is_new = by_device not in self.gone
        self.place(by_device, room, at)
        if stood is not None and is_new and not self._is_described(by_device):
            self.like[by_device] = replace(stood, id=by_device)

    def take_away(self, device: str, at: float, by_device: str = "") -> None:
        """The device stands nowhere from now on."""
        stood = self.stands(device)
        if stood is None:
            return
        self.gone.pop(device, None)
        self.gone[device] = Gone(stood, at, by_device)
        for of_devices in (self.rooms, self.since, self.like):
            of_devices.pop(device, None)
        others = [each for each in self.gone if not self._is_described(each)]
        for one in others[:-MOST_GONE]:
            del self.gone[one]

    def version(self, device: str) -> int:
        """Another one whenever it is said where the device stands, or that it does not; 0: nothing was said yet."""
        gone = self.gone.get(device)
        return round(1000 * (self.since.get(device, 0.0) if gone is None else gone.at))

    def in_place_of(self, device: str, at: float) -> str:
        """Which device stands now where this one stood at a moment: itself, unless it was replaced since."""
        while (gone := self.gone.get(device)) is not None and gone.by_device and at <= gone.at:
            device = gone.by_device
        return device

    def _is_described(self, device: str) -> bool:
        return any(each.id == device for each in self.told.devices)

    def hear(self, device: str, metric: Metric) -> bool:
        """The device measures this; whether that is new of a device that only was placed."""
        metrics = self.heard.get(device, NOTHING)
        if metric in metrics or (not metrics and len(self.heard) >= MOST_HEARD and device not in self.rooms):
            return False
        self.heard[device] = _shared(metrics | {metric})
        return device in self.rooms and not self._is_described(device)

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
        return self.told if not self.rooms and not self.gone else replace(self.told, devices=tuple(self._standing()))

    def _standing(self) -> Iterator[Device]:
        """The devices, each where the one stood that it replaced: nothing depends on which of them it is."""
        added = {device: room for device, room in self.rooms.items() if not self._is_described(device)}
        for each in self.told.devices:
            heir = self.in_place_of(each.id, 0.0)
            if each.id not in self.gone:
                yield _moved(each, self.rooms.get(each.id, each.room))
            elif heir in added:
                yield self._added(heir, added.pop(heir))
        for device, room in added.items():
            yield self._added(device, room)

    def _added(self, device: str, room: Room) -> Device:
        """A device that the file does not describe."""
        heard, like = self.heard.get(device, NOTHING), self.like.get(device)
        if like is None:
            return Device(device, room, heard)
        return replace(like, room=room, metrics=_shared(like.metrics | heard))

    def placed(self) -> Mapping[str, Placed]:
        """Where each device stands, and since when that is so as far as it was told."""
        return {each.id: Placed(each.room, self.since.get(each.id, 0.0)) for each in self.home().devices}


def stand(described: Description, told: PlacementTold | DeviceGone, at: float) -> None:
    """Takes in where a device stands from now on, or that it does not."""
    match told:
        case DeviceGone(device=device):
            described.take_away(device, at)
        case PlacementTold(device=device, room=room, instead_of=old) if old:
            described.replace(old, device, room, at)
        case PlacementTold(device=device, room=room):
            described.place(device, room, at)


def sharing(home: Home) -> Home:
    """The home as it was; its devices share their sets of metrics with all others of their sort, to save memory."""
    return replace(home, devices=tuple(map(_sharing, home.devices)))


def _sharing(device: Device) -> Device:
    return replace(device, metrics=_shared(device.metrics))


def _moved(device: Device, room: Room) -> Device:
    return device if room is device.room else replace(device, room=room)


@lru_cache(maxsize=1024)
def _shared(metrics: frozenset[Metric]) -> frozenset[Metric]:
    return metrics
