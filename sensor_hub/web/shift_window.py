"""The time of which shifts are asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import HTTPException, Query

from sensor_hub.model.moment import DAY, LATEST

SHOWN_FOR, LONGEST = 14 * DAY, 92 * DAY
From = Annotated[float | None, Query(alias="from", ge=0, le=LATEST, description="epoch seconds; left out: now")]
Until = Annotated[
    float | None, Query(alias="until", ge=0, le=LATEST, description="epoch seconds; left out: two weeks later")
]


def window_of(start: float | None, until: float | None, now: float) -> tuple[float, float]:
    """HTTPException 422 where it is empty, or longer than 92 days."""
    begin = now if start is None else start
    end = begin + SHOWN_FOR if until is None else until
    if not begin < end <= begin + LONGEST:
        raise HTTPException(422, f"until: later than from, by {LONGEST / DAY:.0f} days at most")
    return begin, end
