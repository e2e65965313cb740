"""Forgets what is older than the hub is to keep, a little at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

EVERY = 3600.0
AT_ONCE = 100
"""Rows in one transaction: nobody else waits for the database noticeably."""
PAUSE = 0.5


class Sweeper:
    """`forget` deletes at most so many and says how many that were."""

    def __init__(self, forget: Callable[[int], int]) -> None:
        self.forget = forget
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        self._stopping.set()
        self._thread.join(within)

    def sweep(self) -> int:
        """Forgets all there is to forget; how many."""
        gone = 0
        while True:
            some = self.forget(AT_ONCE)
            gone += some
            if some < AT_ONCE or self._stopping.wait(PAUSE):
                return gone

    def _run(self) -> None:
        while True:
            try:
                if gone := self.sweep():
                    log.info("%d notices were older than is kept: they are forgotten", gone)
            except Exception:
                log.exception("old notices could not be forgotten; it is tried again")
            if self._stopping.wait(EVERY):
                return
