"""A home's gateway gets a new password without a visit, whatever is killed meanwhile, or keeps its old one."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.join import join
from sensor_hub.desk.joins import Door
from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.logins import Login, MosquittoPasswords, make_login
from sensor_hub.ingest.rotation import Patience, Rotated, Talk, rotate
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.problem import InputError
from tests.brokers import free_port, has_mosquitto, start_mosquitto
from tests.gateway.builders import Gateway
from tests.hub_program import HubProgram
from tests.ingest.mqtt_probe import gets_in, heard
from tests.test_joining import HOME, hub, make_code, url
from tests.waiting import wait_for

__all__ = ["hub"]
ROOT = Path(__file__).parents[1]
SETTINGS = "care/1/local/h1/settings"
HASTE = Patience(keeps=40, comes_back=40)


@dataclass
class Place:
    """A broker, the file of its passwords and a home's gateway that is known there."""

    address: BrokerAddress
    door: Door
    gateway: Gateway
    old: Login

    def rotate(self, admit: Callable[[Login], None] | None = None, patience: Patience = HASTE) -> Rotated:
        with Talk(self.address, "local", "h1") as talk:
            return rotate(talk, admit or self.door.admit, patience)

    def password(self) -> str:
        return (self.gateway.folder / "hub.password").read_text().strip()

    def settings(self) -> dict[str, object]:
        return json.loads(self._heard(SETTINGS, within=20.0))

    def is_online(self) -> bool:
        return json.loads(self._heard("care/1/local/h1/status", within=2.0)).get("state") == "online"

    def _heard(self, topic: str, within: float) -> bytes:
        return heard(self.address, Login(self.address.username, self.address.password), topic, within) or b"{}"

    def check_rotated(self) -> None:
        new = self.password()
        assert new != self.old.password
        assert gets_in(self.address, Login(self.old.user, new))
        assert not gets_in(self.address, self.old)
        assert "password" not in self.settings()
        # The file is changed before what was kept beside it goes.
        for name in ("settings.json", "hub.password.next"):
            kept = self.gateway.folder / "gateway-data" / name
            wait_for(lambda kept=kept: new not in kept.read_text(), what=f"{name} without the password")  # type: ignore[misc]
        wait_for(self.is_online)

    def check_unchanged(self) -> None:
        wait_for(lambda: "password" not in self.settings())
        assert self.password() == self.old.password
        assert gets_in(self.address, self.old)


@pytest.fixture(
    params=[
        "nats",
        pytest.param("mosquitto", marks=pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    old = make_login("local", "h1")
    door: Door
    if request.param == "nats":
        embedded = EmbeddedBroker(tmp_path / "broker", free_port())
        address, door, stop = embedded.start(), embedded, embedded.stop
    else:
        folder = tmp_path / "broker"
        rules = (ROOT / "deploy" / "mosquitto" / "acl").read_text().splitlines()
        broker = start_mosquitto(folder, users={"hub": "right"}, acl=rules, settings=[f"pid_file {folder / 'pid'}"])
        address, stop = BrokerAddress("127.0.0.1", broker.port, "hub", "right"), broker.stop
        door = MosquittoPasswords(folder / "passwd", folder / "pid")
    door.admit(old)
    wait_for(lambda: gets_in(address, old))
    text = f'home = "h1"\n[hub]\nhost = "127.0.0.1"\nport = {address.port}\npassword_file = "hub.password"\n'
    gateway = Gateway(tmp_path / "gateway", text)
    (gateway.folder / "hub.password").write_text(old.password + "\n")
    place = Place(address, door, gateway, old)
    yield place
    if gateway.process is not None and gateway.process.poll() is None:
        gateway.kill()
    stop()


def test_a_running_gateway_changes_over(place: Place) -> None:
    with Talk(place.address, "local", "h1") as talk:
        talk.say({"version": 7, "commit_every": 2})
    place.gateway.start()
    wait_for(place.is_online)
    assert place.rotate() is Rotated.DONE, place.gateway.log()
    place.check_rotated()
    assert place.settings() == {"version": 9, "commit_every": 2}
    assert place.rotate() is Rotated.DONE, "and again"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_gateway_that_is_killed_as_the_broker_changes_over_comes_back_with_the_new_one(
    place: Place, when: str
) -> None:
    place.gateway.start()

    def admit(login: Login) -> None:
        if when == "before":
            place.gateway.kill()
        place.door.admit(login)
        if when == "after":
            place.gateway.kill()
        place.gateway.start()

    assert place.rotate(admit) is Rotated.DONE, place.gateway.log()
    place.check_rotated()


def test_a_gateway_that_comes_late_and_one_that_comes_back_later(place: Place) -> None:
    timer = threading.Timer(2.0, place.gateway.start)
    timer.start()

    def admit(login: Login) -> None:
        place.gateway.kill()
        place.door.admit(login)

    assert place.rotate(admit, Patience(keeps=40, comes_back=0.5)) is Rotated.AWAY
    assert "password" not in place.settings()
    place.gateway.start()
    wait_for(lambda: place.password() != place.old.password)
    place.check_rotated()


def test_killed_at_random_instants_it_ends_with_one_password_that_works(place: Place) -> None:
    place.gateway.start()
    is_over = threading.Event()
    outcomes: list[Rotated] = []

    def run() -> None:
        outcomes.append(place.rotate())
        is_over.set()

    thread = threading.Thread(target=run)
    thread.start()
    chance = random.Random(5)
    for _ in range(8):
        if is_over.wait(chance.uniform(0.1, 1.2)):
            break
        place.gateway.kill()
        place.gateway.start()
    thread.join(90)
    assert outcomes == [Rotated.DONE], place.gateway.log()
    place.check_rotated()


def test_without_an_answer_it_is_abandoned_and_the_old_one_stays(place: Place) -> None:
    assert place.rotate(patience=Patience(keeps=1)) is Rotated.SILENT
    place.check_unchanged()
    place.gateway.start()
    wait_for(place.is_online)


def test_where_the_file_cannot_be_changed_the_gateway_returns_to_the_old_one(place: Place) -> None:
    place.gateway.start()

    def refuse(_login: Login) -> None:
        raise InputError("cannot be used", where="passwd", expected="a file")

    with pytest.raises(InputError, match="cannot be used"):
        place.rotate(refuse)
    place.check_unchanged()
    # The broker keeps its earlier status: that says nothing of now.
    wait_for(lambda: "connected after" in place.gateway.log(), what="the gateway's return")
    wait_for(place.is_online)
    assert place.rotate() is Rotated.DONE, "what it kept of the first does not stand in the way"
    place.check_rotated()


def test_a_gateway_that_does_not_know_how_keeps_its_old_one(place: Place) -> None:
    with Talk(place.address, "local", "h1") as talk:
        threading.Thread(target=_answer, args=(talk,), daemon=True).start()
        assert rotate(talk, place.door.admit, Patience(keeps=20)) is Rotated.REFUSED
    place.check_unchanged()


def _answer(talk: Talk) -> None:
    """As a gateway of an older version would, once it hears the password."""
    wait_for(lambda: "password" in talk.settings)
    status = {"state": "online", "settings": {"version": talk.settings["version"], "refused": {"password": "unknown"}}}
    talk._client.publish("care/1/local/h1/status", json.dumps(status), qos=1, retain=True)


def test_the_command_rotates_and_says_so(hub: HubProgram, tmp_path: Path) -> None:
    config = tmp_path / "box" / "gateway.toml"
    assert join([make_code(hub), "--hub", url(hub), "--config", str(config)]) == 0
    gateway = Gateway(config.parent, config.read_text())
    done = hub.command("gateway", "rotate", HOME, "--within", "0.02")
    assert (done.returncode, done.stderr) == (1, "")
    assert "abandoned, the old password stays" in done.stdout
    gateway.start()
    try:
        done = hub.command("gateway", "rotate", HOME, "--within", "0.5")
        assert (done.returncode, done.stderr) == (0, ""), gateway.log()
        assert f"{HOME}: the gateway uses its new password" in done.stdout
    finally:
        assert gateway.stop() == 0
