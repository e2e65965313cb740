"""Home Assistant's discovery: what a device says of itself is what is read, and its topics are subscribed to."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.adapters.homeassistant import BAD_CONFIG, TEMPLATE, TOO_MANY, UNDESCRIBED, HomeAssistant
from gateway.adapters.message import Decoded, Message
from gateway.checks import NOT_A_NUMBER, NOT_A_STATE, TIMELESS
from tests.gateway.adapters.messages import message, told

HALL = {"ids": ["a4cf12"], "name": "hall"}


def config(component: str = "sensor", place: str = "hall/temperature", **keys: object) -> Message:
    """A description, on the topic where devices put it."""
    body = {"stat_t": "hall/s", "dev": HALL, **keys}
    return message(f"homeassistant/{component}/{place}/config", body, retain=True)


def temperature(**keys: object) -> Message:
    return config(dev_cla="temperature", unit_of_meas="°C", **keys)


def decode(*messages: Message, source: HomeAssistant | None = None) -> Decoded:
    source = source or HomeAssistant()
    answers = [source.decode(one) or Decoded() for one in messages]
    readings = tuple(one for answer in answers for one in answer.readings)
    return Decoded(readings, tuple(one for answer in answers for one in answer.rejected))


def said(payload: object, *, retain: bool = False, topic: str = "hall/s") -> Message:
    return message(topic, payload.encode() if isinstance(payload, str) else payload, retain=retain)


@pytest.mark.parametrize(
    ("keys", "payload", "expected"),
    [
        ({"dev_cla": "temperature", "unit_of_meas": "°F"}, "68", [("temperature", 20)]),
        ({"dev_cla": "temperature", "unit_of_meas": "K"}, "293.15", [("temperature", 20)]),
        ({"device_class": "humidity", "unit_of_measurement": "%"}, "40", [("humidity", 40)]),
        ({"dev_cla": "carbon_dioxide", "unit_of_meas": "ppm"}, "612", [("co2", 612)]),
        ({"dev_cla": "power", "unit_of_meas": "kW"}, "0.5", [("power", 500)]),
        ({"dev_cla": "voltage", "unit_of_meas": "V", "name": "Battery voltage"}, "3.1", [("battery_voltage", 3.1)]),
        ({"dev_cla": "voltage", "unit_of_meas": "V", "name": "Mains"}, "230", []),
        ({"unit_of_meas": "°C", "name": "Temperature"}, "20", [("temperature", 20)]),
        ({"dev_cla": "temperature", "unit_of_meas": "°C", "name": "Target temperature"}, "20", []),
        ({"dev_cla": "temperature", "unit_of_meas": "°C", "ent_cat": "diagnostic"}, "20", []),
        ({"dev_cla": "temperature", "unit_of_meas": "%"}, "20", []),
        ({"dev_cla": "pressure", "unit_of_meas": "hPa"}, "1000", []),
    ],
)
def test_class_unit_and_name_say_what_is_measured(keys: dict[str, Any], payload: str, expected: list[object]) -> None:
    assert told(decode(config(**keys), said(payload)).readings) == expected


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("motion", "motion"),
        ("occupancy", "presence"),
        ("door", "contact"),
        ("moisture", "water_leak"),
        ("smoke", "smoke"),
    ],
)
def test_states_have_two_words(kind: str, metric: str) -> None:
    known = config("binary_sensor", dev_cla=kind)
    answer = decode(known, said("ON"), said("OFF"), said("on"))
    assert told(answer.readings) == [(metric, 1), (metric, 0)]
    assert [one.reason for one in answer.rejected] == [NOT_A_STATE]


def test_payloads_compare_as_home_assistant_writes_them() -> None:
    known = config("binary_sensor", dev_cla="door", pl_on=False, pl_off=True, val_tpl="{{ value_json.contact }}")
    assert told(decode(known, said({"contact": False}), said({"contact": True})).readings) == [
        ("contact", 1),
        ("contact", 0),
    ]


def test_a_merged_state_repeats_no_event() -> None:
    known = config("binary_sensor", dev_cla="motion", val_tpl="{{ value_json.m }}", pl_on=True, pl_off=False)
    rows = [{"m": True, "lux": 1}, {"m": True, "lux": 2}, {"m": False, "lux": 2}, {"m": True, "lux": 2}]
    assert told(decode(known, *(said(row) for row in rows)).readings) == [("motion", 1), ("motion", 0), ("motion", 1)]


def test_a_sensor_that_clears_itself_detects_with_each_message() -> None:
    known = config("binary_sensor", dev_cla="motion", off_dly=30)
    assert told(decode(known, said("ON"), said("ON")).readings) == [("motion", 1), ("motion", 1)]


@pytest.mark.parametrize("word", ["nan", "unavailable", "unknown", "None", "online", "1e400", ""])
def test_words_are_no_numbers(word: str) -> None:
    answer = decode(temperature(), said(word))
    assert answer.readings == ()
    assert answer.rejected[0].reason


def test_what_a_message_lacks_is_not_said_and_what_does_not_fit_has_a_reason() -> None:
    known = temperature(val_tpl="{{ value_json.t }}")
    assert decode(known, said({"x": 1}), said({"t": None})) == Decoded()
    assert [one.reason for one in decode(known, said("20"), said("x")).rejected] == [TEMPLATE]
    assert [one.reason for one in decode(known, said({"t": "warm"})).rejected] == [NOT_A_NUMBER]


def test_a_retained_state_has_no_time() -> None:
    answer = decode(temperature(), said("20", retain=True))
    assert (answer.readings, [one.reason for one in answer.rejected]) == ((), [TIMELESS])


def test_an_empty_description_takes_the_sensor_away() -> None:
    source = HomeAssistant()
    decode(temperature(), source=source)
    assert source.topics == ("homeassistant/#", "hall/s")
    decode(message("homeassistant/sensor/hall/temperature/config", b"", retain=True), source=source)
    assert source.topics == ("homeassistant/#",)
    assert source.decode(said("20")) is None


def test_a_device_describes_all_its_parts_at_once() -> None:
    parts = {"a": {"p": "sensor", "dev_cla": "temperature", "unit_of_meas": "°C", "val_tpl": "{{ value_json.t }}"}}
    parts["b"] = {"p": "binary_sensor", "dev_cla": "motion", "val_tpl": "{{ value_json.m }}"}
    answer = decode(config("device", "hall", cmps=parts), said({"t": 20, "m": "ON"}))
    assert told(answer.readings) == [("temperature", 20), ("motion", 1)]


def test_buttons_are_events() -> None:
    trigger = {"atype": "trigger", "t": "hall/a", "pl": "single", "type": "action", "subtype": "single"}
    event = config("event", "hall/button", dev_cla="button")
    answer = decode(
        config("device_automation", "hall/action_single", **trigger),
        event,
        said("single", topic="hall/a"),
        said("double", topic="hall/a"),
        said({"event_type": "press"}),
    )
    assert told(answer.readings) == [("button", "single"), ("button", "press")]


@pytest.mark.parametrize(
    ("place", "device"),
    [
        ("hall/temperature", "a4cf12"),
        ("hall/hall_temperature", "a4cf12"),
        ("hall/fridge_temperature", "a4cf12.fridge_temperature"),
        ("hall/T", "a4cf12"),
    ],
)
def test_a_part_has_a_name_of_its_own_whichever_comes_first(place: str, device: str) -> None:
    known = config(place=place, dev_cla="temperature", unit_of_meas="°C")
    assert decode(known, said("20")).readings[0].device == device


def test_a_zigbee_address_is_the_device() -> None:
    dev = {"ids": ["zigbee2mqtt_0x00158D0001A2B3C4"]}
    assert decode(temperature(dev=dev), said("20")).readings[0].device == "0x00158d0001a2b3c4"


def test_a_thermostat_has_a_thermometer() -> None:
    known = config("climate", "hall/trv", curr_temp_t="hall/t", curr_temp_tpl="{{ value_json.now }}")
    assert told(decode(known, said({"now": 19.5}, topic="hall/t")).readings) == [("temperature", 19.5)]


def test_a_description_that_cannot_be_read_has_a_reason() -> None:
    answer = decode(temperature(val_tpl="{{ states('x') }}"), message("homeassistant/sensor/x/config", b"1}3"))
    assert [one.reason for one in answer.rejected] == [BAD_CONFIG, "the text is not JSON"]


def test_what_another_source_reads_is_left_to_it() -> None:
    source = HomeAssistant(elsewhere=lambda topic: topic == "hall/s")
    assert decode(temperature(), source=source) == Decoded()
    assert source.topics == ("homeassistant/#",)


def test_what_a_broker_queued_is_read_when_it_is_described() -> None:
    source = HomeAssistant(is_alone=True)
    held = decode(said("20"), source=source)
    assert [one.reason for one in held.rejected] == [UNDESCRIBED]
    assert told(decode(temperature(), source=source).readings) == [("temperature", 20)]


def test_a_topic_may_leave_the_place_open_but_not_everything() -> None:
    source = HomeAssistant()
    known = temperature(stat_t="+/+/BTtoMQTT/A4C1", val_tpl="{{ value_json.tempc | is_defined }}")
    answer = decode(known, said({"tempc": 20.5}, topic="home/omg/BTtoMQTT/A4C1"), source=source)
    assert told(answer.readings) == [("temperature", 20.5)]
    assert source.decode(said({"tempc": 20.5}, topic="home/omg/BTtoMQTT/B4C1")) is None
    assert [one.reason for one in decode(temperature(stat_t="#"), temperature(stat_t="a/+")).rejected] == [
        BAD_CONFIG
    ] * 2


def test_a_flood_of_descriptions_is_bounded() -> None:
    source = HomeAssistant()
    flood = [
        config(dev_cla="temperature", unit_of_meas="°C", place=f"n/{number}", stat_t=f"s/{number}")
        for number in range(1100)
    ]
    answer = decode(*flood, source=source)
    assert {one.reason for one in answer.rejected} == {TOO_MANY}
    assert len(source.topics) == 1001
