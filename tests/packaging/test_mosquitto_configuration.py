"""The configuration in deploy/mosquitto, on a real mosquitto with TLS: what a gateway that joined can do with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gateway.join_files import JoinFiles, Place
from gateway.link import Identity, Link
from gateway.settings import read_settings
from sensor_hub.ingest.logins import Login, MosquittoPasswords, make_login
from sensor_hub.ingest.uplink import BrokerAddress
from tests.brokers import Broker, free_port, has_mosquitto, mosquitto_program
from tests.ingest.mqtt_probe import gets_in
from tests.waiting import wait_for

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"
pytestmark = pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")


def make_certificate(folder: Path) -> Path:
    """The broker's, by the authority that we ship; gives the authority's, which gateways trust."""
    program = SHIPPED.parent / "ca" / "hub-ca"
    for words in (["init", folder / "ca"], ["issue", folder / "ca", "localhost"]):
        subprocess.run([program, *words], check=True, capture_output=True)
    for kind in ("crt", "key"):
        (folder / f"hub.{kind}").write_bytes((folder / "ca" / f"localhost.{kind}").read_bytes())
    return folder / "ca" / "ca.crt"


class Use:
    """Of a link: whether it is open."""

    is_open = False

    def prepare(self, client: object) -> None: ...

    def opened(self, client: object) -> None:
        self.is_open = True

    def closed(self) -> None:
        self.is_open = False

    def take(self, line: object, message: object) -> None: ...

    def rest(self) -> None: ...


def test_a_gateway_that_joined_comes_in_by_tls_with_its_password(tmp_path: Path) -> None:
    certificate, (plain, secure) = make_certificate(tmp_path), (free_port(), free_port())
    text = (SHIPPED / "sensor-hub.conf").read_text()
    for there, here in (
        ("/etc/mosquitto/gateways", str(tmp_path)),
        ("/etc/mosquitto/certs", str(tmp_path)),
        ("listener 1883 ", f"listener {plain} "),
        ("listener 8883", f"listener {secure} 127.0.0.1"),
    ):
        assert there in text
        text = text.replace(there, here)
    (tmp_path / "mosquitto.conf").write_text(f"{text}\nuser root\npid_file {tmp_path / 'pid'}\n")
    (tmp_path / "acl").write_text((SHIPPED / "acl").read_text())
    (tmp_path / "acl").chmod(0o600)
    door = MosquittoPasswords(tmp_path / "passwd", tmp_path / "pid")
    MosquittoPasswords(tmp_path / "passwd").admit(Login("hub", "right"))
    broker = Broker([mosquitto_program(), "-c", str(tmp_path / "mosquitto.conf")], plain, tmp_path)
    broker.start()
    try:
        hub = BrokerAddress("127.0.0.1", plain)
        assert gets_in(hub, Login("hub", "right"))
        login = make_login("local", "flat-12")
        door.admit(login)
        wait_for(lambda: gets_in(hub, login))
        box = JoinFiles(tmp_path / "box" / "gateway.toml", None)
        ca = certificate.read_text()
        box.check()
        box.write(Place("local", "flat-12", "localhost", secure, True, login.user, login.password, ca))
        use = Use()
        link = Link(read_settings(box.config).hub, Identity("hub", "local/flat-12", is_lasting=False), use)
        link.start()
        wait_for(lambda: use.is_open)
        link.ask_to_stop()
        link.join(5)
    finally:
        broker.stop()
