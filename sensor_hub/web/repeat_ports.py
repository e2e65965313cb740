"""What the site asks of whoever keeps answers for repeats."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from sensor_hub.access.kept_answer import KeptAnswer


class Before(Enum):
    """What is known of a request with the same key, in words for the one who repeats it."""

    NONE = "it was not asked before"
    DOING = "This is being done now. Ask again in a second."
    OTHER = "Idempotency-Key: another body came with it before. Each request has a key of its own."
    UNKNOWN = "It is not known whether this was done: the hub could not end it. Look; if it was not, send another key."
    UNREADABLE = "This was done, and its answer cannot be given again. Look at what came of it."


class Repeats(Protocol):
    """Called by many threads. A request is known by its mark."""

    def begin(self, mark: str, fingerprint: str, home: str) -> Before | KeptAnswer:
        """What is known of it; where that is NONE it is noted as begun, and one of the others must follow."""

    def done(self, mark: str, answer: KeptAnswer | None) -> None:
        """It was done; None: its answer cannot be kept."""

    def undone(self, mark: str) -> None:
        """Nothing was done."""

    def unknown(self, mark: str) -> None:
        """It is not known whether it was done."""
