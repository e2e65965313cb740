"""Ids for devices that have none but a place in the tree of topics or a name that somebody gave them."""

from __future__ import annotations

from sensor_hub.model.reading import is_device_id

LONGEST_TOPIC = 256
LONGEST_PART = 64

ODD_TOPIC = "the topic cannot be a device's"
ODD_DEVICE = "the device's address cannot be an id"

_SPELT = {"/": ":", " ": "_"}


def id_of_name(name: str) -> str | None:
    """An id that only this name has: a level's slash becomes a colon, a space `_`, any other odd letter its number.

    None for a name that no device should have: an empty level, a control character, a wildcard, or endless.
    """
    if not name or len(name) > LONGEST_TOPIC or not name.isprintable() or set(name) & {"+", "#"}:
        return None
    if not all(name.split("/")):
        return None
    spelt = "".join(_spell(letter) for letter in name).lstrip("_.:-")
    return spelt if is_device_id(spelt) else None


def probe_of(device: str, part: str) -> str | None:
    """The id of a part of a device; the device's own where the part has no name."""
    name = id_of_name(part[:LONGEST_PART]) if part else None
    probe = f"{device}.{name}" if device and name else (name or device)
    return probe if is_device_id(probe) else None


def _spell(letter: str) -> str:
    if letter.isascii() and (letter.isalnum() or letter in "_.:-"):
        return letter
    return _SPELT.get(letter) or f"x{ord(letter):x}"
