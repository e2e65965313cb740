from __future__ import annotations

from sensor_hub.pulse.movement import Movement


def test_a_part_that_turns_moves_and_one_that_does_not_stands_still_after_a_while() -> None:
    movement = Movement(standstill=40)
    for at in range(0, 50, 10):
        movement.see({"a": at, "b": 1}, at)
        assert movement.still(at) == ([] if at < 40 else ["b"])
    movement.see({"a": 40, "b": 2}, 50)
    assert movement.still(50) == []


def test_it_has_begun_when_every_part_has_turned() -> None:
    movement = Movement(standstill=40)
    assert not movement.has_begun
    movement.see({"a": 1, "b": 0}, 0)
    assert not movement.has_begun
    movement.see({"a": 1, "b": 1}, 10)
    assert movement.has_begun


def test_one_that_never_turned_stands_still_too() -> None:
    movement = Movement(standstill=30)
    for at in (0, 10, 20, 30):
        movement.see({"a": 0}, at)
    assert movement.still(30) == ["a"]


def test_whoever_was_stopped_with_the_rest_does_not_accuse_it() -> None:
    movement = Movement(standstill=40)
    movement.see({"a": 1}, 0)
    movement.see({"a": 1}, 3600)
    assert movement.still(3600) == []
    movement.see({"a": 1}, 3610)
    movement.see({"a": 1}, 3625)
    movement.see({"a": 1}, 3640)
    assert movement.still(3640) == ["a"]
