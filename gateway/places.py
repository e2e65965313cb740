"""Which room each device stands in, as far as somebody has said so: `sensor-gateway place`, or the hub's settings.

A file of its own beside the outbox, so that a damaged outbox does not cost a technician's walk through the home.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.documents import read_document, write_document
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Room

MOST = 1000


class Places:
    """Read anew whenever another program has changed the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._rooms: dict[str, Room] = {}

    def rooms(self) -> dict[str, Room]:
        """The room of each device that has one; what makes no sense in the file is left out."""
        try:
            found = self._path.stat()
        except OSError:
            return self._rooms
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._seen = seen
            rows = list(read_document(self._path).items())[:MOST]
            known = {room.value: room for room in Room}
            self._rooms = {device: known[str(room)] for device, room in rows if str(room) in known}
        return self._rooms

    def place(self, rooms: Mapping[str, Room]) -> bool:
        """Adds or moves devices; False where that cannot be written, or there would be too many."""
        now = {**self.rooms(), **rooms}
        if len(now) > MOST or not all(is_device_id(device) for device in rooms):
            return False
        if now == self._rooms:
            return True
        return write_document(self._path, {device: room.value for device, room in sorted(now.items())})
