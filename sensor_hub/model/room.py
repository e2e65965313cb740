"""The rooms a device can stand in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Room(StrEnum):
    LIVING = "living"
    BEDROOM = "bedroom"
    BATHROOM = "bathroom"
    TOILET = "toilet"
    KITCHEN = "kitchen"
    HALL = "hall"
    ENTRANCE = "entrance"
    DINING = "dining"
    STUDY = "study"
    OUTDOOR = "outdoor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where somebody said that a device stands, and when: of two such words the later holds."""

    room: Room
    at: float


WASHROOMS = frozenset({Room.BATHROOM, Room.TOILET})
LIVED_IN = frozenset({Room.LIVING, Room.BEDROOM})
"""Where a person spends hours: the rooms whose cold matters."""
INDOORS = frozenset(set(Room) - {Room.OUTDOOR, Room.BATHROOM, Room.TOILET, Room.ENTRANCE})
"""Where the temperature says how warm people have it: not where it is wet, nor at an outside door."""
THRESHOLD = frozenset({Room.ENTRANCE, Room.HALL})
"""A contact sensor here is on an outside door."""

ROOM_NAME: dict[Room, str] = {room: f"the {room.value}" for room in Room} | {
    Room.LIVING: "the living room",
    Room.DINING: "the dining room",
    Room.OUTDOOR: "outdoors",
    Room.OTHER: "another room",
}
"""How a sentence names the room."""
