"""Forgets what is older than the hub is to keep, a little at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

EVERY = 3600.0
PAUSE = 0.02
"""Between two transactions, so that whoever waits to write comes in."""

Waiting = Callable[[], bool]
Sweep = Callable[[Waiting], int]
"""Forgets all there is to forget in short transactions, with a wait between them that says whether to stop; how many
went."""


class Sweeper:
    """`sweeps` by what they forget, in the words of the log."""

    def __init__(self, sweeps: Mapping[str, Sweep]) -> None:
        self.sweeps = sweeps
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float) -> None:
        self._stopping.set()
        self._thread.join(within)

    def sweep(self) -> None:
        for what, sweep in self.sweeps.items():
            try:
                if gone := sweep(self._wait):
                    log.info("%d %s were older than is kept: they are forgotten", gone, what)
            except Exception:
                log.exception("old %s could not be forgotten; it is tried again", what)

    def _wait(self) -> bool:
        return self._stopping.wait(PAUSE)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.sweep()
            self._stopping.wait(EVERY)
