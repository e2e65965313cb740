"""Passwords in files as real brokers read them, and what each lets a gateway do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.downlink import publish_settings, read_gateway_settings
from sensor_hub.ingest.logins import Login, MosquittoPasswords, make_login
from sensor_hub.ingest.uplink import BrokerAddress, Uplink
from sensor_hub.model.problem import InputError
from sensor_hub.watch.items import BatchCame, Item
from tests.brokers import Broker, free_port, has_mosquitto, start_mosquitto
from tests.ingest.gateway_client import GatewayClient
from tests.ingest.mqtt_probe import gets_in, heard
from tests.ingest.test_broker import broker as embedded_broker  # noqa: F401 - a fixture, once for each program
from tests.ingest.test_uplink import BATCH, encode_batch
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
needs_mosquitto = pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    """With the rules that are shipped."""
    rules = (ROOT / "deploy" / "mosquitto" / "acl").read_text().splitlines()
    broker = start_mosquitto(
        tmp_path / "mosquitto",
        users={"hub": "right"},
        acl=rules,
        settings=[f"pid_file {tmp_path / 'mosquitto' / 'pid'}"],
    )
    yield broker
    broker.stop()


def stored_homes(items: list[Item]) -> list[str]:
    return [item.home for item in items if isinstance(item, BatchCame)]


def check_rights(address: BrokerAddress, login: Login, own: str, other: str) -> None:
    """The gateway `login` reaches the hub for its own home, and cannot write or hear another's."""
    items: list[Item] = []
    uplink = Uplink(address, lambda item: items.append(item) is None)
    uplink.start()
    wait_for(lambda: uplink.is_connected)
    pair = (login.user, login.password)
    intruder = GatewayClient(address.port, "local", other, pair)
    intruder._client.connect_async("127.0.0.1", address.port)
    intruder._client.loop_start()
    wait_for(intruder._client.is_connected)
    gateway = GatewayClient(address.port, "local", own, pair)
    gateway.start()
    intruder.publish("readings", encode_batch(BATCH))
    intruder.publish("status", b"{}", retain=True)
    intruder._client.publish(f"care/1/local/{own}/stored", b"{}", qos=1)
    # What the intruder sent came before what the gateway sends now, on a broker that lets it through.
    gateway.publish_until("readings", encode_batch(BATCH), lambda: own in stored_homes(items))
    gateway.settle(lambda: len(items))
    assert set(stored_homes(items)) == {own}
    assert not heard(address, login, f"care/1/local/{other}/settings")
    intruder.stop()
    gateway.stop()
    uplink.stop()


@needs_mosquitto
def test_a_gateway_gets_into_mosquitto_once_it_is_admitted_and_until_it_is_dismissed(
    mosquitto: Broker, tmp_path: Path
) -> None:
    folder = tmp_path / "mosquitto"
    door = MosquittoPasswords(folder / "passwd", folder / "pid")
    login, address = make_login("local", "h1"), BrokerAddress("127.0.0.1", mosquitto.port, "hub", "right")
    assert not gets_in(address, login)
    door.admit(login)
    wait_for(lambda: gets_in(address, login))
    assert gets_in(address, Login("hub", "right"))
    publish_settings(address, "local", "h2", b'{"version":1}')
    check_rights(address, login, "h1", "h2")
    again = make_login("local", "h1")
    door.admit(again)
    wait_for(lambda: gets_in(address, again))
    assert not gets_in(address, login)
    door.dismiss("local/h1")
    wait_for(lambda: not gets_in(address, again))
    assert (folder / "passwd").read_text().count("\n") == 1


def test_the_embedded_broker_holds_a_gateway_that_joined_to_its_own_home(embedded_broker: EmbeddedBroker) -> None:  # noqa: F811
    address = embedded_broker.start()
    beside = EmbeddedBroker(embedded_broker.folder, embedded_broker.port, embedded_broker.gateways)
    assert beside.address() == address
    login = make_login("local", "h1")
    assert not gets_in(address, login)
    beside.admit(login)
    wait_for(lambda: gets_in(address, login))
    publish_settings(address, "local", "h2", b'{"version":1}')
    check_rights(address, login, "h1", "h2")
    embedded_broker.stop()
    after = EmbeddedBroker(embedded_broker.folder, embedded_broker.port)
    after.start()
    assert gets_in(address, login)
    after.dismiss(login.user)
    wait_for(lambda: not gets_in(address, login))
    after.stop()
    assert stat.S_IMODE((after.folder / "gateways.json").stat().st_mode) == 0o600


def test_settings_wait_at_the_broker_for_the_gateway(embedded_broker: EmbeddedBroker) -> None:  # noqa: F811
    address = embedded_broker.start()
    login = make_login("local", "h1")
    embedded_broker.admit(login)
    wait_for(lambda: gets_in(address, login))
    for number in (1, 2):
        publish_settings(address, "local", "h1", f'{{"version":{number}}}'.encode())
    assert heard(address, login, "care/1/local/h1/settings", within=20.0) == b'{"version":2}'


def test_a_broker_that_refuses_the_hub_or_is_not_there_is_one_line(embedded_broker: EmbeddedBroker) -> None:  # noqa: F811
    address = embedded_broker.start()
    with pytest.raises(InputError, match="refuses the hub"):
        publish_settings(BrokerAddress(address.host, address.port, "hub", "wrong"), "local", "h1", b"{}")
    with pytest.raises(InputError, match="cannot be reached"):
        publish_settings(BrokerAddress(address.host, free_port()), "local", "h1", b"{}")
    with pytest.raises(InputError, match="there is none yet"):
        EmbeddedBroker(embedded_broker.folder / "other", 1).address()


def test_settings_in_both_languages_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"version": 2, "sources": [{"kind": "tts"}]}')
    (tmp_path / "s.toml").write_text('version = 2\n[[sources]]\nkind = "tts"\n')
    texts = [read_gateway_settings(tmp_path / name) for name in ("s.json", "s.toml")]
    assert texts == [b'{"version":2,"sources":[{"kind":"tts"}]}'] * 2


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s.json", "{", "cannot be used"),
        ("s.json", "[1]", "version is None"),
        ("s.json", '{"version": 0}', "version is 0"),
        ("s.json", '{"version": true}', "version is True"),
        ("s.json", '{"version": 1, "x": NaN}', "cannot be used"),
        ("s.json", f'{{"version": 1, "x": "{"x" * 70_000}"}}', "holds 7"),
        ("s.toml", "version = 1\nat = 2026-01-05T00:00:00Z", "cannot be used"),
        ("s.toml", "version", "cannot be used"),
        ("none.json", None, "cannot be used"),
    ],
)
def test_settings_that_no_gateway_could_take(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=told):
        read_gateway_settings(tmp_path / name)


def test_a_password_file_that_cannot_be_written_is_told_and_nothing_changes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        MosquittoPasswords(tmp_path / "nowhere" / "passwd").admit(Login("local/h1", "x"))
    with pytest.raises(InputError, match="cannot be used"):
        MosquittoPasswords(tmp_path / "passwd", tmp_path / "no-pid").admit(Login("local/h1", "x"))
    assert not (tmp_path / "passwd").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_a_command_of_root_writes_belongs_to_the_hub(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 54321)
    MosquittoPasswords(tmp_path / "passwd").admit(Login("local/h1", "x"))
    for name in ("passwd", "passwd.lock"):
        assert ((tmp_path / name).stat().st_uid, (tmp_path / name).stat().st_gid) == (12345, 54321)
    assert stat.S_IMODE((tmp_path / "passwd").stat().st_mode) == 0o640
