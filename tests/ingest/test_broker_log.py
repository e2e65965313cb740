"""What real brokers write of refusals is understood, and nobody writes it for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensor_hub.ingest import broker_log
from sensor_hub.ingest.broker_log import BrokerRefusal, LogTail, Reader, Tried

NATS = '[4283] 2026/11/24 19:23:18.217259 [ERR] 192.0.2.7:52647 - mid:6 - "x" - '
LINES = {
    NATS + 'Publish Violation - Subject "care.1.local.h2.readings"': BrokerRefusal(
        Tried.PUBLISH, "x", "care/1/local/h2/readings", "192.0.2.7"
    ),
    NATS + 'Subscription Violation - Subject "care.1.*.>", SID care.1.*.>': BrokerRefusal(
        Tried.SUBSCRIBE, "x", "care/1/+/#", "192.0.2.7"
    ),
    NATS + 'authentication error - User "local/h1"': BrokerRefusal(Tried.LOGIN, "local/h1", "", "192.0.2.7"),
    NATS + r'authentication error - User "a\n[1] \x00"': BrokerRefusal(Tried.LOGIN, r"a\n[1] \x00", "", "192.0.2.7"),
    NATS + "unable to connect: authentication error": None,
    "[4283] 2026/11/24 19:23:17.565826 [INF] Server is ready": None,
    "1795548206: New connection from 192.0.2.8:41323 on port 27777.": None,
    "1795548206: Client <unknown> disconnected, not authorised.": BrokerRefusal(
        Tried.LOGIN, "<unknown>", "", "192.0.2.8"
    ),
    "1795548206: Denied PUBLISH from x (d0, q1, r0, m1, 'care/1/local/h2/readings', ... (1 bytes))": BrokerRefusal(
        Tried.PUBLISH, "x", "care/1/local/h2/readings"
    ),
    "1795548206: Client x disconnected.": None,
    "": None,
}


def test_lines_of_both_brokers() -> None:
    reader = Reader()
    assert {line: reader.read(line) for line in LINES} == LINES


def test_a_client_that_is_called_as_a_line_is_no_line() -> None:
    name = r"x\" - Publish Violation - Subject \"care.1.local.h2.readings"
    line = NATS.replace('"x"', f'"{name}"') + 'authentication error - User "u"'
    found = Reader().read(line)
    assert found is not None
    assert (found.tried, found.who) == (Tried.LOGIN, "u")


def test_names_are_short_and_can_be_printed() -> None:
    found = Reader().read(NATS + 'authentication error - User "' + "a\\u0000" * 300 + '"')
    assert found is not None
    assert found.who == "a?" * 64


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "broker.log").write_text("old\n")
    return tmp_path / "broker.log"


def add(file: Path, text: str) -> None:
    with file.open("a") as out:
        out.write(text)


def test_a_tail_of_ones_own_begins_at_the_beginning_and_takes_whole_lines(file: Path) -> None:
    tail = LogTail(file, is_ours=True)
    assert list(tail.lines()) == ["old"]
    add(file, "half")
    assert list(tail.lines()) == []
    add(file, " and half\nnext\n")
    assert list(tail.lines()) == ["half and half", "next"]
    file.unlink()
    add(file, "after a restart\n")
    assert list(tail.lines()) == ["after a restart"]


def test_a_tail_of_anothers_begins_with_what_is_new_and_goes_over_a_rotation(file: Path) -> None:
    tail = LogTail(file, is_ours=False)
    assert list(tail.lines()) == []
    add(file, "new\n")
    assert list(tail.lines()) == ["new"]
    os.rename(file, file.with_suffix(".1"))
    file.write_text("rotated\n")
    assert list(tail.lines()) == ["rotated"]


def test_ones_own_is_emptied_where_it_grows_too_long_and_anothers_is_not(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_log, "MOST_BYTES", 100)
    for is_ours in (False, True):
        tail = LogTail(file, is_ours=is_ours)
        list(tail.lines())
        with file.open("a") as writer:
            writer.write("x" * 200 + "\n")
            writer.flush()
            assert len(list(tail.lines())) == 1
            assert (file.stat().st_size == 0) is is_ours
            writer.write("y\n")
            writer.flush()
            assert list(tail.lines()) == ["y"]
