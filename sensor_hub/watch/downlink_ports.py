"""The way down to gateways, as the watch needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sensor_hub.model.room import Placed


@dataclass(frozen=True, slots=True)
class DevicesStand:
    """Where a home's devices stand, those of them where a pet moves, and what may be collected of them."""

    rooms: Mapping[str, Placed]
    pets: tuple[str, ...] = ()
    metrics: list[str] | None = None
    """Those that are agreed with the resident; None: there is no record, and the gateway is told nothing of it."""
    gone: Mapping[str, float] = field(default_factory=dict)
    """Devices that stand nowhere any more, and since when."""


class Downlink(Protocol):
    """The way down to gateways. May be called by the worker's thread at any time, and returns at once."""

    def tell(self, tenant: str, home: str, standing: DevicesStand, *, applied: int) -> None:
        """How the home's devices stand. `applied`: the version of the settings that its gateway follows."""


class NoDownlink:
    """Where no gateway can be reached."""

    def tell(self, tenant: str, home: str, standing: DevicesStand, *, applied: int) -> None:
        return None
