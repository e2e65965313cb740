"""Waiting for what another thread or program will do."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(holds: Callable[[], bool], within: float = 20.0) -> None:
    """Returns as soon as it holds; fails the test where it does not in time."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
