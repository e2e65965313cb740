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

MOST = 4
"""Newer ones that are tried at most."""
KEPT_FOR = DAY
"""How long one run tries a newer password that the broker refuses beside the old one. By no clock that can be set: one
that jumps ahead would cost the password that the broker is about to take.
"""


class Newer(StrEnum):
    """What the status says of the newer password."""

    NONE = ""
    KEPT = "kept"
    IN_USE = "in use"


class Passwords:
    """Which password the next connection shows. Called in the link's thread, but for `newer`."""

    def __init__(self, path: Path, server: Server, elapsed: Callable[[], float]) -> None:
        self._path = path
        self._server = server
        self._elapsed = elapsed
        self._old = server.password
        self._new: list[str] = []
        """Newest first. Those before stay too: one of them may be the one that the broker takes."""
        self._tried_since = elapsed()
        self._version = 0
        self._failures = 0
        self._shown: str | None = None
        self.newer = Newer.NONE
        self._recall()

    def _recall(self) -> None:
        found = read_document(self._path)
        passwords, version = found.get("passwords"), found.get("version")
        if not isinstance(passwords, list) or not isinstance(version, int):
            return
        self._new = [password for password in passwords if isinstance(password, str)]
        self._version = version
        self.newer = Newer.IN_USE if found.get("is_in_use") is True else Newer.KEPT

    def offer(self, password: str, version: int) -> None:
        """The hub's new one, in its settings of this version. Where the disk does not take it, all stays as it was."""
        if password in self._new[:1] or (password == self._old and not self.is_waiting):
            return
        before = self._new, self._version, self.newer
        self._new = [password, *(one for one in self._new if one != password)][:MOST]
        self._version, self.newer = version, Newer.KEPT
        if not self._keep():
            self._new, self._version, self.newer = before
            return
        self._tried_since = self._elapsed()
        self._failures = 0
        log.info("the hub has sent a new password; it is tried beside the old one")

    def answer(self) -> dict[str, object]:
        """As the status says it: what became of the password in which version of the settings."""
        return {"password": f"{self.newer} {self._version}"} if self.newer else {}

    @property
    def is_waiting(self) -> bool:
        """Whether there is a newer one that no broker has taken yet."""
        return self.newer is Newer.KEPT

    def next(self) -> tuple[str | None, str | None]:
        """User and password for the next attempt: the newest first, then each in turn."""
        tried = [*self._new, self._old]
        self._shown = tried[self._failures % len(tried)]
        self._failures += 1
        return self._server.username, self._shown

    def opened(self) -> None:
        """The attempt was let in."""
        self._failures = 0
        if not self.is_waiting:
            return
        if self._shown in self._new:
            self._promote(self._new.index(self._shown))
        elif self._elapsed() >= self._tried_since + KEPT_FOR:
            log.warning("the hub's new password was refused for a day; the old one stays")
            self._path.unlink(missing_ok=True)
            self._new, self.newer = [], Newer.NONE

    def _promote(self, number: int) -> None:
        """Puts it in the old one's place. Where that file is not ours to write, both stay, the newer first."""
        if number == 0:
            self.newer = Newer.IN_USE
            log.info("the hub's new password is in use")
        file, password = self._server.password_file, self._new[number]
        self._new = self._new[: number + 1]
        if file is not None:
            try:
                replace_whole(file, f"{password}\n")
            except OSError as error:
                log.warning("the password's file cannot be written (%s); it is kept beside the outbox", error.strerror)
            else:
                self._old, self._new = password, self._new[:number]
        self._keep()

    def _keep(self) -> bool:
        """For the gateway's own user only."""
        document = {
            "version": self._version,
            "is_in_use": self.newer is Newer.IN_USE,
            "passwords": self._new,
        }
        try:
            replace_whole(self._path, json.dumps(document) + "\n")
        except OSError as error:
            log.warning("%s cannot be written (%s)", self._path.name, error.strerror)
            return False
        return True
