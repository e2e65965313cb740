"""A battery that is nearly flat, before its sensor falls silent."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.device_state import DeviceState
from sensor_hub.engine.part import ALWAYS, MARGIN, NEVER
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Deviation, Finding
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY
from sensor_hub.model.room import ROOM_NAME

LOW, MENDED = 15.0, 30.0
"""Percent below which a battery is low, and above which it was changed."""
FOR = DAY
"""Some report jumps between full and empty: only a battery that stays low is told."""


def note(known: DeviceState, at: float, percent: float) -> None:
    """Takes in a reading of a device's battery."""
    known.battery = percent
    if percent >= MENDED or (percent >= LOW and known.battery_low_since is None):
        known.battery_low_since = None
    elif percent < LOW and known.battery_low_since is None:
        known.battery_low_since = at


def due(view: View, said: list[Finding]) -> float:
    """When the first battery may have been low for long enough; one that becomes low wakes the detector."""
    if said:
        return ALWAYS
    since = (known.battery_low_since for known in view.known if known.battery_low_since is not None)
    return min(since, default=NEVER) + FOR - MARGIN


def judge(view: View) -> Iterator[Finding]:
    """One alert for each device whose battery has been low for a day."""
    for device in view.home.devices:
        known = view.device(device.id)
        since = known.battery_low_since
        if since is None or known.battery is None or view.frontier - since < FOR:
            continue
        sensor = f"The sensor in {ROOM_NAME[device.room]} ({device.id})"
        low = words.clock(since, view.frontier, view.zone)
        text = (
            f"{sensor} has {known.battery:.0f} % battery left, under {LOW:.0f} % since {low}. It may fall silent soon."
        )
        yield Deviation(Kind.BATTERY_LOW, device.id, Urgency.NOTICE, since, text, {"battery": known.battery})
