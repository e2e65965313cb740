"""Codes, passwords and settings of gateways, by whatever way somebody asks: one code path, each act written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest

from sensor_hub.access.actor import Actor, asked_by
from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.act_notes import note_act
from sensor_hub.config.broker_settings import GatewayAccess
from sensor_hub.desk.gateways import NEAR, GatewayMeans, StoredGateways
from sensor_hub.desk.joins import admitting
from sensor_hub.desk.rotations import Means, Rotations
from sensor_hub.ingest.logins import Login
from sensor_hub.ingest.rotation import Patience, Rotated, Talk
from sensor_hub.ingest.settings_down import SettingsDown
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import Status
from sensor_hub.storage.join_codes import JoinedGateway
from sensor_hub.storage.stores import SqlStores
from sensor_hub.watch.downlink_ports import DevicesStand
from sensor_hub.web.gateway_ports import Change, CodeState, GatewayError, SettingsRow
from sensor_hub.web.ports import Answer
from tests.storage.stores import open_fresh
from tests.waiting import wait_for

T = 1767605000.0
TOM = Actor("tom@ours", "technician", "ours")


@dataclass
class Door:
    """The broker's passwords."""

    logins: dict[str, str] = field(default_factory=dict)
    is_shut: bool = False

    def admit(self, login: Login) -> None:
        self.logins[login.user] = login.password

    def dismiss(self, user: str) -> None:
        if self.is_shut:
            raise InputError("cannot be used", where="passwords", expected="a file")
        self.logins.pop(user, None)


class Conversation(Talk):
    """A gateway at the other end, which keeps every new password, or says nothing."""

    def __init__(self, *, answers: bool) -> None:
        super().__init__(BrokerAddress("broker.invalid", 1883), "ours", "h1")
        self.answers = answers
        self.said: list[dict[str, object]] = []
        self.meanwhile: Callable[[], object] = lambda: None
        """Happens before the gateway answers that it keeps a new password."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def say(self, values: object) -> None:
        assert isinstance(values, dict)
        self.said.append(values)
        if "password" in values:
            self.meanwhile()
        if self.answers:
            word, version = ("kept", values["version"]) if "password" in values else ("in use", values["version"] - 1)
            self.applied = {"version": values["version"], "refused": {}, "password": f"{word} {version}"}


@dataclass
class Shed:
    """The hub's side of one gateway."""

    stores: SqlStores
    door: Door
    down: SettingsDown
    rotations: Rotations
    gateways: StoredGateways
    talk: Conversation
    sent: list[dict[str, object]]

    def noted(self) -> list[tuple[str, str, str, str]]:
        rows = map(entry_of, self.stores.chronology.rows("ours"))
        return [(each.who, each.act, each.about, each.detail) for each in rows]


@pytest.fixture
def shed(tmp_path: Path) -> Iterator[Shed]:
    stores, door, talk = open_fresh(tmp_path), Door({"ours/h1": "old"}), Conversation(answers=True)
    stores.tenants.give("h1", "ours")
    sent: list[dict[str, object]] = []

    def publish(_topic: str, payload: bytes) -> None:
        sent.append(json.loads(payload))
        down.hear("ours", "h1", payload)

    def note(home: str, words: str, actor: Actor) -> None:
        note_act(stores.database, Act.GATEWAY_ROTATED, T, actor=actor, home=home, detail=words)

    down = SettingsDown(stores.gateway_settings, publish)

    def admit(home: str) -> Callable[[Login], None]:
        return admitting(stores.join_codes, lambda: door, home)

    rotations = Rotations(Means(lambda _: talk, admit, note, lambda: T), Patience(30, 30))
    access = GatewayAccess("127.0.0.1", 1883, False)
    means = GatewayMeans(lambda: door, access, "http://hub", True, lambda _: "ours", lambda: T)
    yield Shed(stores, door, down, rotations, StoredGateways(stores, means, down, rotations), talk, sent)
    rotations.stop(5)
    stores.database.close()


def test_a_code_is_made_and_withdrawn(shed: Shed) -> None:
    with asked_by(TOM):
        made = shed.gateways.make_code("h1")
        assert (made.text.replace("-", "")[:3], made.hint) == (made.row.mark, NEAR)
        assert [each.state for each in shed.gateways.codes("h1")] == [CodeState.OPEN]
        assert not shed.gateways.withdraw_code("h2", made.row.mark)
        assert shed.gateways.withdraw_code("h1", made.row.mark)
    assert shed.gateways.codes("h1") == []
    assert shed.noted() == [
        ("tom@ours", Act.GATEWAY_CODE_MADE, "", ""),
        ("tom@ours", Act.GATEWAY_CODE_WITHDRAWN, made.row.mark, ""),
    ]
    assert made.text not in str(shed.noted())
    assert made.text not in repr(made)


def test_a_gateway_is_shut_out(shed: Shed) -> None:
    shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T, "1"))
    assert shed.gateways.of(["h1", "h2"])["h1"].joined_at == T
    with asked_by(TOM):
        assert shed.gateways.remove("h1") is Answer.DONE
        assert shed.gateways.remove("h1") is Answer.UNKNOWN
    assert shed.door.logins == {}
    assert shed.stores.tenants.of("h1") == "ours", "whose the home is stays"
    assert shed.noted() == [("tom@ours", Act.GATEWAY_REMOVED, "", "")]
    shed.door.is_shut = True
    with pytest.raises(GatewayError, match="cannot be used"):
        shed.gateways.remove("h1")


def test_a_gateway_that_joined_since_is_not_shut_out_for_the_one_before(shed: Shed) -> None:
    shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T, "1"))
    seen = shed.gateways.of(["h1"])["h1"].version
    shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T + 1, "1"))
    assert shed.gateways.remove("h1", version=seen) is Answer.STALE
    assert shed.door.logins == {"ours/h1": "old"}
    assert shed.gateways.remove("h1", version=shed.gateways.of(["h1"])["h1"].version) is Answer.DONE
    assert shed.door.logins == {}


def test_a_password_is_exchanged_and_who_asked_is_written_down(shed: Shed) -> None:
    with asked_by(TOM):
        assert shed.gateways.rotate("h1")
    wait_for(lambda: (last := shed.rotations.last("h1")) is not None and last.is_over)
    last = shed.gateways.of(["h1"])["h1"].rotation
    assert last is not None
    assert last.words == Rotated.DONE.value
    assert shed.noted() == [("tom@ours", Act.GATEWAY_ROTATED, "", Rotated.DONE.value)]
    new = shed.door.logins["ours/h1"]
    assert new != "old"
    assert new not in str(shed.noted()) + last.words
    assert "password" not in shed.talk.said[-1]


def test_no_exchange_lets_a_gateway_back_in_that_was_shut_out_meanwhile(shed: Shed) -> None:
    shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T, "1"))
    shed.talk.meanwhile = lambda: shed.gateways.remove("h1")
    assert "shut out" in _exchanged(shed)
    assert shed.door.logins == {}
    assert ["password" in each for each in shed.talk.said] == [True, False]


def test_no_exchange_voids_the_password_of_a_gateway_that_joined_meanwhile(shed: Shed) -> None:
    def join() -> None:
        shed.door.admit(Login("ours/h1", "of the next one"))
        shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T + 1, "1"))

    shed.stores.join_codes.note_joined(JoinedGateway("h1", "ours/h1", T, "1"))
    shed.talk.meanwhile = join
    assert "joined" in _exchanged(shed)
    assert shed.door.logins == {"ours/h1": "of the next one"}


def _exchanged(shed: Shed) -> str:
    """What became of an exchange."""
    assert shed.gateways.rotate("h1")
    wait_for(lambda: (last := shed.rotations.last("h1")) is not None and last.is_over)
    last = shed.rotations.last("h1")
    assert last is not None
    return last.words


def test_a_hub_that_stops_takes_the_password_back(shed: Shed) -> None:
    shed.talk.answers = False
    assert shed.gateways.rotate("h1")
    wait_for(lambda: bool(shed.talk.said))
    assert not shed.gateways.rotate("h1")
    shed.rotations.stop(10)
    assert ["password" in each for each in shed.talk.said] == [True, False]
    assert shed.door.logins == {"ours/h1": "old"}
    assert not shed.gateways.rotate("h1")


def test_settings_go_down_beside_those_of_the_hub(shed: Shed) -> None:
    shed.down.hear("ours", "h1", b"")
    shed.down.tell("ours", "h1", DevicesStand({}, gone={"m9": T}), applied=0)
    version = shed.gateways.settings("h1").version
    with asked_by(TOM):
        assert shed.gateways.change_settings("h1", {"commit_every": 5, "scope": ["motion"]}, version) is Change.DONE
        assert shed.gateways.change_settings("h1", {"commit_every": 6}, version) is Change.STALE
    assert shed.sent[-1].keys() == {"version", "commit_every", "scope", "rooms", "gone"}
    status = Status("online", "b1", "1", T, settings={"version": version + 1, "refused": {"scope": "why not"}})
    shed.stores.gateways.told("h1", T, status)
    own = {key: shed.sent[-1][key] for key in ("rooms", "gone")}
    wanted = {"commit_every": 5, "scope": ["motion"]}
    assert shed.gateways.settings("h1") == SettingsRow(version + 1, wanted, own, version + 1, {"scope": "why not"})
    assert shed.noted() == [("tom@ours", Act.GATEWAY_SET, f"version {version + 1}", "commit_every, scope")]


def test_settings_that_cannot_be_sent(shed: Shed) -> None:
    shed.down.hear("ours", "h1", b'{"version": 3, "scope": ["motion"]}')
    for wrong in ({"rooms": {}}, {"password": "x"}, {"version": 4}, {"scope": ["motion"]}):
        with pytest.raises(GatewayError, match="not set here"):
            shed.gateways.change_settings("h1", wrong, 3)
    with pytest.raises(GatewayError, match="65536"):
        shed.gateways.change_settings("h1", {"alone": "x" * 70_000}, 3)
    shed.down.hear("ours", "h1", b'{"version": 4, "password": "secret"}')
    assert shed.gateways.change_settings("h1", {}, 4) is Change.BUSY
    assert "secret" not in str(shed.gateways.settings("h1"))
