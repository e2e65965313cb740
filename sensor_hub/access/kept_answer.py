"""What is kept of a request with an `Idempotency-Key`, so that its repeat does nothing and is answered alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sensor_hub.model.moment import DAY

KEPT_FOR = DAY
"""Real seconds. After it a key is as one that was never used."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    headers: Mapping[str, str]
    body: str
    rights: str
    """A mark of what the one who asked might then do and see."""
    home: str = ""
    """Which it is about, where it is about one."""


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One that came before with the same key. It is being done, or its hub ended over it, unless `is_done`."""

    fingerprint: str
    """Of its body."""
    is_done: bool
    answer: KeptAnswer | None = None
    """None where it is not done, or where its answer cannot be read now."""
