"""Movements where a pet is: a lone one may be the pet's, one beside another sign counts as the resident's.

With no other sign within the five minutes before it, in that room or another, a movement ends no silence and is not
learned. So the guard can only make a silence longer.
"""

from __future__ import annotations

from sensor_hub.engine.state import EngineState
from sensor_hub.model.moment import MINUTE

PAIRED = 5 * MINUTE
TWICE = 10.0
"""Seconds: what comes sooner after a movement may be the same one, told as another metric."""


def is_lone(state: EngineState, at: float) -> bool:
    """Whether this movement, where a pet is, has no other sign beside it; it is remembered for the next."""
    pet_at = state.pet_at
    if pet_at is None or at > pet_at:
        state.pet_at = at
    if pet_at is not None and TWICE <= at - pet_at <= PAIRED:
        return False
    return all(sign is None or abs(at - sign) > PAIRED for sign in (state.inside_at, state.exit_at))
