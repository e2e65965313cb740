"""All that is remembered of one home, as plain values that a snapshot can hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class EngineState:
    """What the engine knows of one home."""

    frontier: float = 0.0
