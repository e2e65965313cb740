"""Objects on topics of their own: by their names, and nothing by a guess."""

from __future__ import annotations

import pytest

from gateway.adapters.identity import ODD_TOPIC, id_of_name
from gateway.adapters.message import Decoded, Message
from gateway.adapters.plain_json import PlainJson
from gateway.checks import TIMELESS
from tests.gateway.adapters.messages import message, told


def decode(said: object, topic: str = "home/hall", retain: bool = False) -> Decoded | None:
    return PlainJson().decode(message(topic, said, retain=retain))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"temperature": 21.5, "humidity": "40"}, [("temperature", 21.5), ("humidity", 40)]),
        ({"hum": 74.52, "batt": 45, "volt": 2.613}, [("humidity", 74.52), ("battery", 45), ("battery_voltage", 2.613)]),
        ({"volt": 2.6, "temp1": 20, "id": "x", "model": "y"}, []),
        ({"__proto__": {"temperature": 1}, "temperature": 20.5}, [("temperature", 20.5)]),
        ({"temperature": 20, "temp": 30}, [("temperature", 20)]),
    ],
)
def test_a_name_says_what_is_measured(said: object, expected: list[object]) -> None:
    answer = decode(said)
    assert answer is not None
    assert told(answer.readings) == expected


@pytest.mark.parametrize("said", [b"21.5", b"[1]", b"null", b""])
def test_what_is_no_object_is_not_its_own(said: bytes) -> None:
    assert decode(said) is None


def test_a_retained_object_has_no_time() -> None:
    answer = decode({"temperature": 20}, retain=True)
    assert answer is not None
    assert [one.reason for one in answer.rejected] == [TIMELESS]


@pytest.mark.parametrize("topic", ["a//b", "a\tb", "/", "x" * 300])
def test_an_odd_topic_makes_no_odd_device(topic: str) -> None:
    answer = decode({"temperature": 20}, topic)
    assert answer is not None
    assert [one.reason for one in answer.rejected] == [ODD_TOPIC]


def test_an_open_door_is_not_opened_again() -> None:
    source, door = PlainJson("home"), message("home/door", {"door_open": True})
    answers: list[Message] = [door, door]
    assert [len(found.readings) for one in answers if (found := source.decode(one))] == [1, 0]
    assert source.decode(message("elsewhere/door", {"door_open": True})) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("flat 12/entrée", "flat_12:entrxe9e"), ("a4cf12", "a4cf12"), ("__", None), ("", None), ("a+", None)],
)
def test_an_id_is_spelt_from_a_name(name: str, expected: str | None) -> None:
    assert id_of_name(name) == expected
