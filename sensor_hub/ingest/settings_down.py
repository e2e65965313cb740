"""What is the hub's in every gateway's settings, such as rooms: as its log has it, whatever else the settings hold.

The rest of the settings comes from `sensor-hub settings` and `gateway rotate`, through the broker. The hub hears them
there and keeps them, since a broker may lose what it retained.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sensor_hub.ingest.rotation import SETTLES_WITHIN, object_in, version_in
from sensor_hub.model.moment import iso
from sensor_hub.model.wire import topic
from sensor_hub.watch.downlink_ports import DevicesStand

PASSWORD = "password"
SCOPE = "scope"
OWN = ("rooms", "pets", "gone", SCOPE)
"""The keys that are the hub's own."""
SHOWN_WITHIN = 10.0
"""Seconds in which a broker shows again what it keeps."""
ABANDONED_AFTER = 3600.0
"""Seconds after which nobody is exchanging a password any more that still stands in the settings."""


class Changed(Enum):
    """What became of a change of the settings."""

    DONE = "the broker keeps them for the gateway"
    STALE = "somebody changed them since"
    BUSY = "a new password is on its way to the gateway"
    AWAY = "the broker cannot be reached, or does not keep them"


class KeptSettings(Protocol):
    """By the gateway's name, `{tenant}/{home}`."""

    def of(self, gateway: str) -> Mapping[str, object]:
        """Empty where there are none."""

    def keep(self, gateway: str, settings: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a home's gateway should know."""

    said: Mapping[str, object]
    """The keys of the settings that are the hub's own; one that is not among them shall not be there."""
    applied: int


class SettingsDown:
    """See `watch.downlink_ports.Downlink`. What cannot be sent now is sent after the gateway's next status."""

    def __init__(self, kept: KeptSettings, publish: Callable[[str, bytes], object]) -> None:
        self.kept = kept
        self.publish = publish
        self._wanted: dict[tuple[str, str], Wanted] = {}
        self._heard: dict[tuple[str, str], Mapping[str, object]] = {}
        """What the broker keeps, as far as it was heard since the hub connected."""
        self._has_all = False
        """Of what was not heard by now the broker keeps nothing."""
        self._rotating: dict[tuple[str, str], threading.Timer] = {}
        """Where a password stands in the settings, until it is taken for abandoned."""
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._timer: threading.Timer | None = None

    def tell(self, tenant: str, home: str, standing: DevicesStand, *, applied: int) -> None:
        rooms = {device: {"room": each.room.value, "at": iso(each.at)} for device, each in standing.rooms.items()}
        said: dict[str, object] = {"rooms": rooms} | ({"pets": list(standing.pets)} if standing.pets else {})
        if standing.gone:
            said["gone"] = {device: iso(at) for device, at in standing.gone.items()}
        if standing.metrics is not None:
            said[SCOPE] = standing.metrics
        with self._lock:
            self._wanted[tenant, home] = Wanted(said, applied)
            self._settle((tenant, home))

    def hear(self, tenant: str, home: str, payload: bytes) -> None:
        """The broker keeps these settings for the home; an empty message: none any more."""
        settings = object_in(payload)
        without = {key: value for key, value in settings.items() if key != PASSWORD}
        with self._lock:
            self._heard[tenant, home] = settings
            self._follow_rotation((tenant, home), PASSWORD in settings)
            self._news.notify_all()
            if self.kept.of(f"{tenant}/{home}") != without:
                self.kept.keep(f"{tenant}/{home}", without)
            self._settle((tenant, home))

    def settings_of(self, tenant: str, home: str) -> tuple[dict[str, object], frozenset[str]]:
        """All of them but a password, as the broker keeps them as far as that is known; and which are the hub's own."""
        with self._lock:
            return self._known((tenant, home)), self._owned((tenant, home))

    def change(self, tenant: str, home: str, wanted: Mapping[str, object], version: int) -> Changed:
        """Sends these settings down beside those that are the hub's own, in the place of those of this version."""
        gateway = tenant, home
        with self._news:
            if gateway in self._rotating:
                return Changed.BUSY
            known = self._known(gateway)
            if version_in(known) != version:
                return Changed.STALE
            own = {key: known[key] for key in self._owned(gateway) if key in known}
            told = {**wanted, "version": version + 1, **own}
            self.publish(topic(tenant, home, "settings"), json.dumps(told, separators=(",", ":")).encode())
            # A newer version has these in it, and what changed of devices meanwhile.
            is_kept = self._news.wait_for(lambda: version_in(self._heard.get(gateway, {})) > version, SHOWN_WITHIN)
        return Changed.DONE if is_kept else Changed.AWAY

    def _known(self, gateway: tuple[str, str]) -> dict[str, object]:
        settings = self._heard.get(gateway)
        found = self.kept.of("/".join(gateway)) if settings is None else settings
        return {key: value for key, value in found.items() if key != PASSWORD}

    def _owned(self, gateway: tuple[str, str]) -> frozenset[str]:
        """Without a record of consent a scope is what somebody set by hand."""
        wanted = self._wanted.get(gateway)
        return frozenset(OWN if wanted is None or SCOPE in wanted.said else (key for key in OWN if key != SCOPE))

    def _follow_rotation(self, gateway: tuple[str, str], has_password: bool) -> None:
        known = self._rotating.get(gateway)
        if has_password and known is None:
            timer = threading.Timer(ABANDONED_AFTER, self._abandon, [gateway])
            timer.daemon = True
            self._rotating[gateway] = timer
            timer.start()
        elif not has_password and known is not None:
            known.cancel()
            del self._rotating[gateway]

    def _abandon(self, gateway: tuple[str, str]) -> None:
        """Whoever exchanged a password was killed: the settings are the hub's again, and go on without it."""
        with self._lock:
            if self._rotating.pop(gateway, None) is not None:
                self._settle(gateway)

    def connected(self) -> None:
        """What the broker keeps is about to be heard."""
        with self._lock:
            self.stop()
            self._heard.clear()
            self._timer = threading.Timer(SETTLES_WITHIN, self._heard_all)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        with self._lock:
            self._has_all = False
            if self._timer is not None:
                self._timer.cancel()

    def _heard_all(self) -> None:
        with self._lock:
            self._has_all = True
            for gateway in self._wanted:
                self._settle(gateway)

    def _settle(self, gateway: tuple[str, str]) -> None:
        """Sends the settings with what is the hub's in them, where the broker does not keep them."""
        wanted, heard = self._wanted.get(gateway), self._heard.get(gateway)
        if wanted is None or (heard is None and not self._has_all):
            return
        kept = self.kept.of("/".join(gateway))
        settings = kept if heard is None else heard
        # With a password in them they are in the hands of `gateway rotate`, which takes it out again.
        if gateway in self._rotating:
            return
        owned = self._owned(gateway)
        own = {key: settings[key] for key in owned if key in settings}
        is_newest = heard is not None and PASSWORD not in heard and version_in(heard) >= wanted.applied
        if is_newest and {"rooms": {}, **own} == wanted.said:
            return
        version = max(version_in(settings), version_in(kept), wanted.applied) + 1
        others = {key: value for key, value in settings.items() if key not in owned and key != PASSWORD}
        told = {**others, "version": version, **wanted.said}
        self.publish(topic(*gateway, "settings"), json.dumps(told, separators=(",", ":")).encode())
