"""The gateway's password at the hub's broker, and a newer one that the hub has sent and that is tried beside it.

Nothing is given up before the other has let us in: the newer is kept on the disk before the hub hears that we have it,
and takes the old one's place when the broker has taken it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from gateway.documents import read_document
from gateway.join_files import replace_whole
from gateway.settings import Server
from sensor_hub.model.moment import DAY

log = logging.getLogger(__name__)

KEPT_FOR = DAY
"""How long a newer password that the broker refuses is tried beside the old one."""


class Newer(StrEnum):
    """What the status says of the newer password."""

    NONE = ""
    KEPT = "kept"
    IN_USE = "in use"


class Passwords:
    """Which password the next connection shows. Called in the link's thread, but for `newer`."""

    def __init__(self, path: Path, server: Server, now: Callable[[], float]) -> None:
        self._path = path
        self._server = server
        self._now = now
        self._old = server.password
        self._new: str | None = None
        self._offered_at = 0.0
        self._version = 0
        self._failures = 0
        self.newer = Newer.NONE
        self._recall()

    def _recall(self) -> None:
        found = read_document(self._path)
        password, offered_at = found.get("password"), found.get("offered_at")
        if isinstance(password, str) and isinstance(offered_at, int | float):
            self._new, self._offered_at = password, float(offered_at)
        version = found.get("version")
        if isinstance(version, int):
            self._version = version
            self.newer = Newer.IN_USE if found.get("is_in_use") is True else Newer.KEPT

    def offer(self, password: str, version: int) -> None:
        """The hub's new one, in its settings of this version. Where the disk does not take it, all stays as it was."""
        if password in (self._new, self._old):
            return
        at = self._now()
        if self._keep({"version": version, "password": password, "offered_at": at, "is_in_use": False}):
            self._new, self._offered_at, self._version, self._failures = password, at, version, 0
            self.newer = Newer.KEPT
            log.info("the hub has sent a new password; it is tried beside the old one")

    def answer(self) -> dict[str, object]:
        """As the status says it: what became of the password in which version of the settings."""
        return {"password": f"{self.newer} {self._version}"} if self.newer else {}

    @property
    def is_waiting(self) -> bool:
        """Whether there is a newer one that no broker has taken yet."""
        return self.newer is Newer.KEPT

    def next(self) -> tuple[str | None, str | None]:
        """User and password for the next attempt: the newer first, then each in turn."""
        is_new = self._new is not None and self._failures % 2 == 0
        self._failures += 1
        return self._server.username, self._new if is_new else self._old

    def opened(self) -> None:
        """The attempt was let in."""
        was_new = self._new is not None and self._failures % 2 == 1
        self._failures = 0
        if not self.is_waiting:
            return
        if was_new:
            self._promote()
        elif self._now() >= self._offered_at + KEPT_FOR:
            log.warning("the hub's new password was refused for a day; the old one stays")
            self._path.unlink(missing_ok=True)
            self._new, self.newer = None, Newer.NONE

    def _promote(self) -> None:
        """Puts it in the old one's place. Where that file is not ours to write, both stay, the newer first."""
        self.newer = Newer.IN_USE
        log.info("the hub's new password is in use")
        file, password = self._server.password_file, self._new
        if file is not None and password is not None:
            try:
                replace_whole(file, f"{password}\n")
            except OSError as error:
                log.warning("the password's file cannot be written (%s); it is kept beside the outbox", error.strerror)
            else:
                self._old, self._new = password, None
                self._keep({"version": self._version, "is_in_use": True})
                return
        at = self._offered_at
        self._keep({"version": self._version, "password": password, "offered_at": at, "is_in_use": True})

    def _keep(self, document: dict[str, object]) -> bool:
        """For the gateway's own user only."""
        try:
            replace_whole(self._path, json.dumps(document) + "\n")
        except OSError as error:
            log.warning("%s cannot be written (%s)", self._path.name, error.strerror)
            return False
        return True
