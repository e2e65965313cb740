import gzip
import json

import pytest

from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import iso, parse_moment, to_millisecond
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, Status, Stored, decode_stored, encode_batch, encode_status, encode_stored

AT = 1767605000.25


def test_a_batch_is_the_senml_pack_that_the_contract_shows() -> None:
    readings = [
        Reading(AT, "0x00158d0001a2b3c4", Metric.MOTION, 1.0),
        Reading(AT - 60, "0x00158d0001a2b3c4", Metric.TEMPERATURE, 19.4),
        Reading(AT, "button-1", Metric.BUTTON, "single"),
    ]
    pack = json.loads(encode_batch(Batch("k3v9q2", 1000, 1200, 1250, "b81f", readings)))
    assert pack == [
        {"bn": "gateway/", "n": "stream", "vs": "k3v9q2"},
        {"n": "kept", "v": 1000},
        {"n": "after", "v": 1200},
        {"n": "upto", "v": 1250},
        {"n": "boot", "vs": "b81f"},
        {"bn": "0x00158d0001a2b3c4/", "bt": AT, "n": "motion", "v": 1.0},
        {"n": "temperature", "t": -60.0, "u": "Cel", "v": 19.4},
        {"bn": "button-1/", "bt": AT, "n": "button", "vs": "single"},
    ]


def test_a_large_batch_is_packed() -> None:
    readings = [Reading(AT + n, "m1", Metric.MOTION, 1.0) for n in range(500)]
    packed = encode_batch(Batch("s", 0, 0, 500, "b", readings))
    assert packed.startswith(b"\x1f\x8b")
    assert len(json.loads(gzip.decompress(packed))) == 505


def test_an_answer_comes_back_as_it_was_given_and_nonsense_is_refused() -> None:
    stored = Stored("k3v9q2", 1250, AT)
    assert decode_stored(encode_stored(stored)) == stored
    for nonsense in (
        b"",
        b"[]",
        b'{"stream": 1, "upto": 2, "at": "2026-01-05T09:00:00Z"}',
        b'{"stream": "s", "upto": true}',
    ):
        with pytest.raises(InputError):
            decode_stored(nonsense)


def test_a_status_says_what_waits() -> None:
    row = json.loads(encode_status(Status("online", "b1", "0.1", AT, streams={"k3": 4}, oldest=AT)))
    assert row["streams"] == {"k3": 4}
    assert row["oldest"] == "2026-01-05T09:23:20.250Z"


@pytest.mark.parametrize("at", [AT, 1767605000.0, 1767605000.001, 1767605000.999])
def test_moments_are_the_same_number_on_every_path(at: float) -> None:
    assert parse_moment(iso(at)) == parse_moment(at) == to_millisecond(at) == round(at * 1000) / 1000


@pytest.mark.parametrize("wrong", ["2026-01-05T09:00:00", "yesterday", None, True, float("nan"), -1, 1e12, [1]])
def test_what_is_no_moment_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_moment(wrong)
