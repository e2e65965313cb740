"""Readings become the messages that real devices send."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from firmware_sim.devices.zigbee import EXPOSES, MODELS, definition
from firmware_sim.wire import Message, announcements, friendly_names, messages, with_clearings
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

AT = 1_767_600_000.25
HOME = Home(
    "home",
    "Europe/London",
    devices=(
        Device("0x00158d0000000001", Room.BEDROOM, frozenset({Metric.MOTION, Metric.BATTERY})),
        Device("front-door", Room.ENTRANCE, frozenset({Metric.CONTACT, Metric.BATTERY})),
        Device("climate.Living", Room.LIVING, frozenset({Metric.TEMPERATURE, Metric.HUMIDITY, Metric.BATTERY})),
        Device("0x00158d0000000002", Room.LIVING, frozenset({Metric.TEMPERATURE, Metric.HUMIDITY, Metric.BATTERY})),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE})),
    ),
)
MOTION, DOOR, LORA, CLIMATE = (device.id for device in HOME.devices[:4])


def said(*readings: tuple[float, str, Metric, float | str]) -> list[tuple[Message, dict[str, object]]]:
    rows = messages(HOME, [Reading(AT + after, device, metric, value) for after, device, metric, value in readings])
    return [(row, json.loads(row.payload)) for row in rows]


def moment(text: object) -> float:
    return datetime.fromisoformat(str(text)).timestamp()


def test_motion_is_the_merged_state_with_the_moment_it_was_seen() -> None:
    ((message, state),) = said((0, MOTION, Metric.MOTION, 1))
    assert message.topic == "zigbee2mqtt/bedroom-motion-0001"
    assert message.at == AT
    assert state["occupancy"] is True
    assert state["last_seen"] == "2026-01-05T08:00:00.250Z"
    assert isinstance(state["linkquality"], int)


def test_a_detection_is_cleared_after_ninety_seconds_before_the_next() -> None:
    rows = said((0, MOTION, Metric.MOTION, 1), (600, MOTION, Metric.MOTION, 1))
    assert [(state["occupancy"], moment(state["last_seen"]) - AT) for _, state in rows] == [
        (True, 0),
        (False, 90),
        (True, 600),
    ]


@pytest.mark.parametrize(("gap", "cleared"), [(60.0, 59.0), (1.0, 0.5), (0.01, 0.005)])
def test_a_detection_soon_after_is_cleared_just_before(gap: float, cleared: float) -> None:
    rows = said((0, MOTION, Metric.MOTION, 1), (gap, MOTION, Metric.MOTION, 1))
    assert [state["occupancy"] for _, state in rows] == [True, False, True]
    assert moment(rows[1][1]["last_seen"]) - AT == pytest.approx(cleared, abs=0.0011)


def test_the_last_detection_is_not_followed_by_an_invented_message() -> None:
    assert len(said((0, MOTION, Metric.MOTION, 1), (3600, DOOR, Metric.BATTERY, 90))) == 2


def test_a_battery_report_never_repeats_a_detection() -> None:
    rows = said((0, MOTION, Metric.MOTION, 1), (10, MOTION, Metric.BATTERY, 95), (20, MOTION, Metric.MOTION, 1))
    assert [(state["occupancy"], state.get("battery")) for _, state in rows] == [
        (True, None),
        (False, None),
        (False, 95),
        (True, 95),
    ]


def test_a_clearing_that_was_recorded_is_not_doubled() -> None:
    readings = [Reading(AT, MOTION, Metric.MOTION, 1), Reading(AT + 30, MOTION, Metric.MOTION, 0)]
    assert with_clearings(readings) == readings


def test_an_open_door_is_contact_false() -> None:
    rows = said((0, DOOR, Metric.CONTACT, 1), (5, DOOR, Metric.CONTACT, 1))
    assert [state["contact"] for _, state in rows] == [False, True, False]
    assert {row.topic for row, _ in rows} == {"zigbee2mqtt/front-door"}


def test_one_moment_of_one_device_is_one_message() -> None:
    rows = said(
        (0, CLIMATE, Metric.TEMPERATURE, 19.43), (0, CLIMATE, Metric.HUMIDITY, 51), (0, CLIMATE, Metric.BATTERY, 90)
    )
    ((_, state),) = rows
    assert (state["temperature"], state["humidity"], state["battery"]) == (19.43, 51, 90)


def test_a_lorawan_uplink_is_chirpstacks_envelope() -> None:
    rows = said((0, LORA, Metric.TEMPERATURE, 19.43), (0, LORA, Metric.HUMIDITY, 51), (600, LORA, Metric.BATTERY, 90))
    (message, first), (_, second) = rows
    assert message.topic.startswith("application/")
    assert message.topic.endswith("/device/climate-Living/event/up")
    assert first["deviceInfo"]["devEui"] == LORA  # type: ignore[index]
    assert first["object"] == {"temperature": 19.43, "humidity": 51.0}
    assert '"humidity":51.0' in message.payload.decode()
    assert second["object"] == {"battery": 90.0}
    assert moment(first["time"]) == AT
    assert (first["fCnt"], second["fCnt"]) == (1, 2)
    assert first["deduplicationId"] != second["deduplicationId"]


def test_the_gateway_says_itself_that_it_is_online() -> None:
    assert said((0, "gateway", Metric.ONLINE, 1)) == []


def test_zigbee_devices_are_announced_with_what_they_expose() -> None:
    state, devices = announcements(HOME, AT)
    assert (state.topic, json.loads(state.payload), state.retain) == (
        "zigbee2mqtt/bridge/state",
        {"state": "online"},
        True,
    )
    rows = json.loads(devices.payload)
    assert (devices.topic, devices.retain) == ("zigbee2mqtt/bridge/devices", True)
    assert [row["ieee_address"] for row in rows[1:]] == [MOTION, DOOR, CLIMATE]
    assert rows[0]["type"] == "Coordinator"
    exposed = {expose["property"]: expose for expose in rows[2]["definition"]["exposes"]}
    assert (exposed["contact"]["value_on"], exposed["contact"]["value_off"]) == (False, True)
    assert set(exposed) == {"contact", "battery", "linkquality"}


def test_names_are_slugs_and_different() -> None:
    devices = [Device(name, Room.HALL, frozenset({Metric.MOTION})) for name in ("a.b", "a:b", "A b".replace(" ", "_"))]
    names = friendly_names(Home("home", "UTC", devices=tuple(devices)))
    assert len(set(names.values())) == 3
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") for name in names.values())


@pytest.mark.parametrize("metric", [metric for metric in Metric if metric is not Metric.ONLINE])
def test_every_metric_has_a_zigbee_property(metric: Metric) -> None:
    device = Device("0x00158d0000000009", Room.HALL, frozenset({metric}))
    exposes = definition(device)["exposes"]
    assert isinstance(exposes, list)
    assert EXPOSES[metric].property in {row["property"] for row in exposes}


@pytest.mark.parametrize("metric", [metric for metric in Metric if metric not in {Metric.ONLINE, Metric.LINK_QUALITY}])
def test_every_metric_crosses_either_network(metric: Metric) -> None:
    value: float | str = "single" if metric is Metric.BUTTON else 1
    for name in ("0x00158d0000000009", "24e1240000000009"):
        home = Home("home", "UTC", devices=(Device(name, Room.HALL, frozenset({metric})),))
        (message,) = messages(home, [Reading(AT, name, metric, value)])
        assert json.loads(message.payload)


def test_voltage_is_in_millivolts_and_an_action_is_not_kept() -> None:
    name = "0x00158d0000000009"
    home = Home("home", "UTC", devices=(Device(name, Room.HALL, frozenset({Metric.BUTTON, Metric.BATTERY_VOLTAGE})),))
    readings = [Reading(AT, name, Metric.BUTTON, "hold"), Reading(AT + 1, name, Metric.BATTERY_VOLTAGE, 2.985)]
    first, second = (json.loads(row.payload) for row in messages(home, readings))
    assert first["action"] == "hold"
    assert second["voltage"] == 2985
    assert "action" not in second


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.model)
def test_every_model_is_described(model: object) -> None:
    assert all(str(getattr(model, name)) for name in ("vendor", "model", "model_id", "description", "manufacturer"))
