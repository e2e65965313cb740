"""Every device file gives what its vectors say; a file with a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.adapters.chirpstack import ChirpStack
from gateway.adapters.device_files import OWN, DeviceFile, Vector, read_device_files
from gateway.adapters.layout import Raw
from gateway.adapters.lorawan import NO_CODEC, NO_LAYOUT, Normaliser, Uplink
from sensor_hub.model.problem import InputError
from tests.gateway.adapters.messages import EUI, NOON, message, told

FILES = read_device_files(OWN)
VECTORS = [(file, vector) for file in FILES.files for vector in file.vectors]
GOOD = (
    'name = "X"\nmatch = ["x1"]\n[[record]]\nlength = 1\n[[record.value]]\nmetric = "humidity"\nat = 0\ntype = "u8"\n'
)


def name(raw: Raw) -> str:
    return raw.field.metric.value + ("" if raw.probe == 1 else f".{raw.probe}")


@pytest.mark.parametrize(("file", "vector"), VECTORS, ids=[f"{file.name} {one.data.hex()}" for file, one in VECTORS])
def test_a_vector_comes_out(file: DeviceFile, vector: Vector) -> None:
    raws = file.layout.read(vector.port, vector.data)
    assert raws is not None
    assert {name(raw): raw.value for raw in raws if raw.at is None} == dict(vector.values)
    assert [(raw.at, name(raw), raw.value) for raw in raws if raw.at is not None] == list(vector.history)


def test_every_file_has_a_vector_and_every_field_a_metric() -> None:
    assert len(FILES.files) >= 12
    assert all(file.vectors for file in FILES.files)


@pytest.mark.parametrize("cut", range(1, 12))
def test_bytes_that_end_too_soon_give_no_wrong_value(cut: int) -> None:
    for file, vector in VECTORS:
        whole = {(name(raw), raw.value) for raw in file.layout.read(vector.port, vector.data) or ()}
        short = {(name(raw), raw.value) for raw in file.layout.read(vector.port, vector.data[:-cut]) or ()}
        assert short <= whole


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Milesight WS202-868M", "Milesight WS202"),
        ("milesight-iot em300-sld", "Milesight EM300 SLD, ZLD, MLD"),
        ("milesight-iot am103", "Milesight"),
        ("elsys ers-co2", "Elsys"),
        ("dragino lht65n", "Dragino LHT65 and LHT65N"),
        ("something else", None),
        ("", None),
    ],
)
def test_the_file_that_says_most_of_the_device_is_taken(names: str, expected: str | None) -> None:
    found = FILES.of(names, "0" * 16)
    assert (found.name if found else None) == expected


def test_an_eui_tells_the_maker() -> None:
    found = FILES.of("hall", "a81758fffe000001")
    assert found is not None
    assert found.name == "Elsys"


def test_an_uplink_without_an_object_is_read_by_its_file() -> None:
    body = {"deviceInfo": {"devEui": EUI, "deviceProfileName": "Elsys ERS"}, "fPort": 5, "data": "AQDiAikEACcFBg=="}
    answer = ChirpStack(FILES).decode(message(f"application/a/device/{EUI}/event/up", body))
    assert answer is not None
    assert told(answer.readings) == [("temperature", 22.6), ("humidity", 41), ("illuminance", 39), ("motion", 1)]


@pytest.mark.parametrize(("names", "reason"), [("x", NO_CODEC), ("tbms100", NO_LAYOUT)])
def test_bytes_that_nothing_describes_have_a_reason(names: str, reason: str) -> None:
    answer = Normaliser(FILES).decode(Uplink(EUI, None, NOON, data="AQID", port=7, names=names))
    assert [one.reason for one in answer.rejected] == [reason]


def test_a_folder_of_ones_own_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(GOOD)
    (tmp_path / "elsys.toml").write_text(GOOD.replace("X", "Mine").replace("x1", "elsys"))
    files = read_device_files(OWN, tmp_path)
    assert [file.name for file in (files.of("x1", ""), files.of("elsys", "")) if file] == ["X", "Mine"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (GOOD.replace('"u8"', '"u9"'), "i16le"),
        (GOOD.replace('"u8"', '"u16"'), "i16le"),
        (GOOD.replace('"humidity"', '"warmth"'), "one of"),
        (GOOD.replace('match = ["x1"]', ""), "match"),
        (GOOD + "colour = 1\n", "unknown key 'colour'"),
        ('name = "X"\nmatch = ["x1"]\n', "record"),
        ('name = "X"\nmatch = ["x"]\nextends = "y"\n', "extends"),
        ('name = "X"\nmatch = ["x"]\n[[item]]\nid = "0"\nlength = 1\n', "hexadecimal"),
        ("name = ", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, wrong: str, expected: str) -> None:
    (tmp_path / "x.toml").write_text(wrong)
    with pytest.raises(InputError, match=r"x\.toml") as caught:
        read_device_files(tmp_path)
    assert expected in str(caught.value)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder"):
        read_device_files(tmp_path / "nowhere")
