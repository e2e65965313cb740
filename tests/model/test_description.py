"""A home as it stands: the last word about a device's room holds."""

from __future__ import annotations

from dataclasses import replace

from sensor_hub.model.description import MOST_HEARD, Description
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Placed, Room

WARM = frozenset({Metric.TEMPERATURE})
FILE = Home("h1", "Europe/London", devices=(Device("a", Room.HALL, WARM), Device("b", Room.KITCHEN, WARM)))


def described() -> Description:
    description = Description(Home("h1", "Europe/London"))
    description.tell(FILE, 100.0)
    return description


def rooms(description: Description) -> dict[str, Room]:
    return {device.id: device.room for device in description.home().devices}


def test_a_placed_device_is_moved_or_added_with_what_it_was_heard_to_measure() -> None:
    description = described()
    assert not description.hear("new", Metric.MOTION), "it stands nowhere"
    description.place("a", Room.STUDY, 200.0)
    description.place("new", Room.BEDROOM, 200.0)
    assert rooms(description) == {"a": Room.STUDY, "b": Room.KITCHEN, "new": Room.BEDROOM}
    assert description.home().devices[2].metrics == {Metric.MOTION}
    assert description.hear("new", Metric.BATTERY), "the home has changed"
    assert not description.hear("new", Metric.BATTERY)
    assert not description.hear("a", Metric.BATTERY), "its file says what it measures"
    assert description.home().devices[2].metrics == {Metric.MOTION, Metric.BATTERY}
    assert description.placed()["a"] == Placed(Room.STUDY, 200.0)
    assert description.placed()["b"] == Placed(Room.KITCHEN, 100.0)


def test_a_file_told_again_leaves_what_was_placed_and_one_that_moves_a_device_moves_it() -> None:
    description = described()
    description.place("a", Room.STUDY, 200.0)
    description.place("new", Room.BEDROOM, 200.0)
    description.tell(replace(FILE, residents=2), 300.0)
    assert (rooms(description)["a"], rooms(description)["new"]) == (Room.STUDY, Room.BEDROOM)
    description.tell(replace(FILE, devices=(Device("a", Room.LIVING, WARM), Device("new", Room.DINING, WARM))), 400.0)
    assert rooms(description) == {"a": Room.LIVING, "new": Room.DINING}
    assert description.since == {"a": 400.0, "new": 400.0}


def test_what_strangers_measure_does_not_fill_the_memory() -> None:
    description = described()
    for number in range(2 * MOST_HEARD):
        description.hear(f"stranger-{number}", Metric.MOTION)
    assert len(description.heard) == MOST_HEARD
    description.place("late", Room.HALL, 200.0)
    assert description.hear("late", Metric.MOTION)
