from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from sensor_hub.ingest.decode import Pack, decode_batch, decode_status
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, Status, encode_status

HEAD: list[dict[str, object]] = [
    {"bn": "gateway/", "n": "stream", "vs": "k3v9q2"},
    {"n": "kept", "v": 1000},
    {"n": "after", "v": 1200},
    {"n": "upto", "v": 1250},
    {"n": "boot", "vs": "b81f"},
]
AT = 1_767_605_000.25
DEVICE = "0x00158d0001a2b3c4"


def decoded(*records: object) -> Pack:
    return decode_batch(json.dumps([*HEAD, *records]).encode())


def only(pack: Pack) -> Batch:
    assert pack.batch is not None
    return pack.batch


def test_the_pack_of_the_design() -> None:
    pack = decoded(
        {"bn": f"{DEVICE}/", "bt": AT, "n": "motion", "v": 1}, {"n": "temperature", "u": "Cel", "v": 19.4, "t": -60}
    )
    readings = [Reading(AT, DEVICE, Metric.MOTION, 1.0), Reading(AT - 60, DEVICE, Metric.TEMPERATURE, 19.4)]
    assert pack == Pack(Batch("k3v9q2", 1000, 1200, 1250, "b81f", readings), [])


def test_a_record_may_name_its_device_itself() -> None:
    pack = decoded({"bn": "", "bt": AT, "n": f"{DEVICE}/motion", "v": 1}, {"n": "b2/button", "vs": "single"})
    assert only(pack).readings == [
        Reading(AT, DEVICE, Metric.MOTION, 1.0),
        Reading(AT, "b2", Metric.BUTTON, "single"),
    ]


def test_a_gateway_may_be_a_device_of_that_name() -> None:
    pack = decoded({"bn": "gateway/", "bt": AT, "n": "online", "v": 1})
    assert only(pack).readings == [Reading(AT, "gateway", Metric.ONLINE, 1.0)]


def test_times_are_milliseconds() -> None:
    pack = decoded({"bn": "m1/", "bt": AT, "t": 0.0004, "n": "motion", "v": 1})
    assert [reading.at for reading in only(pack).readings] == [AT]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "blood_pressure", "v": 1}, "an unknown metric"),
        ({"n": "", "v": 1}, "an unknown metric"),
        ({"n": "motion"}, "no finite number as value"),
        ({"n": "motion", "vs": "1"}, "no finite number as value"),
        ({"n": "temperature", "u": "Fahrenheit", "v": 60}, "another unit than the metric's"),
        ({"n": "motion", "v": 1, "t": -1e9}, "not a moment between 2000 and 2100"),
        ({"n": "motion", "v": 1, "t": 1e308}, "not a moment between 2000 and 2100"),
        ({"n": "button", "v": 1}, "a button without an action"),
        ({"n": "button", "vs": "\ud800"}, "a button without an action"),
        ({"n": "button", "vs": "a\x00b"}, "a button without an action"),
        ({"n": "button", "vs": "x" * 65}, "a button without an action"),
        ({"bn": "-odd/", "n": "motion", "v": 1}, "not a device id"),
        ({"bn": "a/b/", "n": "motion", "v": 1}, "not a device id"),
        ({"bn": "m1", "n": "motion", "v": 1}, "not a device id"),
        ({"n": "motion", "v": "1"}, "not a record: Expected `float | null`, got `str`"),
        ({"n": "motion", "v": True}, "not a record: Expected `float | null`, got `bool`"),
        ("motion", "not a record: Expected `object`, got `str`"),
        ([1], "not a record: Expected `object`, got `array`"),
    ],
)
def test_one_odd_record_is_rejected_and_the_rest_goes_on(record: object, reason: str) -> None:
    good: dict[str, object] = {"bn": "m1/", "bt": AT, "n": "motion", "v": 1}
    pack = decoded(good, record, {**good, "bt": AT + 1})
    assert [reading.at for reading in only(pack).readings] == [AT, AT + 1]
    assert [rejection.reason for rejection in pack.rejections] == [reason]
    assert pack.rejections[0].payload


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_is_none_is_rejected_and_the_batch_answered(number: str) -> None:
    text = json.dumps([*HEAD, {"bn": "m1/", "bt": AT, "n": "motion", "v": 77}]).replace("77", number)
    pack = decode_batch(text.encode())
    assert only(pack).upto == 1250
    assert only(pack).readings == []
    assert [rejection.reason for rejection in pack.rejections] == ["no finite number as value"]


def test_what_no_sensor_could_say_is_stored_for_the_engine_to_tell() -> None:
    pack = decoded({"bn": "t1/", "bt": AT, "n": "temperature", "v": 85.0}, {"n": "humidity", "v": -3})
    assert [reading.value for reading in only(pack).readings] == [85.0, -3.0]


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps([*HEAD, {"bn": "m1/", "n": "x" * 100}]).encode()[:-40],
        gzip.compress(json.dumps([*HEAD, *({"n": f"{n}{n * n}"} for n in range(3000))]).encode())[:-3000],
        json.dumps([*HEAD, *({"bn": "m1/", "bt": AT + n, "n": "motion", "v": 1} for n in range(501))]).encode(),
        gzip.compress(json.dumps([*HEAD, {"n": "x" * 2_000_000}]).encode()),
        json.dumps([*HEAD, {"n": "x" * 2_000_000}]).encode(),
    ],
    ids=["broken off", "gzip broken off", "too many", "too long unpacked", "too long"],
)
def test_a_pack_that_cannot_be_used_is_answered_by_its_header(payload: bytes) -> None:
    pack = decode_batch(payload)
    assert (only(pack).stream, only(pack).upto, list(only(pack).readings)) == ("k3v9q2", 1250, [])
    assert [rejection.what for rejection in pack.rejections] == ["batch"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8bnonsense",
        b"[]",
        b"{}",
        b"null",
        b'"text"',
        b"[[[[",
        b"\xff\xfe",
        b"[{}]",
        b"[" * 100_000,
    ],
)
def test_what_has_no_header_is_rejected_whole(payload: bytes) -> None:
    pack = decode_batch(payload)
    assert pack.batch is None
    assert [rejection.what for rejection in pack.rejections] == ["batch"]


@pytest.mark.parametrize("row", [-1, 1.5, 2**53, 1e300])
def test_rows_are_whole_numbers(row: float) -> None:
    assert decode_batch(json.dumps([HEAD[0], {"n": "kept", "v": row}, *HEAD[2:]]).encode()).batch is None


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert [rejection.reason for rejection in decode_batch(bomb).rejections] == ["longer than 1 MiB unpacked"]


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"state": 1}', b'{"state": "online", "boot": "b", "at": "soon"}'])
def test_what_is_no_status(payload: bytes) -> None:
    with pytest.raises(InputError, match="not a status"):
        decode_status(payload)


def test_what_a_gateway_says_of_its_settings_and_told_itself_is_taken() -> None:
    told = {"rule": "smoke", "since": "2026-01-05T09:40:00Z", "text": "URGENT.", "told_at": ""}
    settings = {"version": 3, "refused": {"colour": "not a setting"}, "update": "0.2.0 applied"}
    status = Status("online", "b", "1", 1767605000.0, settings=settings, told_alone=(told,))
    assert decode_status(encode_status(status)) == status
    long = replace(status, told_alone=({"text": "x" * 201, "rule": "\x00", "since": "now"},) * 60)
    assert decode_status(encode_status(long)).told_alone == ({"since": "now"},) * 50


def test_of_what_was_placed_only_what_names_a_device_and_a_room_is_taken() -> None:
    said = {"state": "online", "boot": "b", "at": 1767605000, "placed": {"0x1": "hall", "0x2": "moon", "?": "hall"}}
    said |= {"placed_at": {"0x1": 1767605000, "0x2": 1767605000}, "names": {"0x1": "by the door", "?": "no device"}}
    status = decode_status(json.dumps(said).encode())
    assert (status.placed, status.placed_at) == ({"0x1": "hall"}, {"0x1": 1767605000.0})
    assert status.names == {"0x1": "by the door"}
