"""Waiting for what another thread or program will do."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(holds: Callable[[], bool], within: float = 60.0, what: str = "it") -> None:
    """Returns as soon as it holds; AssertionError that names `what` where it does not in time (seconds)."""
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, f"{what} did not happen within {within:g} s"
        time.sleep(0.01)
