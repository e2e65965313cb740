"""Where devices stand: the later word holds, whoever said it."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.places import MOST, Places
from sensor_hub.model.room import Placed, Room

AT = 1767605000.0


def test_the_later_word_holds_and_of_two_at_once_the_hubs(tmp_path: Path) -> None:
    places = Places(tmp_path / "places.json")
    assert places.place("0x1", Room.HALL, AT)
    assert not places.agree({"0x1": Placed(Room.KITCHEN, AT - 1), "0x2": Placed(Room.BEDROOM, AT)})
    assert places.rooms() == {"0x1": Room.HALL, "0x2": Room.BEDROOM}
    assert not places.agree({"0x1": Placed(Room.KITCHEN, AT)})
    assert places.rooms()["0x1"] is Room.KITCHEN


def test_who_stands_before_the_device_has_the_last_word_even_with_a_slow_clock(tmp_path: Path) -> None:
    places = Places(tmp_path / "places.json")
    places.agree({"0x1": Placed(Room.KITCHEN, AT)})
    assert places.place("0x1", Room.HALL, AT - 3600)
    assert places.placed() == {"0x1": Placed(Room.HALL, AT + 0.001)}


def test_another_program_reads_what_was_written_also_by_an_earlier_version(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    path.write_text(json.dumps({"0x1": "hall", "0x2": {"room": "study", "at": AT}, "0x3": "moon", "0x4": 4}))
    places = Places(path)
    assert places.placed() == {"0x1": Placed(Room.HALL, 0.0), "0x2": Placed(Room.STUDY, AT)}
    assert Places(path).place("0x1", Room.KITCHEN, AT)
    assert places.rooms() == {"0x1": Room.KITCHEN, "0x2": Room.STUDY}


def test_rooms_that_cannot_be_kept_are_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    places = Places(path)
    many = {f"d{number}": Placed(Room.HALL, AT) for number in range(MOST)}
    assert places.agree({**many, "one-more": Placed(Room.HALL, AT)}) == f"more than {MOST} devices"
    assert places.agree({"?": Placed(Room.HALL, AT)}) == "not the id of a device"
    assert not places.place("?", Room.HALL, AT)
    path.mkdir()
    assert places.agree({"d1": Placed(Room.HALL, AT)}) == "the disk of the gateway does not take them"


def test_a_device_that_is_gone_stands_nowhere_unless_it_was_put_up_since(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    places = Places(path)
    places.agree({"0x1": Placed(Room.KITCHEN, AT), "0x2": Placed(Room.HALL, AT + 60)})
    assert not places.leave({"0x1": AT + 30, "0x2": AT + 30, "0x3": AT})
    assert Places(path).rooms() == {"0x2": Room.HALL}
