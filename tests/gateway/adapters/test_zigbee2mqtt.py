"""Zigbee2MQTT: identity, time, and events counted once in a merged state."""

from __future__ import annotations

import pytest

from gateway import checks
from gateway.adapters import held, identity, zigbee2mqtt
from gateway.adapters.message import Decoded, Message
from gateway.adapters.zigbee2mqtt import Zigbee2Mqtt
from gateway.checks import WRONG_TIME
from tests.gateway.adapters.messages import (
    IEEE,
    NOON,
    action,
    binary,
    device,
    devices,
    message,
    numeric,
    state,
    told,
)

PIR = [binary("occupancy"), numeric("illuminance", "lx"), numeric("linkquality", "lqi")]
DOOR = [binary("contact", on=False, off=True), numeric("battery", "%")]


def adapter(*exposes: dict[str, object], **more: object) -> Zigbee2Mqtt:
    known = Zigbee2Mqtt()
    known.decode(devices(device(exposes, **more)))  # type: ignore[arg-type]
    return known


def decode(known: Zigbee2Mqtt, *messages: Message) -> Decoded:
    """All that the messages bring together."""
    answers = [known.decode(one) or Decoded() for one in messages]
    readings = tuple(one for answer in answers for one in answer.readings)
    return Decoded(readings, tuple(one for answer in answers for one in answer.rejected))


def moments(decoded: Decoded, metric: str) -> list[tuple[float, float | str]]:
    return [(one.at, one.value) for one in decoded.readings if one.metric == metric]


def test_a_new_name_is_no_new_device() -> None:
    known = adapter(numeric("temperature", "°C"), name="Capteur / Chambre 1")
    first = decode(known, state(name="Capteur / Chambre 1", temperature=20))
    decode(known, devices(device([numeric("temperature", "°C")], name="bedroom")))
    second = decode(known, state(name="bedroom", temperature=21))
    assert [one.device for one in first.readings + second.readings] == [IEEE, IEEE]


def test_a_plain_name_can_be_an_address() -> None:
    known = adapter(numeric("temperature", "°C"), address="M003", name="living-motion")
    assert decode(known, state(name="living-motion", temperature=20)).readings[0].device == "M003"


def test_null_says_nothing() -> None:
    known = adapter(numeric("temperature", "°C"), binary("water_leak"))
    assert decode(known, state(temperature=None, water_leak=None)) == Decoded()


def test_a_fault_code_is_rejected_and_the_rest_kept() -> None:
    known = adapter(numeric("temperature", "°C"), numeric("battery", "%"), numeric("humidity", "%"))
    decoded = decode(known, state(temperature=-100, battery=200, humidity=41))
    assert told(decoded.readings) == [("humidity", 41)]
    assert all(one.reason and one.detail and one.device == IEEE for one in decoded.rejected)
    assert len(decoded.rejected) == 2


@pytest.mark.parametrize("seen", ["2026-01-05T11:59:59Z", "2026-01-05T12:59:59+01:00", 1767614399000])
def test_last_seen_is_the_time_of_the_reading(seen: object) -> None:
    known = adapter(numeric("temperature", "°C"))
    assert decode(known, state(temperature=20, last_seen=seen)).readings[0].at == NOON - 1


@pytest.mark.parametrize("seen", ["2099-01-01T00:00:00Z", "yesterday", 12, 1e300, {"a": 1}])
def test_a_wrong_last_seen_gives_way_to_the_time_of_receipt(seen: object) -> None:
    known = adapter(numeric("temperature", "°C"))
    decoded = decode(known, state(temperature=20, last_seen=seen))
    assert decoded.readings[0].at == NOON
    assert [one.reason for one in decoded.rejected] == [WRONG_TIME]


def test_a_report_of_light_is_no_new_motion() -> None:
    known = adapter(*PIR)
    decoded = decode(
        known,
        state(at=NOON, illuminance=12, occupancy=True),
        state(at=NOON + 30, illuminance=15, occupancy=True),
        state(illuminance=18, occupancy=True),
    )
    assert moments(decoded, "motion") == [(NOON, 1)]
    assert len(moments(decoded, "illuminance")) == 3


def test_every_detection_and_clearing_comes_once_at_its_own_time() -> None:
    known = adapter(*PIR)
    sent = [(NOON + 100 * number, number % 2 == 0) for number in range(10)]
    decoded = decode(known, *(state(at=at, occupancy=on, illuminance=5, linkquality=int(at) % 200) for at, on in sent))
    assert moments(decoded, "motion") == [(at, int(on)) for at, on in sent]


def test_motion_said_again_and_about_nothing_else_is_a_new_detection() -> None:
    known = adapter(*PIR)
    decoded = decode(known, *(state(at=NOON + after, occupancy=True, illuminance=5) for after in (0, 60, 1200, 9000)))
    assert [at - NOON for at, _ in moments(decoded, "motion")] == [0, 60, 1200]


def test_a_clearing_by_zigbee2mqtts_own_timer_has_the_time_of_receipt() -> None:
    known = adapter(*PIR)
    cleared = {"occupancy": False, "last_seen": "2026-01-05T12:00:00Z"}
    decoded = decode(known, state(at=NOON, occupancy=True), message("zigbee2mqtt/hall", cleared, received=NOON + 90))
    assert moments(decoded, "motion") == [(NOON, 1), (NOON + 90, 0)]


def test_an_open_door_that_reports_was_not_opened_again() -> None:
    known = adapter(*DOOR)
    reports = [state(at=NOON + hour * 3600, contact=False, battery=90) for hour in range(5)]
    decoded = decode(known, *reports, state(at=NOON + 20000, contact=True, battery=90))
    assert moments(decoded, "contact") == [(NOON, 1), (NOON + 20000, 0)]


def test_the_very_same_state_again_keeps_its_moment() -> None:
    known = adapter(*DOOR)
    decoded = decode(known, state(at=NOON, contact=False), state(at=NOON, contact=False))
    assert set(moments(decoded, "contact")) == {(NOON, 1)}


def test_a_retained_state_is_no_event() -> None:
    known = adapter(*PIR, action("single"))
    decoded = decode(known, state(at=NOON, retain=True, occupancy=True, action="single", illuminance=4))
    assert told(decoded.readings) == [("illuminance", 4)]
    assert decode(known, state(at=NOON + 60, occupancy=True, illuminance=9)).readings[-1].metric == "illuminance"


def test_a_retained_state_without_a_time_is_rejected() -> None:
    decoded = decode(adapter(*DOOR), state(retain=True, contact=False, battery=90))
    assert decoded.readings == ()
    assert [one.reason for one in decoded.rejected] == [checks.TIMELESS]


def test_a_retained_door_keeps_the_time_at_which_it_was_seen() -> None:
    assert moments(decode(adapter(*DOOR), state(at=NOON, retain=True, contact=False)), "contact") == [(NOON, 1)]


def test_a_press_is_one_event() -> None:
    known = adapter(action("on", "off"), numeric("battery", "%"))
    decoded = decode(
        known,
        state(action="on", battery=87),
        message("zigbee2mqtt/hall/action", b"on"),
        state(action="", battery=87),
        state(click="on", battery=87),
    )
    assert [one.value for one in decoded.readings if one.metric == "button"] == ["on"]


def test_a_call_for_help_is_told_each_time() -> None:
    known = adapter(binary("sos"))
    decoded = decode(known, *(state(at=NOON + after, sos=True) for after in (0, 7200)))
    assert moments(decoded, "sos") == [(NOON, 1), (NOON + 7200, 1)]


def test_states_before_the_list_of_devices_are_held() -> None:
    known = Zigbee2Mqtt()
    held = decode(known, *(state(at=NOON + 60 * number, temperature=20) for number in range(1000)))
    assert held.readings == ()
    assert [one.reason for one in held.rejected] == [zigbee2mqtt.UNDESCRIBED]
    decoded = decode(known, devices(device([numeric("temperature", "°C")])))
    assert [one.at - NOON for one in decoded.readings] == [60 * number for number in range(1000)]
    assert decode(known, devices(device([numeric("temperature", "°C")]))) == Decoded()


def test_what_is_held_is_bounded_and_what_gives_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zigbee2mqtt, "MOST_BYTES_HELD", 20_000)
    known = Zigbee2Mqtt()
    decoded = decode(known, *(state(name=f"n{number}", temperature=1) for number in range(200)))
    dropped = sum(one.reason == held.DROPPED for one in decoded.rejected)
    decoded = decode(
        known, devices(*(device([numeric("temperature", "°C")], address=f"n{n}", name=f"n{n}") for n in range(200)))
    )
    assert 0 < len(decoded.readings) == 200 - dropped


def test_a_group_is_no_device() -> None:
    known = adapter(numeric("temperature", "°C"))
    groups = message("zigbee2mqtt/bridge/groups", [{"id": 1, "friendly_name": "lights"}], retain=True)
    assert decode(known, groups, state(name="lights", state="ON")) == Decoded()


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("bridge/state", b"online"),
        ("bridge/logging", b"{"),
        ("hall/availability", b"offline"),
        ("unknown/availability", {"state": "offline"}),
        ("hall/set", {"temperature": 99}),
        ("hall/get", {"temperature": ""}),
        ("hall/set/temperature", b"99"),
        ("hall", b""),
    ],
)
def test_requests_and_availability_bring_nothing(topic: str, payload: object) -> None:
    known = adapter(numeric("temperature", "°C"))
    assert decode(known, message(f"zigbee2mqtt/{topic}", payload)) == Decoded()


@pytest.mark.parametrize("topic", ["/", "a\tb", "a//b", "x" * 1000])
def test_an_odd_topic_makes_no_device(topic: str) -> None:
    decoded = decode(Zigbee2Mqtt(), message(f"zigbee2mqtt/{topic}", {"temperature": 1}))
    assert [one.reason for one in decoded.rejected] == [identity.ODD_TOPIC]


def test_a_device_without_a_definition_is_told() -> None:
    known = Zigbee2Mqtt()
    decode(known, devices({**device([]), "definition": None}))
    assert [one.reason for one in decode(known, state(x=1)).rejected] == [zigbee2mqtt.UNSUPPORTED]


def test_another_base_topic_is_not_ours() -> None:
    known = Zigbee2Mqtt("home/zigbee")
    assert known.topics == ("home/zigbee/#",)
    assert known.decode(state(temperature=1)) is None
