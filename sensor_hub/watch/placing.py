"""Where devices stand: said at the gateway, on a page or by the home's file. The last word holds, on both sides.

The hub's log is what counts. A gateway says in each status what was placed at it, and when; what is newer than the
log's last word about the device is taken into the log. The rooms of the log go down in the gateway's settings, which it
takes where they are newer than what it has. So a word spoken while the two could not reach each other counts by its
time, and of two at one moment that of the hub.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from sensor_hub.model.consent import agreed_metrics
from sensor_hub.model.description import MOST_DEVICES, Description
from sensor_hub.model.entry import DeviceGone, PlacementTold
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Placed, Room
from sensor_hub.model.wire import Status
from sensor_hub.watch.downlink_ports import DevicesStand, Downlink, NoDownlink
from sensor_hub.watch.items import Place, Replace, StatusCame, TakeAway
from sensor_hub.watch.ports import Rejection, Taken
from sensor_hub.watch.taking import Taking
from sensor_hub.watch.watches import Watches

log = logging.getLogger(__name__)

FULL_HOME = f"a home with {MOST_DEVICES} devices takes no further one"


class Placing:
    """Puts placements into the log, and tells gateways of them. Called by the worker's thread."""

    def __init__(self, watches: Watches) -> None:
        self.watches = watches
        self.stores = watches.stores
        self.downlink: Downlink = NoDownlink()

    def by_person(self, item: Place | Replace | TakeAway, taking: Taking) -> None:
        """Does with the device what somebody asked."""
        described = self.stores.log.description(item.home) if item.home in self.watches.watched else None
        if described is None:
            taken = Taken.UNKNOWN
        elif isinstance(item, Place):
            taken = self._place(item, described, taking)
        elif isinstance(item, Replace):
            taken = self._replace(item, described, taking)
        else:
            taken = self._take_away(item, described, taking)
        if taken is Taken.DONE:
            taking.acts.append(partial(self.tell, item.home))
        taking.settle(item, taken)

    def _place(self, item: Place, described: Description, taking: Taking) -> Taken:
        if item.version not in {None, described.version(item.device)}:
            return Taken.STALE
        if not _has_room(described, item.device):
            return Taken.FULL
        known = described.placed().get(item.device)
        if known is None or known.room is not item.room:
            self._store(item.home, item.device, item.room, item.by, taking)
        return Taken.DONE

    def _replace(self, item: Replace, described: Description, taking: Taking) -> Taken:
        """TAKEN where the new one stands in another room, which would be left unseen without a word."""
        home, device, by_device, by = item.home, item.device, item.by_device, item.by
        stood, gone = described.stands(device), described.gone.get(device)
        is_gateway = by_device in described.placed() and described.stands(by_device) is None
        if gone is not None and gone.by_device == by_device and described.stands(by_device) is not None:
            return Taken.DONE
        if stood is None or is_gateway or device == by_device:
            return Taken.UNKNOWN
        there = described.stands(by_device)
        if there is not None and there.room is not stood.room:
            return Taken.TAKEN
        room = stood.room
        taking.append(self.watches, home, lambda received: PlacementTold(received, by_device, room, by, device))
        log.info("home %s: a device was replaced", home)
        return Taken.DONE

    def _take_away(self, item: TakeAway, described: Description, taking: Taking) -> Taken:
        if described.stands(item.device) is None:
            return Taken.UNKNOWN
        if item.version not in {None, described.version(item.device)}:
            return Taken.STALE
        taking.append(self.watches, item.home, lambda received: DeviceGone(received, item.device, item.by))
        log.info("home %s: a device was taken away", item.home)
        return Taken.DONE

    def by_gateway(self, item: StatusCame, before: Status | None, taking: Taking) -> None:
        """Takes what was placed at the gateway since; `before` is what it said last."""
        described = self.stores.log.description(item.home) if item.status.state == "online" else None
        if described is None:
            return
        for device, room in _news(item.status, before, described, taking.now):
            if _has_room(described, device):
                described.place(device, room, taking.now)
                self._store(item.home, device, room, "", taking)
            else:
                taking.reject(item.home, Rejection("placement", FULL_HOME, device.encode()))
        moved = any(item.status.placed.get(device) != each.room for device, each in _rooms(described).items())
        is_agreed = item.status.settings.get("scope") == _metrics(described)
        knows_gone = described.gone.keys().isdisjoint(item.status.placed)
        if moved or not is_agreed or not knows_gone or tuple(_said_pets(item.status)) != _pets(described):
            taking.acts.append(partial(self.tell, item.home))

    def tell(self, home: str) -> None:
        """Sends the rooms down to the home's gateway; where it cannot be reached now, after its next status."""
        described, last = self.stores.log.description(home), self.stores.gateways.last(home)
        tenant = self.stores.tenants.of(home)
        if described is None or last is None or tenant is None:
            return
        said = last[1]
        rooms = {
            # What the gateway said was weighed already: the log's word is the later one.
            device: Placed(each.room, max(each.at, said.placed_at.get(device, 0.0)))
            for device, each in _rooms(described).items()
        }
        applied = said.settings.get("version")
        gone = {device: max(each.at, said.placed_at.get(device, 0.0)) for device, each in described.gone.items()}
        standing = DevicesStand(rooms, _pets(described), _metrics(described), gone)
        self.downlink.tell(tenant, home, standing, applied=applied if isinstance(applied, int) else 0)

    def _store(self, home: str, device: str, room: Room, by: str, taking: Taking) -> None:
        taking.append(self.watches, home, lambda received: PlacementTold(received, device, room, by))
        log.info("home %s: a device was placed %s", home, "by the duty team" if by else "at the gateway")


def _news(said: Status, before: Status | None, described: Description, now: float) -> Iterator[tuple[str, Room]]:
    """What was placed at the gateway later than the log's last word, and is not what it said before."""
    placed = described.placed()
    for device, name in said.placed.items():
        at, room, known = said.placed_at.get(device, said.at), Room(name), placed.get(device)
        was_said = before is not None and before.placed.get(device) == name
        is_repeat = was_said and before is not None and before.placed_at.get(device) == said.placed_at.get(device)
        if is_repeat or (known is not None and (known.room is room or min(at, now) <= known.at)):
            continue
        if device in described.gone and min(at, now) <= described.gone[device].at:
            continue
        yield device, room


def _rooms(described: Description) -> dict[str, Placed]:
    """Where the home's sensors stand; the gateway itself is none."""
    gateways = {each.id for each in described.home().devices if Metric.ONLINE in each.metrics}
    return {device: placed for device, placed in described.placed().items() if device not in gateways}


def _pets(described: Description) -> tuple[str, ...]:
    """The devices where a pet moves."""
    return tuple(sorted(each.id for each in described.home().devices if each.pet))


def _metrics(described: Description) -> list[str] | None:
    """The metrics that are agreed; None where there is no record of that."""
    return None if described.scope is None else sorted(agreed_metrics(described.scope))


def _said_pets(status: Status) -> list[str]:
    """Those that the gateway knows of."""
    pets = status.settings.get("pets", [])
    return pets if isinstance(pets, list) else []


def _has_room(described: Description, device: str) -> bool:
    devices = described.home().devices
    return len(devices) < MOST_DEVICES or any(each.id == device for each in devices)
