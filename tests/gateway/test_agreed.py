"""The hub's settings are checked key by key; what is agreed passes, and link quality is thinned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.agreed import Agreed, InForce
from gateway.gate import Gate
from sensor_hub.ingest.decode import decode_status
from sensor_hub.model.consent import Data, agreed_metrics
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR
from sensor_hub.model.room import Placed, Room
from sensor_hub.model.wire import Status, encode_status
from tests.gateway.builders import MONDAY, reading


def in_force(folder: Path) -> tuple[InForce, list[Agreed]]:
    applied: list[Agreed] = []
    return InForce(folder / "settings.json", applied.append), applied


def test_what_can_be_used_is_applied_and_the_rest_refused_with_the_reason(tmp_path: Path) -> None:
    settings, applied = in_force(tmp_path)
    said = {
        "version": 3,
        "commit_every": 5,
        "scope": ["motion"],
        "rooms": {"0x1": "hall", "0x2": {"room": "hall", "at": 1767605000}},
        "gone": {"0x3": 1767605000},
        "colour": 1,
    }
    assert settings.take(json.dumps(said).encode())
    assert (applied[0].commit_every, applied[0].rooms) == (
        5.0,
        {"0x1": Placed(Room.HALL, 0.0), "0x2": Placed(Room.HALL, 1767605000.0)},
    )
    assert applied[0].gone == {"0x3": 1767605000.0}
    assert applied[0].scope == {Metric.MOTION, Metric.ONLINE}
    assert settings.answer() == {
        "version": 3,
        "refused": {"colour": "not a setting that this gateway knows"},
        "scope": ["motion", "online"],
    }
    assert not settings.take(json.dumps(said).encode()), "said again at every connection"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("commit_every", 61),
        ("commit_every", True),
        ("scope", "motion"),
        ("scope", ["love"]),
        ("rooms", {"0x1": "moon"}),
        ("rooms", {"0x1": {"room": "hall", "at": "noon"}}),
        ("gone", ["0x1"]),
        ("gone", {"0x1": "noon"}),
    ],
)
def test_a_value_that_cannot_be_used_costs_only_itself(tmp_path: Path, key: str, value: object) -> None:
    settings, applied = in_force(tmp_path)
    settings.take(json.dumps({"version": 1, key: value}).encode())
    assert applied == [Agreed(1, refused=applied[0].refused)]
    assert list(applied[0].refused) == [key]


@pytest.mark.parametrize("payload", [b"[]", b"\xff", b'{"version": 0}', b'{"version": "1"}', b"[" * 90_000])
def test_what_is_no_settings_is_refused_and_changes_nothing(tmp_path: Path, payload: bytes) -> None:
    settings, applied = in_force(tmp_path)
    assert settings.take(payload)
    assert not settings.take(payload)
    assert applied == []
    assert settings.answer()["version"] == 0


def test_the_last_applied_outlive_a_restart_and_older_ones_are_refused(tmp_path: Path) -> None:
    in_force(tmp_path)[0].take(b'{"version": 7, "commit_every": 9}')
    settings, applied = in_force(tmp_path)
    settings.start()
    assert applied[0].commit_every == 9
    assert settings.take(b'{"version": 6}')
    assert len(applied) == 1
    assert settings.answer() == {"version": 7, "refused": {"settings": "version 6 is older than the applied 7"}}


def test_link_quality_passes_alone_and_once_an_hour() -> None:
    gate = Gate()

    def passed(at: float, *metrics: Metric) -> list[Metric]:
        return [one.metric for one in gate.admit(gate.agreed([reading(at, 1, metric) for metric in metrics]))]

    both = (Metric.TEMPERATURE, Metric.LINK_QUALITY)
    assert passed(MONDAY, *both) == list(both)
    assert passed(MONDAY + 60, *both) == [Metric.TEMPERATURE]
    assert passed(MONDAY + 120, Metric.LINK_QUALITY) == [Metric.LINK_QUALITY]
    assert passed(MONDAY + HOUR, *both) == [Metric.TEMPERATURE], "an hour after the last that was kept"
    assert passed(MONDAY + HOUR + 120, *both) == list(both)


def test_what_was_not_agreed_does_not_pass() -> None:
    gate = Gate()
    gate.scope = {Metric.TEMPERATURE}
    assert [one.metric for one in gate.agreed([reading(), reading(metric=Metric.NOISE)])] == [Metric.TEMPERATURE]
    assert gate.declined == 1


def test_what_comes_with_it_does_not_tell_when_it_was() -> None:
    gate = Gate()
    gate.scope = agreed_metrics({Data.CLIMATE})
    battery, link = reading(metric=Metric.BATTERY), reading(metric=Metric.LINK_QUALITY)
    assert gate.agreed([reading(metric=Metric.MOTION), battery, link]) == []
    assert gate.agreed([reading(), reading(metric=Metric.MOTION), battery]) == [reading(), battery]
    assert gate.agreed([battery, link]) == [battery, link], "by itself it tells of the device alone"
    assert gate.declined == 4


def test_a_restart_does_not_place_again_what_was_placed_once(tmp_path: Path) -> None:
    in_force(tmp_path)[0].take(b'{"version": 1, "rooms": {"0x1": "hall"}}')
    settings, applied = in_force(tmp_path)
    settings.start()
    assert applied[0].rooms == {}
    assert not settings.take(b'{"version": 1, "rooms": {"0x1": "hall"}}')


@pytest.mark.parametrize("then", [{"version": 1, "colour": 1}, {"version": 2, "commit_every": 5}])
def test_a_room_that_is_said_again_undoes_no_later_word(tmp_path: Path, then: dict[str, object]) -> None:
    """Settings are retained: they come at every connection, and what was refused of them is not kept over a restart."""
    rooms = {"0x1": "hall", "0x2": {"room": "hall", "at": MONDAY}}
    in_force(tmp_path)[0].take(json.dumps({"version": 1, "rooms": rooms, "colour": 1}).encode())
    settings, applied = in_force(tmp_path)
    settings.start()
    settings.take(json.dumps({**then, "rooms": {**rooms, "0x3": "study"}}).encode())
    assert applied[-1].rooms == {"0x2": Placed(Room.HALL, MONDAY), "0x3": Placed(Room.STUDY, 0.0)}


def test_half_a_letter_in_a_key_costs_no_status(tmp_path: Path) -> None:
    settings, _ = in_force(tmp_path)
    settings.take(b'{"version": 1, "colour \\ud83d": 1}')
    told = decode_status(encode_status(Status("online", "b", "0.1.0", MONDAY, settings=settings.answer())))
    assert told.settings["refused"] == {"colour ?": "not a setting that this gateway knows"}


def test_what_could_not_be_applied_is_answered_and_tried_again_when_it_is_heard_again(tmp_path: Path) -> None:
    why, rooms = {"rooms": "the disk is full"}, []

    def apply(agreed: Agreed) -> dict[str, str]:
        rooms.append(dict(agreed.rooms))
        return dict(why)

    settings = InForce(tmp_path / "settings.json", apply)
    said = b'{"version": 2, "rooms": {"0x1": "hall"}, "colour": 1}'
    assert settings.take(said)
    refused = {"colour": "not a setting that this gateway knows", "rooms": "the disk is full"}
    assert settings.answer() == {"version": 2, "refused": refused}
    assert not settings.take(said), "nothing new to answer"
    why.clear()
    assert settings.take(said)
    assert settings.answer() == {"version": 2, "refused": {"colour": refused["colour"]}}
    assert not settings.take(said)
    assert rooms == [{"0x1": Placed(Room.HALL, 0.0)}] * 3
