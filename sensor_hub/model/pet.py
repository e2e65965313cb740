"""Movements where a pet is: a lone one may be the pet's, one beside another sign counts as the resident's.

With no other sign within the five minutes before it, in that room or another, a movement ends no silence and is not
learned. So the guard can only make a silence longer.
"""

from __future__ import annotations

from collections.abc import Iterable

from sensor_hub.model.moment import MINUTE

PAIRED = 5 * MINUTE
TWICE = 10.0
"""Seconds: what comes sooner after a movement may be the same one, told as another metric."""


def is_lone(at: float, pet_at: float | None, signs: Iterable[float | None]) -> bool:
    """Whether a movement at `at`, where a pet is, has no other sign beside it.

    `pet_at`: the last movement before it where a pet is, counted or not; `signs`: the last ones that counted.
    """
    if pet_at is not None and TWICE <= at - pet_at <= PAIRED:
        return False
    return all(sign is None or abs(at - sign) > PAIRED for sign in signs)
