"""What is sent, and by which client, where connections come and go meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.clock import Clock
from gateway.flight import FIRST_PATIENCE
from gateway.inbox import Tally
from gateway.outbox import open_outbox
from gateway.report import Name, Report
from gateway.sender import Sender
from gateway.uplink import OUTAGE
from tests.gateway.builders import MONDAY, FakeMachine, reading, wait_until


class Connection:
    """Keeps the last levels of the topics that were published by it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> SimpleNamespace:
        self.said.append(topic.rpartition("/")[2])
        return SimpleNamespace(rc=0)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.outbox = open_outbox(folder / "outbox.db")
        self.report = Report(Name("local", "h1", "1.2"), self.outbox, Clock(machine=FakeMachine()), Tally())
        self.sender = Sender(self.report, patience=FIRST_PATIENCE, outage=OUTAGE)
        self.first, self.second = Connection(), Connection()
        self._is_new = False

    def reconnect(self) -> None:
        """The first connection ends and the second opens, once."""
        if not self._is_new:
            self._is_new = True
            self.sender.pause()
            self.sender.begin(self.second)  # type: ignore[arg-type]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    rig.sender.start()
    yield rig
    rig.sender.stop()
    rig.outbox.close()


def test_a_connection_that_opens_while_a_status_is_made_has_its_own(rig: Rig) -> None:
    """Else the last will of the one before would stand for five minutes."""

    def names() -> dict[str, str]:
        rig.reconnect()
        return {}

    rig.report.names = names
    rig.sender.begin(rig.first)  # type: ignore[arg-type]
    wait_until(lambda: "status" in rig.second.said)


def test_a_connection_that_opens_while_a_batch_is_read_has_it_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.outbox.append([reading()], at=MONDAY)
    read = rig.outbox.batch

    def batch(*given: object) -> object:
        found = read(*given)  # type: ignore[arg-type]
        rig.reconnect()
        return found

    monkeypatch.setattr(rig.outbox, "batch", batch)
    rig.sender.begin(rig.first)  # type: ignore[arg-type]
    wait_until(lambda: "readings" in rig.second.said)
