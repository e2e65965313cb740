"""The file of readings, read and written."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from firmware_sim.files import write_home
from firmware_sim.homes import generate_home
from firmware_sim.readings import read_readings, write_readings
from sensor_hub.model.home import Device, Home, read_home
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room

START = 1_767_571_200.0
HOME = Home("home", "UTC", devices=(Device("M1", Room.HALL, frozenset({Metric.MOTION, Metric.BUTTON})),))


def test_what_is_written_reads_back_in_order_of_measurement(tmp_path: Path) -> None:
    home, arrivals, truth = generate_home(1, 1, start=START)
    write_home(tmp_path / "a", home, arrivals, truth)
    assert read_home(tmp_path / "a" / "home.toml") == home
    readings = read_readings(tmp_path / "a" / "readings.jsonl.gz", home)
    assert sorted(readings, key=repr) == sorted((one.reading for one in arrivals), key=repr)
    assert [one.at for one in readings] == sorted(one.at for one in readings)


def test_the_same_home_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_readings(tmp_path / name, generate_home(1, 1, start=START)[1])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_both_forms_of_a_time_and_a_repeat(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text(
        '{"at": 1767571201.5, "received": 1767571202, "device": "M1", "metric": "motion", "value": 1}\n'
        '{"at": "2026-01-05T00:00:01.500Z", "received": 1767571203, "device": "M1", "metric": "motion", "value": 1}\n'
        "\n"
        '{"at": "2026-01-05T01:00:00+01:00", "received": 1, "device": "M1", "metric": "button", "value": "hold"}\n'
    )
    assert read_readings(path, HOME) == [
        Reading(1767571200.0, "M1", Metric.BUTTON, "hold"),
        Reading(1767571201.5, "M1", Metric.MOTION, 1),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"at": 1, "received": 1, "device": "M1", "metric": "motion", "value": 1}',
        '{"at": 1767571201, "received": 1, "device": "M1", "metric": "mood", "value": 1}',
        '{"at": 1767571201, "received": 1, "device": "M1", "metric": "motion", "value": "yes"}',
        '{"at": 1767571201, "received": 1, "device": "M9", "metric": "motion", "value": 1}',
        '{"at": 1767571201, "received": 1, "device": "M1", "metric": "button", "value": 1}',
        '{"received": 1}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "readings.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match="line 1"):
        read_readings(path, HOME)


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "readings.jsonl.gz"
    line = b'{"at": 1767571201, "received": 1, "device": "M1", "metric": "motion", "value": 1}\n'
    path.write_bytes(gzip.compress(line * 1000)[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_readings(path, HOME)
    with pytest.raises(InputError, match="cannot be read"):
        read_readings(tmp_path / "none.jsonl", HOME)
