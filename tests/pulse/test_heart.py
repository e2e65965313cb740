"""The hub's heart with a real switch, a real outbox and a dispatcher that hangs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.courier import Dispatch
from sensor_hub.model.kind import Urgency
from sensor_hub.model.moment import iso
from sensor_hub.pulse.heart import HEARTBEAT, Heart, Rhythm
from sensor_hub.pulse.switch import Signal, Switch, SwitchError
from sensor_hub.storage.hub_memory import DatabaseProbe
from sensor_hub.storage.stores import SqlStores
from tests.brokers import free_port
from tests.pulse.switch_server import SwitchServer
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED, T
from tests.waiting import wait_for

RHYTHM = Rhythm(ping_every=60, standstill=40)


@dataclass
class SetTime:
    at: float = T

    def now(self) -> float:
        return self.at

    wall = monotonic = now


@dataclass
class Parts:
    counts: dict[str, int] = field(default_factory=lambda: {"courier-mary": 1, "watch": 1})

    def __call__(self) -> dict[str, int]:
        return dict(self.counts)

    def turn(self, *parts: str) -> None:
        for part in parts or tuple(self.counts):
            self.counts[part] += 1


@pytest.fixture
def server() -> Iterator[SwitchServer]:
    server = SwitchServer()
    yield server
    server.close()


@dataclass
class Scene:
    parts: Parts
    time: SetTime
    heart: Heart
    file: Path

    def look(self, *turning: str, after: float = 10.0) -> None:
        self.time.at += after
        self.parts.turn(*turning)
        self.heart.look()


@pytest.fixture
def scene(tmp_path: Path, server: SwitchServer) -> Scene:
    parts, time, file = Parts(), SetTime(), tmp_path / HEARTBEAT
    return Scene(parts, time, Heart(parts, file, switch=Switch(server.url), rhythm=RHYTHM, time=time), file)


def test_as_long_as_all_moves_the_switch_is_told_at_its_interval(scene: Scene, server: SwitchServer) -> None:
    for _ in range(13):
        scene.look()
    assert server.signals() == ["", "", ""], "at 0, 60 and 120 seconds"
    assert scene.file.read_text() == f"{iso(T + 130)}\n"


def test_nothing_is_told_before_every_part_was_seen_to_move(scene: Scene, server: SwitchServer) -> None:
    scene.parts.counts["watch"] = 0
    scene.look("courier-mary")
    assert server.told == []
    assert not scene.file.exists()
    scene.look()
    assert server.signals() == [""]


def test_a_part_that_stands_still_ends_the_beats_and_fails_once_without_a_name(
    scene: Scene, server: SwitchServer, caplog: pytest.LogCaptureFixture
) -> None:
    scene.look()
    beats = []
    for _ in range(12):
        scene.look("watch")
        beats.append(scene.file.read_text())
    assert server.signals() == ["", "/fail"]
    assert server.bodies[-1] == "standing still: courier"
    assert len(set(beats[3:])) == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    scene.look()
    assert server.signals() == ["", "/fail", ""], "and at once when it moves again"
    assert scene.file.read_text() != beats[-1]


def test_a_switch_that_does_not_hear_is_logged_once_and_not_by_its_address(
    scene: Scene, server: SwitchServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server.status = 500
    for _ in range(5):
        scene.look()
    server.status = 200
    scene.look()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "secret" not in caplog.text
    assert scene.file.exists(), "the watchdog needs no switch"


def test_a_fail_that_was_not_heard_is_told_again(scene: Scene, server: SwitchServer) -> None:
    scene.look()
    server.status = 500
    for _ in range(6):
        scene.look("watch")
    server.status = 200
    scene.look("watch")
    scene.look("watch")
    assert server.signals()[-1] == "/fail"
    assert server.signals().count("/fail") == 4, "three that nobody heard and one that was"


def test_the_addresses_are_those_of_healthchecks(server: SwitchServer) -> None:
    for signal in Signal:
        Switch(server.url + "/?a=b").tell(signal)
    assert server.told == ["/ping/secret/start?a=b", "/ping/secret?a=b", "/ping/secret/fail?a=b"]
    with pytest.raises(SwitchError) as caught:
        Switch(f"http://127.0.0.1:{free_port()}/secret").tell(Signal.SUCCESS)
    assert "secret" not in str(caught.value)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[SqlStores]:
    stores = open_fresh(tmp_path)
    yield stores
    stores.database.close()


def test_a_dispatcher_that_hangs_is_seen_while_the_rest_moves(
    tmp_path: Path, stores: SqlStores, server: SwitchServer
) -> None:
    hanging, release = threading.Event(), threading.Event()

    class Hanging:
        def send(self, notice: Notice, contact: Contact) -> None:
            hanging.set()
            release.wait(60)

    time, probe = SetTime(), DatabaseProbe(stores.memory)
    contacts = [Contact("mary", "console://"), Contact("team", "console://")]
    dispatch = Dispatch(contacts, stores.outbox, Hanging(), time)
    turns = lambda: {**dispatch.turns(), "database": probe.turns()}  # noqa: E731
    heart = Heart(turns, tmp_path / HEARTBEAT, switch=Switch(server.url), rhythm=RHYTHM, time=time)
    dispatch.start()
    try:
        wait_for(lambda: all(dispatch.turns().values()))
        heart.look()
        stores.alerts.record(RAISED)
        stores.alerts.add_notice(Notice("r1", "a1", "mary", Urgency.SOON, "Today", "body"), T, T)
        dispatch.ring()
        assert hanging.wait(60)
        heart.look()
        for _ in range(5):
            before = dispatch.turns()["courier-team"]
            dispatch.ring()
            wait_for(lambda before=before: dispatch.turns()["courier-team"] > before)  # type: ignore[misc]
            time.at += 10
            heart.look()
        assert server.signals() == ["", "/fail"]
        release.set()
        stuck = dispatch.turns()["courier-mary"]
        wait_for(lambda: dispatch.turns()["courier-mary"] > stuck)
        heart.look()
        assert server.signals() == ["", "/fail", ""]
    finally:
        release.set()
        dispatch.stop(5)


def test_a_database_that_takes_nothing_counts_no_further(stores: SqlStores) -> None:
    probe = DatabaseProbe(stores.memory)
    assert [probe.turns(), probe.turns()] == [1, 2]
    stores.database.connection.exec_driver_sql("PRAGMA query_only = ON")
    assert probe.turns() == 2
    stores.database.connection.exec_driver_sql("PRAGMA query_only = OFF")
    assert probe.turns() == 3
