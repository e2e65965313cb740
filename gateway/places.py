"""Which room each device stands in, as far as somebody has said so: `sensor-gateway place`, or the hub's settings.

Of two words about a device the later one holds, and of two at one moment the hub's. A file of its own beside the
outbox, so that a damaged outbox does not cost a technician's walk through the home.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.documents import read_document, write_document
from sensor_hub.model.moment import iso, parse_moment
from sensor_hub.model.reading import is_device_id
from sensor_hub.model.room import Placed, Room

MOST = 1000
LATER = 0.001
_ROOMS = {room.value: room for room in Room}


class Places:
    """Read anew whenever another program has changed the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._placed: dict[str, Placed] = {}

    def placed(self) -> dict[str, Placed]:
        """The room of each device that has one, and since when; what makes no sense in the file is left out."""
        try:
            found = self._path.stat()
        except OSError:
            return self._placed
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen != self._seen:
            self._seen = seen
            rows = list(read_document(self._path).items())[:MOST]
            self._placed = {device: placed for device, row in rows if (placed := parse_placed(row)) is not None}
        return self._placed

    def rooms(self) -> dict[str, Room]:
        """The room of each device that has one."""
        return {device: placed.room for device, placed in self.placed().items()}

    def place(self, device: str, room: Room, at: float) -> bool:
        """Somebody in the home adds or moves a device: the last word. False where that cannot be written."""
        known = self.placed().get(device)
        # Also where the clock is behind: who stands before the device knows what was said of it.
        after = at if known is None else max(at, known.at + LATER)
        return not self._write({device: Placed(room, after)})

    def agree(self, rooms: Mapping[str, Placed]) -> str:
        """The hub says where devices stand; what was said here later stays. Why that cannot be kept, or nothing."""
        known = self.placed()
        return self._write({d: each for d, each in rooms.items() if d not in known or each.at >= known[d].at})

    def leave(self, gone: Mapping[str, float]) -> str:
        """The hub says which devices stand nowhere since; one that was placed here later stays. As `agree`."""
        known = self.placed()
        left = {d for d, at in gone.items() if d in known and known[d].at <= at}
        return self._keep({d: each for d, each in known.items() if d not in left}) if left else ""

    def _write(self, newer: Mapping[str, Placed]) -> str:
        now = {**self.placed(), **newer}
        if len(now) > MOST:
            return f"more than {MOST} devices"
        if not all(is_device_id(device) for device in newer):
            return "not the id of a device"
        return self._keep(now)

    def _keep(self, now: Mapping[str, Placed]) -> str:
        rows = {device: placed_row(placed) for device, placed in sorted(now.items())}
        is_kept = now == self._placed or write_document(self._path, rows)
        return "" if is_kept else "the disk of the gateway does not take them"


def placed_row(placed: Placed) -> dict[str, object]:
    """As `parse_placed` reads it."""
    return {"room": placed.room.value, "at": iso(placed.at)} if placed.at else {"room": placed.room.value}


def parse_placed(row: object) -> Placed | None:
    """A room alone, or with the moment at which it was said; None for anything else."""
    room, at = (row.get("room"), row.get("at")) if isinstance(row, dict) else (row, None)
    if not isinstance(room, str) or room not in _ROOMS:
        return None
    try:
        return Placed(_ROOMS[room], 0.0 if at is None else parse_moment(at))
    except (ValueError, OverflowError):
        return None
