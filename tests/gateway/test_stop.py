"""A stop comes to its end whatever the disk does."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from gateway.clock import Clock
from gateway.daemon import Daemon
from gateway.outbox import Appended, open_outbox
from gateway.settings import Server, Settings
from sensor_hub.model.pace import Pace
from tests.brokers import free_port
from tests.gateway.builders import MONDAY, wait_until


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_heartbeat_that_waits_for_a_full_disk_does_not_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.inbox.MOST_WAITING", 1)
    monkeypatch.setattr("gateway.inbox.RETRY", 0.01)
    outbox = open_outbox(tmp_path / "outbox.db")
    attempts = []

    def refuse(*_: object, **__: object) -> Appended:
        attempts.append(1)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(outbox, "append", refuse)
    hub = Server("127.0.0.1", free_port())
    # A heartbeat every three milliseconds.
    settings = Settings("local", "h1", "gateway", tmp_path, 0.0, hub, (), Pace(MONDAY, 100_000.0))
    daemon = Daemon(settings, outbox, Clock(settings.pace), version="0.1.0")
    daemon.start()
    wait_until(lambda: len(attempts) > 20)
    ended: list[bool] = []
    stopping = Thread(target=lambda: ended.append(daemon.stop("a test")), daemon=True)
    stopping.start()
    stopping.join(20)
    assert ended == [False], "not everything is on the disk, and it says so"
