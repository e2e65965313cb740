"""The decoded object of an uplink, whatever its properties are called, in both servers' envelopes."""

from __future__ import annotations

import pytest

from gateway.adapters import lorawan
from gateway.adapters.chirpstack import ChirpStack
from gateway.adapters.decoded_object import HISTORY_TIME
from gateway.adapters.message import Decoded, Message
from gateway.adapters.tts import SIMULATED, TheThingsStack
from gateway.checks import WRONG_TIME
from tests.gateway.adapters.messages import EUI, NOON, chirpstack, message, told, tts


def decode(*messages: Message) -> Decoded:
    known = ChirpStack()
    answers = [known.decode(one) or Decoded() for one in messages]
    readings = tuple(one for answer in answers for one in answer.readings)
    return Decoded(readings, tuple(one for answer in answers for one in answer.rejected))


@pytest.mark.parametrize(
    ("decoded", "expected"),
    [
        ({"TempC_SHT": "21.40", "Hum_SHT": "48.2", "BatV": 3.06}, [21.4, 48.2, 3.06]),
        ({"air_temperature": {"displayName": "Air", "unit": "°C", "value": 24.3}}, [24.3]),
        ({"temperature": {"unit": "°F", "value": 68}}, [20.0]),
        ({"temperature": "22 ℃"}, [22.0]),
        ({"battery": 92}, [("battery", 92)]),
        ({"battery": 3.6}, [("battery_voltage", 3.6)]),
        ({"batteryVoltage": 3600}, [("battery_voltage", 3.6)]),
        ({"Supply_Voltage": "2.87"}, [("battery_voltage", 2.87)]),
        ({"motion": 6}, [("motion", 1)]),
        ({"occupancy": "vacant"}, [("presence", 0)]),
        ({"magnet_status": "open"}, [("contact", 1)]),
        ({"DOOR_OPEN_STATUS": 0}, [("contact", 0)]),
        ({"leakage_status": "leak"}, [("water_leak", 1)]),
        ({"smokeAlarm": "Normal"}, [("smoke", 0)]),
        ({"header": {"sos": True}}, [("sos", 1)]),
        ({"co2": 0, "temperature": 3}, [("temperature", 3)]),
        ({"temperatureSensor": {"1": 20.5}}, [20.5]),
        ([{"variable": "temperature", "value": 19.5}], [19.5]),
    ],
)
def test_a_name_says_what_is_measured(decoded: object, expected: list[object]) -> None:
    values = told(decode(chirpstack(decoded)).readings)
    assert [one if isinstance(expected[0], tuple) else one[1] for one in values] == expected


@pytest.mark.parametrize(
    "decoded",
    [
        {"targetTemperature": 21, "mcu_temperature": 30, "temperature_max": 40, "dew_point": {"value": 8}},
        {"battery": False, "batteryLow": True, "battery_voltage_mean_24h": 2.9},
        {"config": {"temperature": 5}, "water": 417.2, "openWindow": True},
        {"temperature": None},
        {},
    ],
)
def test_one_word_that_is_not_understood_makes_it_something_else(decoded: object) -> None:
    assert decode(chirpstack(decoded)) == Decoded()


@pytest.mark.parametrize(
    "decoded",
    [
        {"TempC_DS": 327.67},
        {"Temp": "NoSensor"},
        {"temperature": [276.51, 327.67]},
        {"temperature": "63.5,"},
        {"battery": 3},
        {"door": 1},
        {"humidity": 655.35},
        {"co2": 65535},
        {"occupancy": "perhaps"},
        {"temperature": 10**400},
    ],
)
def test_what_is_no_value_is_rejected_with_a_reason(decoded: object) -> None:
    answer = decode(chirpstack(decoded))
    assert answer.readings == ()
    assert [bool(one.reason) for one in answer.rejected] == [True]
    assert answer.rejected[0].detail


def test_probes_have_ids_of_their_own() -> None:
    both = decode(chirpstack({"TempC_SHT": 20, "TempC_DS": 4, "temperature_3": 18}))
    assert {one.device: one.value for one in both.readings} == {EUI: 20, f"{EUI}.2": 4, f"{EUI}.3": 18}


def test_stored_measurements_keep_their_own_times() -> None:
    rows = [{"timestamp": NOON - 3600, "temperature": 20.5}, {"timestamp": 0, "temperature": 18}]
    answer = decode(chirpstack({"temperature": 21.5, "history": rows}))
    assert [(one.at, one.value) for one in answer.readings] == [(NOON, 21.5), (NOON - 3600, 20.5)]
    assert [one.reason for one in answer.rejected] == [HISTORY_TIME]


def test_one_transmission_is_read_once() -> None:
    again = chirpstack({"temperature": 21}, frame=7, key="a")
    heard_later = chirpstack({"temperature": 21}, frame=7, key="b", at=NOON + 48)
    assert len(decode(again, again, heard_later).readings) == 1


def test_a_counter_that_starts_again_is_a_new_transmission() -> None:
    sent = [chirpstack({"temperature": 20}, frame=frame, at=NOON + 600 * n) for n, frame in enumerate((5000, 0, 1))]
    assert len(decode(*sent).readings) == 3


def test_the_same_counter_much_later_is_a_new_transmission() -> None:
    assert len(decode(chirpstack({"door": "closed"}), chirpstack({"door": "closed"}, at=NOON + 86400)).readings) == 2


def test_an_open_door_that_reports_was_not_opened_again() -> None:
    words = ["open", "open", "closed", "open"]
    sent = [chirpstack({"door": word}, frame=n + 1, at=NOON + 60 * n) for n, word in enumerate(words)]
    assert [one.value for one in decode(*sent).readings] == [1, 0, 1]


def test_each_uplink_with_motion_is_a_detection() -> None:
    sent = [chirpstack({"motion": 2}, frame=n + 1, at=NOON + 60 * n) for n in range(3)]
    assert [one.at - NOON for one in decode(*sent).readings] == [0, 60, 120]


@pytest.mark.parametrize("time", ["1980-01-21T23:17:20.234+00:00", "2099-01-01T00:00:00+00:00"])
def test_a_wrong_time_gives_way_to_the_time_of_receipt(time: str) -> None:
    topic = f"application/a/device/{EUI}/event/up"
    answer = decode(message(topic, {"time": time, "object": {"temperature": 20}}))
    assert (answer.readings[0].at, answer.readings[0].device) == (NOON, EUI)
    assert [one.reason for one in answer.rejected] == [WRONG_TIME]


def test_a_missing_codec_is_told() -> None:
    assert [one.reason for one in decode(chirpstack(None)).rejected] == [lorawan.NO_CODEC]


def test_how_well_it_was_heard_is_told_even_without_data() -> None:
    topic, heard = f"application/a/device/{EUI}/event/up", [{"rssi": -90}, {"rssi": -70}, {"rssi": None}]
    answer = decode(message(topic, {"fPort": 0, "data": "", "rxInfo": heard}))
    assert [(one.metric, one.value) for one in answer.readings] == [("link_quality", -70)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"batteryLevel": 93.7}, [("battery", 93.7)]),
        ({"batteryLevel": 0.0, "batteryLevelUnavailable": True}, []),
        ({"batteryLevel": 0.0, "externalPowerSource": True}, []),
        ({}, []),
    ],
)
def test_the_battery_of_a_status(status: dict[str, object], expected: list[object]) -> None:
    assert told(decode(message(f"application/a/device/{EUI}/event/status", status)).readings) == expected


@pytest.mark.parametrize("event", ["join", "ack", "log", "txack"])
def test_other_events_measure_nothing(event: str) -> None:
    assert decode(chirpstack({"temperature": 20}, event=event)) == Decoded()


def test_both_servers_know_one_device() -> None:
    answer = TheThingsStack().decode(tts({"temperature": 20.4}))
    assert answer is not None
    assert [(one.device, one.at, one.value) for one in answer.readings] == [(EUI, NOON, 20.4)]


def test_a_normalised_payload_is_read_where_the_codec_gives_only_that() -> None:
    row = {
        "air": {"temperature": 20.5, "relativeHumidity": 41},
        "soil": {"temperature": 8},
        "water": {"leak": False},
        "action": {"motion": {"detected": True}, "contactState": "open"},
    }
    answer = TheThingsStack().decode(tts(None, normalized_payload=[row]))
    assert answer is not None
    assert told(answer.readings) == [
        ("temperature", 20.5),
        ("humidity", 41),
        ("water_leak", 0),
        ("motion", 1),
        ("contact", 1),
    ]


def test_an_uplink_made_in_the_console_is_no_reading() -> None:
    body = {"end_device_ids": {"dev_eui": EUI}, "simulated": True, "uplink_message": {"decoded_payload": {"sos": True}}}
    answer = TheThingsStack().decode(message("v3/a@t/devices/d/up", body))
    assert answer is not None
    assert [one.reason for one in answer.rejected] == [SIMULATED]
    assert answer.readings == ()


def test_memory_is_bounded() -> None:
    normaliser = lorawan.Normaliser()
    for number in range(lorawan.MOST_DEVICES + 10):
        normaliser.decode(lorawan.Uplink(eui=f"{number:016x}", sent=None, received=NOON))
    assert len(normaliser._known) == lorawan.MOST_DEVICES
