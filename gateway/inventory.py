"""What a source last said its devices are, kept over a restart.

A broker delivers what it queued for us before the retained list of devices. Without the list those messages could not
be read, yet they must be acknowledged for the list to come: a kill in between would lose them.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

LISTS_END_WITH = "/bridge/devices"
MOST_BYTES = 4 * 1024 * 1024


class Inventory:
    """The last list of devices of one source, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = 0
        """The hash of what is in the file: lists are large and seldom change."""

    def read(self) -> tuple[str, bytes] | None:
        """Topic and payload; None where there is none that can be read."""
        try:
            topic, _, payload = self._path.read_bytes().partition(b"\n")
            return topic.decode(), payload
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, topic: str, payload: bytes) -> None:
        """Writes the list where it is one and a new one. All or nothing; a full disk is not our end."""
        if not topic.endswith(LISTS_END_WITH) or len(payload) > MOST_BYTES or hash(payload) == self._known:
            return
        part = self._path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(topic.encode() + b"\n" + payload)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
            self._known = hash(payload)
        except OSError as error:
            log.warning("the list of devices cannot be kept (%s); it comes again from the source", error.strerror)
