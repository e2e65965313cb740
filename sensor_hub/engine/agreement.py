"""What the engine forgets when the resident agrees to less, and what begins anew when anything about that changes.

What movement and doors teach is learned of both together and cannot be taken apart: with either, all of it goes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sensor_hub.engine.state import EngineState
from sensor_hub.model.consent import RESTS_ON, Data
from sensor_hub.model.kind import Kind

ROUTINE = frozenset({Data.MOVEMENT, Data.DOORS})
_OF_ROUTINE = (
    *("bits", "inside_at", "inside_device", "exit_at", "pet_at", "visits", "hazard", "outings", "days"),
    *("inactive_since", "habits", "low_intake", "daily", "rising", "night_door", "outing", "expected", "silences_told"),
)
HELD: Mapping[Data, tuple[str, ...]] = {
    Data.MOVEMENT: _OF_ROUTINE,
    Data.DOORS: _OF_ROUTINE,
    Data.CLIMATE: (
        *("usual_temperature", "usual_weight", "hour_learned", "cold", "heat", "thermal", "damp", "low_intake"),
    ),
    Data.ALARMS: ("alarms", "alarms_ended", "callers"),
    Data.POWER: (),
}
"""The parts of the state that each kind of data has left in it."""


def forget_declined(state: EngineState, lost: Collection[Data], here: Collection[str]) -> None:
    """Makes these parts what they are in a home that was never watched; of devices only those `here` are kept."""
    fresh = EngineState()
    for data in lost:
        for name in HELD[data]:
            setattr(state, name, getattr(fresh, name))
    if lost:
        state.devices = {device: known for device, known in state.devices.items() if device in here}
    if Data.CLIMATE in lost:
        for known in state.devices.values():
            known.channels.clear()
        for taken in state.taken.values():
            taken.was_damp, taken.was_felt = False, []
    state.outcomes = {
        kind: marks for kind, marks in state.outcomes.items() if RESTS_ON.get(Kind(kind), frozenset()).isdisjoint(lost)
    }


def begin_anew(state: EngineState, changed: Collection[Data]) -> None:
    """What was not agreed before is watched from now on, and what was not looked at is no silence."""
    state.begun_at = state.frontier
    if not ROUTINE.isdisjoint(changed):
        state.days, state.day_began = [], state.frontier
