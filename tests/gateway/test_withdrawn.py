"""What is withdrawn is deleted where it waits, whatever becomes of the gateway meanwhile."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from gateway.heard import Devices
from gateway.lookout_file import Memory, document_of, forget_declined, memory_in
from gateway.outbox import Sample, open_outbox
from gateway.timekeeping import Anchor
from sensor_hub.model.consent import Data, agreed_metrics
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR
from tests.gateway.builders import MONDAY, reading

CLIMATE = agreed_metrics({Data.CLIMATE})
PIR = "kitchen-pir"
UNMISTAKABLE = 987654321.125
MARK = struct.pack(">d", UNMISTAKABLE)
"""Its bytes, as they are found in the file."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def movement(at: float):
    return [
        reading(at, UNMISTAKABLE, Metric.MOTION, PIR),
        reading(at, 88, Metric.BATTERY, PIR),
        reading(at, 20.5),
        reading(at, 90, Metric.BATTERY),
    ]


def files(path: Path) -> bytes:
    return b"".join(found.read_bytes() for found in path.parent.iterdir() if found.is_file())


def test_it_is_deleted_where_it_waits(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([one for n in range(300) for one in movement(MONDAY + n)], at=MONDAY)
    outbox.answer(outbox.stream, 400, sent=1200)
    outbox.hold(movement(MONDAY + 1000), Anchor("boot", MONDAY))
    outbox.append([], at=MONDAY, samples=[Sample(MONDAY, "implausible", PIR, "motion 7", "zigbee2mqtt/pir")])

    assert MARK in files(path)

    outbox.agree(CLIMATE)
    assert outbox.discard()

    assert outbox.discarded == 602
    assert outbox.held == 2
    assert outbox.waiting() == 402
    batch = outbox.batch(400, "b")
    assert batch is not None
    assert {(one.device, one.metric) for one in batch.readings} == {("hall", Metric.TEMPERATURE), ("hall", "battery")}
    outbox.close()
    assert MARK not in files(path)
    assert b"motion 7" not in files(path)


def test_it_goes_on_after_a_kill_and_keeps_the_numbers(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.append([reading(MONDAY + n, 1, Metric.MOTION, PIR) for n in range(12_000)], at=MONDAY)
    outbox.agree(CLIMATE)
    assert not outbox.discard(1)
    # Killed: nothing is closed. What was agreed is in force again after the start.
    again = open_outbox(path)
    again.agree(CLIMATE)
    assert again.discard()
    assert again.waiting() == 0
    again.append([reading(MONDAY + HOUR)], at=MONDAY + HOUR)
    assert again.last == 12_001
    outbox.close()
    again.close()


def test_what_was_on_its_way_is_not_written(path: Path) -> None:
    outbox = open_outbox(path)
    outbox.agree(CLIMATE)
    assert outbox.append(movement(MONDAY), at=MONDAY).accepted == 3
    assert outbox.hold(movement(MONDAY), Anchor("boot", MONDAY)).accepted == 3
    outbox.close()


def test_what_was_set_aside_is_deleted_too(path: Path) -> None:
    path.write_bytes(b"nonsense" * 100)
    outbox = open_outbox(path)
    assert list(path.parent.glob("*.damaged-*"))
    outbox.agree(CLIMATE)
    assert outbox.discard()
    assert not list(path.parent.glob("*.damaged-*"))
    outbox.close()


def test_of_a_device_of_which_nothing_is_agreed_is_not_known_when_it_was_heard() -> None:
    devices = Devices()
    devices.note(movement(MONDAY), MONDAY)
    devices.agree(CLIMATE)
    found = devices.document()
    assert found[PIR] == {
        "name": "",
        "last_heard": None,
        "metrics": ["battery", "motion"],
        "battery": None,
        "loss": None,
    }
    assert found["hall"] != found[PIR]


def test_the_homes_own_rules_forget_it_as_well() -> None:
    memory = Memory()
    for one in [*movement(MONDAY), reading(MONDAY, 1, Metric.SMOKE, "smoke")]:
        memory.known.note(one)
    forget_declined(memory, CLIMATE)
    assert (memory.known.moved, memory.known.alarms) == (None, {})
    assert [name for name, one in memory.known.devices.items() if one.moves] == []
    assert memory.known.devices["hall"].temperature == 20.5
    forget_declined(memory, agreed_metrics({Data.MOVEMENT}))
    assert memory.known.devices["hall"].temperature is None
    assert memory_in(document_of(memory)).known == memory.known
