"""Movements where a pet is, in what is remembered of a home: see `model.pet`."""

from __future__ import annotations

from sensor_hub.engine.state import EngineState
from sensor_hub.model import pet


def is_lone(state: EngineState, at: float) -> bool:
    """Whether this movement, where a pet is, has no other sign beside it; it is remembered for the next."""
    before = state.pet_at
    if before is None or at > before:
        state.pet_at = at
    return pet.is_lone(at, before, (state.inside_at, state.exit_at))
