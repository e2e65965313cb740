"""Tasmota's topics: any sensor by Tasmota's own names, each by an identity that stays."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.adapters.message import Decoded, Message
from gateway.adapters.tasmota import BROKEN_SENSOR, BUS_ZERO, Tasmota
from gateway.checks import SENTINEL, TIMELESS
from tests.gateway.adapters.messages import NOON, message, told

TIME = "2026-01-05T12:00:00"


def decode(*messages: Message, base: str = "") -> Decoded:
    source = Tasmota(base)
    answers = [source.decode(one) or Decoded() for one in messages]
    readings = tuple(one for answer in answers for one in answer.readings)
    return Decoded(readings, tuple(one for answer in answers for one in answer.rejected))


def sensor(*, retain: bool = False, topic: str = "tele/hall/SENSOR", **said: Any) -> Message:
    return message(topic, {"Time": TIME, **said}, retain=retain)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"AM2301": {"Temperature": 21.5, "Humidity": 40, "DewPoint": 7}}, [("temperature", 21.5), ("humidity", 40)]),
        ({"SCD40": {"CarbonDioxide": 900, "eCO2": 950}}, [("co2", 900)]),
        ({"DHT11": {"Temperature": "68"}, "TempUnit": "F"}, [("temperature", 20)]),
        ({"ENERGY": {"Total": 3, "Power": [5, 7]}}, [("power", 5), ("power", 7)]),
        ({"ESP32": {"Temperature": 41}, "MPU6050": {"Temperature": 27, "AccelXAxis": 1}}, []),
        ({"Flora-1": {"Humidity": 0, "Fertility": 0, "Illuminance": 21}}, [("illuminance", 21)]),
        ({"ZbReceived": {"0x1": {"Occupancy": 1}}}, [("motion", 1)]),
        ({"ZbReceived": {"0x1": {"Power": 1}}, "Switch1": "ON"}, []),
        ({"ZbReceived": {"0x1": {"Voltage": 3.1, "Battery": 90}}}, [("battery_voltage", 3.1), ("battery", 90)]),
        ({"ZbInfo": {"0x1": {"Temperature": 20}}}, []),
        ({"ANALOG": {"Temperature1": 2.4}}, [("temperature", 2.4)]),
    ],
)
def test_a_name_says_what_is_measured(said: dict[str, Any], expected: list[object]) -> None:
    assert told(decode(sensor(**said)).readings) == expected


def test_a_sensor_on_a_bus_keeps_its_identity_when_its_neighbour_fails() -> None:
    first, second = {"Id": "0A", "Temperature": 20.0}, {"Id": "0B", "Temperature": 5.0}
    answer = decode(sensor(**{"DS18B20-1": first, "DS18B20-2": second}), sensor(DS18B20=second))
    assert [(one.device, one.value) for one in answer.readings] == [
        ("hall.0A", 20.0),
        ("hall.0B", 5.0),
        ("hall.0B", 5.0),
    ]


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("tele/hall/SENSOR", "hall"),
        ("tele/flat 12/hall/SENSOR", "flat_12:hall"),
        ("hall/tele/SENSOR", "hall"),
        ("tele/Zigbee/5ADF/SENSOR", "Zigbee:5ADF"),
    ],
)
def test_the_topic_names_the_device(topic: str, device: str) -> None:
    assert decode(sensor(topic=topic, Temperature=20)).readings[0].device == device


def test_a_status_holds_the_same() -> None:
    body = {"StatusSNS": {"Time": TIME, "Temperature": 20}}
    assert told(decode(message("stat/hall/STATUS10", body)).readings) == [("temperature", 20)]


def test_its_time_is_local_so_that_of_receipt_counts() -> None:
    assert decode(sensor(Temperature=20)).readings[0].at == NOON


def test_a_retained_state_without_a_time_in_utc_is_no_reading() -> None:
    assert [one.reason for one in decode(sensor(retain=True, Temperature=20)).rejected] == [TIMELESS]
    kept = message("tele/hall/SENSOR", {"Time": "2026-01-05T11:00:00Z", "Temperature": 20}, retain=True)
    assert decode(kept).readings[0].at == NOON - 3600


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"DS18B20": {"Temperature": 85.0}}, SENTINEL),
        ({"DS18B20": {"Temperature": -127.0}}, SENTINEL),
        ({"DS18B20-1": {"Temperature": 0.0}, "DS18B20-2": {"Temperature": 0}}, BUS_ZERO),
    ],
)
def test_faults_are_rejected_with_a_reason(said: dict[str, Any], reason: str) -> None:
    answer = decode(sensor(**said))
    assert answer.readings == ()
    assert {one.reason for one in answer.rejected} == {reason}


def test_one_sensor_at_zero_is_winter() -> None:
    answer = decode(sensor(**{"DS18B20-1": {"Temperature": 0.0}, "DS18B20-2": {"Temperature": 4.0}}))
    assert [one.value for one in answer.readings] == [0.0, 4.0]


def test_a_broken_sensor_does_not_silence_the_others() -> None:
    body = b'{"Time":"nan","A":{"Temperature":nan},"B":{"Temperature":20.5}}'
    answer = decode(message("tele/hall/SENSOR", body))
    assert told(answer.readings) == [("temperature", 20.5)]
    assert [one.reason for one in answer.rejected] == [BROKEN_SENSOR]


def test_a_press_is_an_event_and_a_switch_is_anything() -> None:
    pressed = message("stat/hall/RESULT", {"Button1": {"Action": "SINGLE"}, "Switch1": {"Action": "ON"}})
    assert told(decode(pressed).readings) == [("button", "button1_single")]


def test_an_open_door_is_not_opened_again() -> None:
    door = sensor(ZbReceived={"0x1": {"Contact": 1}})
    assert told(decode(door, door, sensor(ZbReceived={"0x1": {"Contact": 0}}), door).readings) == [
        ("contact", 1),
        ("contact", 0),
        ("contact", 1),
    ]


def test_what_is_no_sensors_topic_says_nothing() -> None:
    others = [message("tele/hall/LWT", b"Offline"), message("stat/hall/RESULT", {"POWER": "ON"})]
    assert decode(*others) == Decoded()
    assert Tasmota().decode(message("zigbee2mqtt/hall", {})) is None
    assert Tasmota("flat").topics == ("flat/#",)
    assert Tasmota("flat").decode(message("tele/hall/SENSOR", {})) is None
