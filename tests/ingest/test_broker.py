from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.ingest import broker as broker_module
from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.uplink import Uplink
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import Stored
from sensor_hub.watch.items import BatchCame, Item
from tests.brokers import free_port, has_mosquitto
from tests.ingest.gateway_client import GatewayClient
from tests.ingest.test_uplink import BATCH, T, encode_batch
from tests.waiting import wait_for

PROGRAMS = [
    "nats-server",
    pytest.param("mosquitto", marks=pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")),
]


@pytest.fixture(params=PROGRAMS)
def broker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedBroker]:
    found = broker_module.find_program
    monkeypatch.setattr(broker_module, "find_program", lambda name: found(name) if name == request.param else None)
    broker = EmbeddedBroker(tmp_path / "broker", free_port(), ["local/h1"])
    yield broker
    broker.stop()


def credentials(broker: EmbeddedBroker) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = json.loads((broker.folder / "credentials.json").read_text())
    return kept


@pytest.mark.parametrize("user", ["gateway", "local/h1"])
def test_a_gateway_gets_in_with_the_credentials_and_is_answered(broker: EmbeddedBroker, user: str) -> None:
    items: list[Item] = []
    uplink = Uplink(broker.start(), lambda item: items.append(item) is None)
    uplink.start()
    wait_for(lambda: uplink.is_connected)
    gateway = GatewayClient(broker.port, "local", "h1", (user, credentials(broker)["gateway"]["password"]))
    gateway.start()
    gateway.publish_until("readings", encode_batch(BATCH), lambda: bool(items))
    assert isinstance(items[0], BatchCame)
    items[0].reply(Stored("s1", 1, T))
    wait_for(lambda: Stored("s1", 1, T) in gateway.answers)
    gateway.stop()
    uplink.stop()


def test_secrets_are_for_the_hubs_user_only_and_stay_the_same(broker: EmbeddedBroker) -> None:
    broker.start()
    before = credentials(broker)
    for name in ("credentials.json", "nats.json", "passwd"):
        path = broker.folder / name
        if path.exists():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    broker.stop()
    again = EmbeddedBroker(broker.folder, broker.port)
    again.start()
    assert credentials(again) == before
    again.stop()


def test_a_broker_that_dies_is_started_again(broker: EmbeddedBroker) -> None:
    broker.start()
    dead = int((broker.folder / "pid").read_text())
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: int((broker.folder / "pid").read_text() or dead) != dead)


def test_the_broker_that_a_killed_hub_left_is_ended(broker: EmbeddedBroker) -> None:
    broker.start()
    left = int((broker.folder / "pid").read_text())
    broker._stopping.set()  # as if nobody kept it any more
    after = EmbeddedBroker(broker.folder, broker.port)
    after.start()
    assert int((broker.folder / "pid").read_text()) != left
    after.stop()


def test_a_port_that_another_program_has_is_told_in_one_line(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.start()
    with pytest.raises(InputError, match="is taken by another program"):
        EmbeddedBroker(tmp_path / "other", broker.port).start()
