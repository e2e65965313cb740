"""The uplink against real brokers: rows leave on the hub's word alone, in order, whatever the broker does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import Clock
from gateway.flight import FIRST_PATIENCE
from gateway.inbox import Delivery, Inbox, Tally
from gateway.outbox import Outbox, open_outbox
from gateway.report import Name, Report
from gateway.settings import Server
from gateway.uplink import NONSENSE, OUTAGE, Uplink
from sensor_hub.model.metric import Metric
from sensor_hub.model.wire import Stored, encode_stored
from tests.brokers import Broker, has_mosquitto, start_mosquitto, start_nats
from tests.gateway.builders import MONDAY, FakeMachine, MiniHub, reading, wait_until

BROKERS = [
    "nats",
    pytest.param("mosquitto", marks=pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")),
]


class Rig:
    """An outbox, an uplink and a hub at one broker."""

    def __init__(
        self, folder: Path, broker: Broker, *, patience: float = FIRST_PATIENCE, outage: float = OUTAGE
    ) -> None:
        self.broker = broker
        self.outbox: Outbox = open_outbox(folder / "outbox.db")
        self.tally = Tally()
        self.hub = MiniHub(broker.port)
        server = Server("127.0.0.1", broker.port, "local/h1")
        self.clock = Clock(machine=FakeMachine())
        report = Report(Name("local", "h1", "1.2"), self.outbox, self.clock, self.tally)
        self.uplink = Uplink(server, report, patience=patience, outage=outage)
        self.is_closed = False

    def add(self, count: int) -> None:
        first = self.outbox.last
        self.outbox.append([reading(MONDAY + first + n, first + n + 1) for n in range(count)], at=MONDAY)
        self.uplink.wake()

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.hub.rows) == count and self.outbox.waiting() == 0, what=f"{count} rows at the hub")

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.uplink.close("stopped")
            self.hub.close()
            self.outbox.close()
            self.broker.stop()


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    broker = start_nats(folder, repeats_after="2s") if request.param == "nats" else start_mosquitto(folder)
    yield broker
    broker.stop()


@pytest.fixture
def rig(broker: Broker, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, broker)
    yield rig
    rig.close()


def test_a_backlog_goes_in_batches_in_order_and_leaves_when_answered(rig: Rig) -> None:
    rig.add(3300)
    rig.uplink.start()
    rig.wait_for(3300)
    assert [batch["after"] for batch in rig.hub.batches] == [0, 500, 1000, 1500, 2000, 2500, 3000]
    assert rig.hub.values(Metric.TEMPERATURE) == [n + 1 for n in range(3300)]
    assert rig.hub.repeats == 0


def test_new_rows_go_up_at_once(rig: Rig) -> None:
    rig.uplink.start()
    rig.add(1)
    rig.wait_for(1)
    spans = []
    for count in range(2, 12):
        started = time.monotonic()
        rig.add(1)
        wait_until(lambda count=count: len(rig.hub.rows) == count)
        spans.append(time.monotonic() - started)
    assert sorted(spans)[2] < 0.05, spans


def test_answers_are_acknowledged_so_that_the_broker_goes_on_giving_them(rig: Rig) -> None:
    rig.uplink.start()
    for count in range(1, 61):
        rig.add(1)
        rig.wait_for(count)


def test_without_an_answer_nothing_is_forgotten(rig: Rig) -> None:
    rig.hub.is_silent = True
    rig.add(700)
    rig.uplink.start()
    wait_until(lambda: len(rig.hub.batches) == 2)
    assert rig.outbox.waiting() == 700
    rig.hub.is_silent = False
    rig.broker.restart()
    rig.wait_for(700)


def test_a_broker_that_is_killed_costs_nothing(rig: Rig) -> None:
    rig.uplink.start()
    for _ in range(3):
        rig.add(400)
        rig.broker.kill()
        rig.add(400)
        rig.broker.start()
    rig.wait_for(2400)
    assert rig.hub.clashes == 0


def test_no_answer_in_time_sends_again_from_the_first_unanswered(broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, broker, patience=1.0)
    try:
        rig.hub.is_silent = True
        rig.uplink.start()
        rig.add(1200)
        wait_until(lambda: len(rig.hub.batches) >= 5)
        assert [batch["after"] for batch in rig.hub.batches[:5]] == [0, 500, 1000, 0, 0], "a window, then one by one"
        rig.hub.is_silent = False
        rig.hub.answer(encode_stored(Stored(rig.outbox.stream, 0, MONDAY)))
        rig.wait_for(1200)
    finally:
        rig.close()


def test_answers_that_are_none_are_counted_and_others_streams_ignored(rig: Rig) -> None:
    rig.hub.is_silent = True
    rig.uplink.start()
    rig.add(5)
    wait_until(lambda: bool(rig.hub.batches))
    for payload in (b"", b"{}", b"\xff", b'{"stream":"x","upto":-1,"at":"2026-01-05T09:40:00Z"}', b"[" * 5000):
        rig.hub.answer(payload)
    rig.hub.answer(encode_stored(Stored("another", 5, MONDAY)))
    wait_until(lambda: rig.tally.counts() == {NONSENSE: 5})
    assert rig.outbox.waiting() == 5
    rig.hub.answer(encode_stored(Stored(rig.outbox.stream, 3, MONDAY)))
    wait_until(lambda: rig.outbox.waiting() == 2)


def test_status_says_what_waits_and_why_it_stops(rig: Rig) -> None:
    rig.add(2)
    rig.uplink.start()
    rig.wait_for(2)
    status = rig.hub.statuses[0]
    assert (status["state"], status["version"], status["clock"]) == ("online", "1.2", "trusted")
    assert list(status["streams"]) == [rig.outbox.stream]
    rig.uplink.close("stopped")
    wait_until(lambda: len(rig.hub.statuses) == 2)
    assert (rig.hub.statuses[1]["state"], rig.hub.statuses[1]["reason"]) == ("offline", "stopped")
    assert rig.hub.statuses[1]["streams"] == {rig.outbox.stream: 0}


@pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")
def test_a_denied_publish_that_the_broker_acknowledges_is_not_forgotten(tmp_path: Path) -> None:
    broker = start_mosquitto(
        tmp_path / "broker",
        users={"local/h1": "secret", "hub": "secret"},
        acl=["user hub", "topic readwrite #", "pattern read care/1/%u/stored"],
        settings=["log_type all"],
    )
    outbox = open_outbox(tmp_path / "outbox.db")
    server = Server("127.0.0.1", broker.port, "local/h1", "secret")
    uplink = Uplink(server, Report(Name("local", "h1", "1"), outbox, Clock(), Tally()))
    try:
        outbox.append([reading()], at=MONDAY)
        uplink.start()
        wait_until(lambda: "Denied PUBLISH" in broker.log() and "/readings" in broker.log())
        uplink.close("stopped")
        assert outbox.waiting() == 1
    finally:
        outbox.close()
        broker.stop()


def test_after_an_outage_live_readings_do_not_stand_behind_the_backlog(broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, broker, outage=0.0)
    try:
        rig.add(9000)
        backlog = rig.outbox.stream
        rig.uplink.start()
        wait_until(lambda: rig.uplink.is_connected)
        rig.add(1)
        rig.wait_for(9001)
        live = [number for number, batch in enumerate(rig.hub.batches) if batch["stream"] != backlog]
        assert live
        assert live[0] < len(rig.hub.batches) - 1, "before the last of the backlog"
        assert rig.hub.repeats == 0
        wait_until(lambda: len(rig.hub.statuses[-1]["streams"]) >= 2)  # type: ignore[arg-type]
    finally:
        rig.close()


def test_a_hub_that_was_restored_is_sent_what_it_lost(rig: Rig) -> None:
    rig.uplink.start()
    rig.add(1200)
    rig.wait_for(1200)
    for key in sorted(rig.hub.rows, key=lambda key: key[2])[300:]:
        del rig.hub.rows[key]
    stream = str(rig.hub.batches[0]["stream"])
    rig.hub.upto[stream] = 300
    rig.hub.answer(encode_stored(Stored(stream, 300, time.time())))
    rig.wait_for(1200)


def test_without_a_trusted_clock_nothing_is_sent_before_the_hub_has_told_the_time(
    broker: Broker, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, broker)
    machine = FakeMachine(MONDAY - 7200, is_synchronised=False)
    clock = Clock(machine=machine)
    report = Report(Name("local", "h1", "1"), rig.outbox, clock, rig.tally)
    uplink = rig.uplink = Uplink(Server("127.0.0.1", broker.port, "local/h1"), report)
    inbox = Inbox(rig.outbox, clock, rig.tally, linger=0.0)
    inbox.on_commit(uplink.wake)
    uplink.listen(lambda _: None, inbox.look)
    try:
        inbox.start()
        inbox.put(Delivery((reading(MONDAY - 7200),)))
        wait_until(lambda: rig.outbox.held == 1)
        uplink.start()
        wait_until(lambda: len(rig.hub.rows) == 1, what="dated by the hub's clock")
        assert rig.hub.statuses[0]["clock"] == "waiting"
        assert abs(next(iter(rig.hub.rows))[2] / 1000 - time.time()) < 30
    finally:
        inbox.close(2)
        rig.close()
