"""`sensor-gateway decode`, and the intake behind it: a line for a line, whatever comes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.message import Decoded, Message
from gateway.decode import decode_lines
from gateway.intake import BROKEN, NOT_OURS, Intake, build_intake
from sensor_hub.model.moment import iso
from tests.gateway.adapters.messages import EUI, IEEE, NOON, binary, device, devices, message, numeric

DOOR = device([binary("contact", on=False, off=True), numeric("temperature", "°C")])


def answers(*lines: object) -> list[dict[str, Any]]:
    feed = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    out = io.StringIO()
    assert decode_lines(io.StringIO(feed), out) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_answers_a_line() -> None:
    known, told = answers(
        {"topic": "zigbee2mqtt/bridge/devices", "payload": [DOOR], "retain": True},
        {"topic": "zigbee2mqtt/hall", "payload": {"contact": True}, "received": iso(NOON)},
    )
    assert known == {"readings": [], "rejected": []}
    row = {"device": IEEE, "metric": "contact", "value": "closed", "unit": "state", "at": "2026-01-05T12:00:00Z"}
    assert told == {"readings": [row], "rejected": []}


def test_a_moment_that_nobody_knows_is_left_out() -> None:
    told = answers({"topic": f"application/a/device/{EUI}/event/up", "payload_text": '{"object": {"humidity": 44}}'})
    assert told[0]["readings"] == [{"device": EUI, "metric": "humidity", "value": 44.0, "unit": "%"}]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"topic": 5}',
        '{"topic": "a", "payload_b64": "*"}',
        '{"topic": "a", "received": "x"}',
    ],
)
def test_a_bad_line_is_answered_with_a_reason(line: str) -> None:
    first, second = answers(line, {"topic": "elsewhere", "payload": 1})
    assert first["readings"] == []
    assert first["rejected"][0]["reason"]
    assert second["rejected"][0]["reason"] == NOT_OURS


def test_the_intake_subscribes_to_every_source() -> None:
    assert build_intake(base_topic="z").topics == ("z/#", "application/+/device/+/event/+", "v3/+/devices/+/up")
    with pytest.raises(KeyError):
        build_intake(("telepathy",))


class Broken:
    topics: tuple[str, ...] = ("#",)

    def decode(self, message: Message) -> Decoded | None:
        raise RecursionError("too deep")


def test_an_adapter_that_fails_ends_nothing() -> None:
    intake = Intake([Broken()])
    for _ in range(100):
        assert intake.decode(message("a", 1)).rejected[0].reason == BROKEN
    assert intake.rejected[BROKEN] == 100
    assert len(intake.kept) == 50


NAMES = st.sampled_from(
    """temperature temperature_2 contact occupancy battery door sos button action last_seen value unit history timestamp
    name type property access exposes features endpoint definition ieee_address friendly_name object time fCnt data
    rxInfo rssi deviceInfo devEui uplink_message decoded_payload normalized_payload 1""".split()  # noqa: SIM905
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("open"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
TOPICS = st.sampled_from(
    [
        "zigbee2mqtt/bridge/devices",
        "zigbee2mqtt/hall",
        f"application/a/device/{EUI}/event/up",
        "v3/a/devices/b/up",
        f"application/a/device/{EUI}/event/status",
        "zigbee2mqtt/new",
    ]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(TOPICS, VALUES, st.booleans()), max_size=6))
def test_no_message_breaks_an_adapter(sent: list[tuple[str, object, bool]]) -> None:
    intake = build_intake()
    intake.decode(devices(DOOR))
    for topic, payload, retain in sent:
        intake.decode(message(topic, payload, retain=retain))
    assert intake.rejected[BROKEN] == 0
