"""What a service tells later of a notice that it took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reached(StrEnum):
    ARRIVED = "arrived"
    FAILED = "failed"
    """It did not arrive, and will not."""
    UNDER_WAY = "under way"


@dataclass(frozen=True, slots=True)
class Receipt:
    source: str
    """Which sort of service says so."""
    provider_id: str
    """The service's own name of the notice, as it gave it when it took the notice."""
    reached: Reached
    detail: str = ""
    """Its own words."""
    is_permanent: bool = False
    """There is nobody at that address: no later notice will arrive either."""
