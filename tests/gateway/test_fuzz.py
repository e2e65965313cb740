"""Whatever comes, from whatever source: the gateway answers with readings or reasons and goes on."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.message import Message
from gateway.adapters.template import Template
from gateway.adapters.template_words import TemplateError
from gateway.intake import BROKEN, SOURCES, Intake, build_intake, build_whole_intake
from sensor_hub.model.metric import Metric, is_plausible
from sensor_hub.model.reading import is_device_id
from tests.gateway.adapters.fuzz import row
from tests.gateway.adapters.messages import NOON

TOPICS = st.sampled_from(
    [
        "zigbee2mqtt/hall",
        "zigbee2mqtt/bridge/devices",
        "application/a/device/a84041ffff123456/event/up",
        "v3/a/devices/x/up",
        "tele/x/SENSOR",
        "stat/x/STATUS10",
        "tele/x/RESULT",
        "homeassistant/sensor/x/config",
        "homeassistant/device/x/config",
        "home/x",
    ]
)
_NAMES = """Temperature TempUnit ZbReceived StatusSNS Time ENERGY Power Total Button1 Action Id stat_t dev_cla val_tpl
unit_of_meas dev ids cmps p pl_on ~ object data fPort deviceInfo devEui uplink_message decoded_payload history timestamp
temperature motion battery value unit exposes definition ieee_address friendly_name"""
NAMES = st.sampled_from(_NAMES.split())
_PARTS = """{{ }} {% %} if else elif endif set is not defined ( ) [ ] . , | float int round(1) value value_json 'a' 1
2.5 + - * / ** ~ == and or in default replace('a','b') ="""
PARTS = st.sampled_from(_PARTS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | NAMES, inner, max_size=5),
    max_leaves=20,
)


def check(intake: Intake, message: Message) -> None:
    decoded = intake.decode(message)
    assert not intake.rejected[BROKEN], list(intake.kept)
    assert all(one.reason for one in decoded.rejected)
    for reading in decoded.readings:
        assert is_device_id(reading.device)
        assert isinstance(reading.value, str) is (reading.metric is Metric.BUTTON)
        if not isinstance(reading.value, str):
            assert is_plausible(reading.metric, reading.value)


@given(topic=TOPICS, value=VALUES)
@settings(max_examples=300)
def test_json_of_any_shape_is_answered(topic: str, value: object) -> None:
    check(build_intake(tuple(SOURCES)), Message(topic, json.dumps(value).encode(), False, NOON))


@given(topic=TOPICS | st.text(max_size=40), payload=st.binary(max_size=60))
@settings(max_examples=300)
def test_bytes_of_any_kind_are_answered(topic: str, payload: bytes) -> None:
    check(build_whole_intake(), Message(topic, payload, False, NOON))


@pytest.mark.parametrize("source", SOURCES)
def test_a_lone_source_survives_a_row_of_damaged_messages(source: str) -> None:
    intake = build_intake((source,))
    for message in row(seed=7, length=3000):
        check(intake, message)


def test_all_sources_survive_a_row_of_damaged_messages() -> None:
    intake = build_whole_intake()
    told = 0
    for message in row(seed=8, length=10_000):
        told += len(intake.decode(message).rejected)
    assert not intake.rejected[BROKEN]
    assert intake.rejected.total() == told


@given(parts=st.lists(PARTS, max_size=30), value=st.text(max_size=10) | st.integers() | st.none())
@settings(max_examples=500)
def test_a_template_is_understood_or_refused(parts: list[str], value: object) -> None:
    # Anything but a TemplateError fails the test.
    with contextlib.suppress(TemplateError):
        Template(" ".join(parts)).render({"value": value, "value_json": {"a": value}})
