"""The rooms in a gateway's settings are the hub's, and the rest stays as somebody has sent it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from sensor_hub.ingest import settings_down
from sensor_hub.ingest.settings_down import Changed, SettingsDown
from sensor_hub.model.room import Placed, Room
from sensor_hub.watch.downlink_ports import DevicesStand
from tests.waiting import wait_for

AT = 1767605000.0
ROOMS = {"0x1": Placed(Room.HALL, AT)}
SAID = {"0x1": {"room": "hall", "at": "2026-01-05T09:23:20Z"}}


class Kept:
    def __init__(self) -> None:
        self.settings: dict[str, Mapping[str, object]] = {}

    def of(self, gateway: str) -> Mapping[str, object]:
        return self.settings.get(gateway, {})

    def keep(self, gateway: str, settings: Mapping[str, object]) -> None:
        self.settings[gateway] = settings


class Rig:
    """A broker that keeps what it is given and shows it again."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.sent: list[dict[str, object]] = []
        self.down = SettingsDown(self.kept, self._publish)

    def _publish(self, name: str, payload: bytes) -> None:
        assert name == "care/1/local/h1/settings"
        self.sent.append(json.loads(payload))
        self.down.hear("local", "h1", payload)

    def hear(self, values: Mapping[str, object]) -> None:
        self.down.hear("local", "h1", json.dumps(values).encode())

    def tell(
        self, *, applied: int = 0, pets: tuple[str, ...] = (), gone: Mapping[str, float] = MappingProxyType({})
    ) -> None:
        self.down.tell("local", "h1", DevicesStand(ROOMS, pets, gone=gone), applied=applied)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(settings_down, "SETTLES_WITHIN", 0.05)
    rig = Rig()
    yield rig
    rig.down.stop()


def test_the_rooms_go_into_what_the_broker_keeps_once(rig: Rig) -> None:
    rig.hear({"version": 3, "alone": {"after_minutes": 30, "rules": {}}})
    rig.tell()
    rig.tell()
    assert rig.sent == [{"version": 4, "alone": {"after_minutes": 30, "rules": {}}, "rooms": SAID}]


def test_pets_go_with_the_rooms_and_out_again(rig: Rig) -> None:
    rig.hear({"version": 3, "rooms": SAID, "scope": ["motion"]})
    for _ in range(2):
        rig.tell(pets=("0x1",))
    assert rig.sent == [{"version": 4, "scope": ["motion"], "rooms": SAID, "pets": ["0x1"]}]
    for _ in range(2):
        rig.tell()
    assert rig.sent[1:] == [{"version": 5, "scope": ["motion"], "rooms": SAID}]


def test_devices_that_are_gone_are_named_until_they_stand_again(rig: Rig) -> None:
    rig.hear({"version": 3, "rooms": SAID})
    for _ in range(2):
        rig.tell(gone={"0x9": 1767605000.0})
    assert rig.sent == [{"version": 4, "rooms": SAID, "gone": {"0x9": "2026-01-05T09:23:20Z"}}]
    rig.tell()
    assert rig.sent[1:] == [{"version": 5, "rooms": SAID}]


def test_nothing_is_sent_before_it_is_known_what_the_broker_keeps(rig: Rig) -> None:
    rig.tell()
    rig.down.connected()
    rig.tell(applied=6)
    assert rig.sent == []
    wait_for(lambda: bool(rig.sent))
    assert rig.sent == [{"version": 7, "rooms": SAID}]


def test_a_broker_that_lost_the_settings_gets_them_again_whole(rig: Rig) -> None:
    rig.hear({"version": 3, "scope": ["motion"]})
    rig.down.connected()
    rig.tell(applied=3)
    wait_for(lambda: bool(rig.sent))
    assert rig.sent == [{"version": 4, "scope": ["motion"], "rooms": SAID}]


def test_settings_that_somebody_sends_keep_their_content_and_get_the_rooms(rig: Rig) -> None:
    rig.hear({"version": 5})
    rig.tell()
    rig.hear({"version": 2, "scope": ["motion"]})
    assert rig.sent[-1] == {"version": 3, "scope": ["motion"], "rooms": SAID}
    rig.tell(applied=6)
    assert rig.sent[-1] == {"version": 7, "scope": ["motion"], "rooms": SAID}, "newer than what the gateway follows"


def test_settings_with_a_password_are_left_to_who_sent_them_and_it_is_not_kept(rig: Rig) -> None:
    rig.hear({"version": 5, "password": "a new one"})
    rig.tell()
    assert rig.sent == []
    assert rig.kept.of("local/h1") == {"version": 5}
    rig.hear({"version": 6})
    assert rig.sent == [{"version": 7, "rooms": SAID}]


def test_another_tenants_home_of_the_same_name_is_another_home(rig: Rig) -> None:
    rig.hear({"version": 5, "rooms": SAID})
    rig.down.hear("other", "h1", b'{"version": 9, "scope": []}')
    rig.tell()
    assert rig.sent == []


def test_a_password_that_nobody_exchanges_any_more_is_taken_out(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_down, "ABANDONED_AFTER", 0.05)
    rig.hear({"version": 3, "rooms": SAID})
    rig.tell()
    rig.hear({"version": 4, "rooms": SAID, "password": "secret word"})
    wait_for(lambda: bool(rig.sent))
    assert rig.sent == [{"version": 5, "rooms": SAID}]
    assert rig.down.change("local", "h1", {"commit_every": 5}, 5) is Changed.DONE
    assert rig.sent[1:] == [{"version": 6, "commit_every": 5, "rooms": SAID}]
