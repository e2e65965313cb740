"""Whether a wider alert covers an alert: one cause, one notice. Pure.

A cause is strictly wider than what it covers (the hub, a home, a device of it), so that no two alerts can cover each
other and be told to nobody. It covers as long as its condition lasts and no person has closed it. Only alerts of
equipment are covered: what concerns the resident, and alarms of any sort, are told whatever else is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from sensor_hub.model.alert import AlertChange
from sensor_hub.model.kind import KINDS, Audience, Kind
from sensor_hub.model.moment import MINUTE


class Width(IntEnum):
    """How much an alert is about."""

    DEVICE = 0
    HOME = 1
    HUB = 2


WIDTH = {Kind.GATEWAY_SILENT: Width.HOME, Kind.HOMES_SILENT: Width.HUB}
"""Of the kinds that may be a cause; all others are about a device."""
EARLIER = 20 * MINUTE
"""A gateway is heard last some minutes before whatever silenced it is noticed; `report_every` is 15 minutes at most
where nothing else is set. One that was silent earlier has a cause of its own."""


class Cause(NamedTuple):
    """A wider alert that lasts."""

    alert: str
    since: float


@dataclass(frozen=True, slots=True)
class Causes:
    """All wider alerts that last: of the hub, and of homes by home."""

    hub: tuple[Cause, ...] = ()
    homes: Mapping[str, Cause] = field(default_factory=dict)


def covering(change: AlertChange, causes: Causes) -> str | None:
    """The alert that covers this one; None where nothing does."""
    if KINDS[change.kind].audience is not Audience.TECHNICAL:
        return None
    match WIDTH.get(change.kind, Width.DEVICE):
        case Width.DEVICE:
            cause = causes.homes.get(change.home)
            return None if cause is None else cause.alert
        case Width.HOME:
            return next((cause.alert for cause in causes.hub if change.since >= cause.since - EARLIER), None)
        case Width.HUB:
            return None
