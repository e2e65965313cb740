"""The hub's end of the wire at real brokers, with a gateway's client at the other end."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, Status, Stored, encode_batch, encode_status
from sensor_hub.watch.items import BatchCame, Item, StatusCame
from sensor_hub.watch.ports import Rejection
from tests.brokers import Broker, free_port, has_mosquitto, start_mosquitto, start_nats
from tests.ingest.gateway_client import GatewayClient
from tests.waiting import wait_for

T = 1_767_605_000.0
BATCH = Batch("s1", 0, 0, 1, "b1", [Reading(T, "m1", Metric.MOTION, 1.0)])
STATUS = Status("online", "b1", "1.0", T, streams={"s1": 1})
BROKERS = [
    "nats",
    pytest.param("mosquitto", marks=pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")),
]


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    broker = (start_nats if request.param == "nats" else start_mosquitto)(tmp_path / "broker")
    yield broker
    broker.stop()


class Rig:
    def __init__(self, broker: Broker, tenant: str | None = None) -> None:
        self.items: list[Item] = []
        self.has_room = threading.Event()
        self.has_room.set()
        self.uplink = Uplink(BrokerAddress("127.0.0.1", broker.port), self.offer, tenant)
        self.gateway = GatewayClient(broker.port, "local", "h1")

    def offer(self, item: Item) -> bool:
        if not self.has_room.is_set():
            return False
        self.items.append(item)
        return True

    def start(self) -> None:
        self.uplink.start()
        wait_for(lambda: self.uplink.is_connected)
        self.gateway.start()
        # A subscription takes a moment: the first message that comes through says that it holds.
        self.gateway.publish_until("readings", encode_batch(BATCH), lambda: bool(self.items))
        self.gateway.settle(lambda: len(self.items))
        self.items.clear()

    def stop(self) -> None:
        self.gateway.stop()
        self.uplink.stop()


@pytest.fixture
def rig(broker: Broker) -> Iterator[Rig]:
    rig = Rig(broker)
    rig.start()
    yield rig
    rig.stop()


def test_batches_and_statuses_come_in_and_answers_go_back(rig: Rig) -> None:
    rig.gateway.publish("readings", encode_batch(BATCH))
    wait_for(lambda: len(rig.items) == 1)
    rig.gateway.publish("status", encode_status(STATUS))
    wait_for(lambda: len(rig.items) == 2)
    batch, status = rig.items
    assert isinstance(batch, BatchCame)
    assert (batch.home, batch.batch) == ("h1", BATCH)
    assert isinstance(status, StatusCame)
    assert (status.home, status.status) == ("h1", STATUS)
    batch.reply(Stored("s1", 1, T))
    wait_for(lambda: rig.gateway.answers == [Stored("s1", 1, T)])


def test_nonsense_is_handed_over_as_rejected(rig: Rig) -> None:
    rig.gateway.publish("readings", b"\x1f\x8bnonsense")
    rig.gateway.publish("status", b"{}")
    rig.gateway.publish("status", b"")
    wait_for(lambda: len(rig.items) == 2)
    assert [item.rejections[0].what for item in rig.items if isinstance(item, BatchCame)] == ["batch", "status"]


class StumblingListener:
    def connected(self) -> None:
        pass

    def hear(self, tenant: str, home: str, payload: bytes) -> None:
        raise KeyError("rooms")

    def stop(self) -> None:
        pass


def test_a_message_at_which_we_stumble_is_kept_as_rejected_and_the_next_is_taken(rig: Rig) -> None:
    rig.uplink.listen(StumblingListener())
    rig.gateway.publish("settings", b"odd")
    rig.gateway.publish("readings", encode_batch(BATCH))
    wait_for(lambda: len(rig.items) == 2)
    items = [item for item in rig.items if isinstance(item, BatchCame)]
    # A broker keeps the order of each topic only.
    assert [item.rejections for item in items if item.batch is None] == [
        (Rejection("message", "could not be taken (KeyError)", b"odd"),)
    ]
    assert [item.batch for item in items if item.batch is not None] == [BATCH]


def test_what_there_is_no_room_for_is_left_unanswered_and_told_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.has_room.clear()
    for _ in range(5):
        rig.gateway.publish("readings", encode_batch(BATCH))
    wait_for(lambda: rig.uplink.dropped == 5)
    rig.has_room.set()
    rig.gateway.publish("readings", encode_batch(BATCH))
    wait_for(lambda: len(rig.items) == 1)
    assert [record.levelname for record in caplog.records if "left" in record.message] == ["WARNING", "WARNING"]


def test_a_burst_waits_for_room(rig: Rig) -> None:
    rig.has_room.clear()
    for _ in range(50):
        rig.gateway.publish("readings", encode_batch(BATCH))
    rig.has_room.set()
    wait_for(lambda: len(rig.items) == 50)
    assert rig.uplink.dropped == 0


def test_after_a_restart_of_the_broker_it_hears_again(rig: Rig, broker: Broker) -> None:
    broker.kill()
    wait_for(lambda: not rig.uplink.is_connected)
    broker.restart()
    rig.gateway.publish_until("readings", encode_batch(BATCH), lambda: bool(rig.items))


def test_gateways_of_another_tenant_are_rejected_and_not_answered(broker: Broker) -> None:
    rig = Rig(broker, tenant="other")
    rig.start()
    rig.gateway.publish("readings", encode_batch(BATCH))
    wait_for(lambda: len(rig.items) == 1)
    rig.stop()
    (item,) = rig.items
    assert isinstance(item, BatchCame)
    assert item.batch is None
    assert [rejection.reason for rejection in item.rejections] == ["no tenant or home of this hub"]


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")
def test_over_tls_it_believes_the_authority_it_was_given_and_no_other(tmp_path: Path) -> None:
    authority, key, port = tmp_path / "ca.crt", tmp_path / "ca.key", free_port()
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    named = ["-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", *made, *named, "-keyout", key, "-out", authority]
    subprocess.run(command, check=True, capture_output=True)
    secure = [f"listener {port} 127.0.0.1", f"certfile {authority}", f"keyfile {key}"]
    broker = start_mosquitto(tmp_path / "broker", settings=secure)
    uplink = Uplink(BrokerAddress("127.0.0.1", port, has_tls=True, ca=str(authority)), lambda _: True)
    stranger = Uplink(BrokerAddress("127.0.0.1", port, has_tls=True), lambda _: True)
    uplink.start()
    stranger.start()
    wait_for(lambda: uplink.is_connected)
    wait_for(lambda: stranger.failures > 0)
    assert not stranger.is_connected
    uplink.stop()
    stranger.stop()
    broker.stop()
