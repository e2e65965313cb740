"""The wish to stop, and why."""

from __future__ import annotations

from threading import Event


class Stop(Event):
    """Set once; the first reason is the one that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = ""

    def ask(self, reason: str) -> None:
        """May be called in a signal handler."""
        self.reason = self.reason or reason
        self.set()
