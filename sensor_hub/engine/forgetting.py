"""What is forgotten of a home, so that its state stays small however long it is watched."""

from __future__ import annotations

from collections.abc import Collection

from sensor_hub.engine.state import AbsenceState, EngineState
from sensor_hub.engine.temperatures import Temperatures
from sensor_hub.engine.timeline import Timeline
from sensor_hub.model.home import MOST_ACTIVITY_DEVICES
from sensor_hub.model.moment import DAY

MOST_GONE = 8
"""Devices that are no longer in the home and may come back."""
ABSENCES_KEPT = 15 * DAY
"""No silence that could be seen for the most part reaches back to an absence that ended before this."""
MOST_ABSENCES = 64
ALARMS_KEPT, MOST_ALARMS = 32 * DAY, 64
"""When an alarm was taken back matters only to readings of it that come late; strangers may send alarms too."""


def forget_gone(state: EngineState, here: Collection[str], temperatures: Temperatures) -> None:
    """Forgets devices that are no longer in the home, but the `MOST_GONE` heard last."""
    gone = [device for device in state.devices if device not in here]
    gone.sort(key=lambda device: state.devices[device].heard_at or 0.0)
    for device in gone[:-MOST_GONE]:
        del state.devices[device]
    for of_devices in (state.hazard.breakers, state.damp, temperatures.rows, state.thermal.nights, state.thermal.taus):
        for device in [device for device in of_devices if device not in state.devices]:
            del of_devices[device]


def find_bits(state: EngineState, needing: list[str], timeline: Timeline) -> None:
    """Gives each device that needs one a bit of the timeline: that of a device that is forgotten, or a new one."""
    bits = state.bits
    del bits[MOST_ACTIVITY_DEVICES:]
    for device in needing:
        if device in bits:
            continue
        free = [place for place, name in enumerate(bits) if name not in needing]
        forgotten = [place for place in free if bits[place] not in state.devices]
        if not forgotten and len(bits) < MOST_ACTIVITY_DEVICES:
            bits.append(device)
        else:
            place = (forgotten or free)[0]
            bits[place] = device
            timeline.forget(1 << place)


def is_kept(absence: AbsenceState, frontier: float) -> bool:
    """Whether the absence can still change an answer."""
    return absence.end > frontier - ABSENCES_KEPT or absence.known_from > frontier


def forget_old(state: EngineState) -> None:
    """Once a day: absences and ends of alarms that can change nothing any more."""
    state.absences = [one for one in state.absences if is_kept(one, state.frontier)][-MOST_ABSENCES:]
    since = state.frontier - ALARMS_KEPT
    ended = sorted((at, key) for key, at in state.alarms_ended.items() if at > since)
    state.alarms_ended = {key: at for at, key in ended[-MOST_ALARMS:]}
