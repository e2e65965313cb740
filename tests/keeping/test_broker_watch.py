"""What somebody tries at the broker that is not theirs is refused there, and stands in the chronology."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sensor_hub.access.chronology import ChronologyEntry, entry_of
from sensor_hub.ingest.broker import EmbeddedBroker
from sensor_hub.ingest.broker_log import LogTail
from sensor_hub.ingest.logins import Login, make_login
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.keeping.broker_watch import BrokerWatch
from sensor_hub.keeping.refusing import MOST_APART, StoredRefusals
from sensor_hub.storage.chronology import ChronologyBook, Wanted
from sensor_hub.storage.database import Database
from sensor_hub.web.refusals import Why
from tests.brokers import free_port, has_mosquitto, start_mosquitto
from tests.ingest.mqtt_probe import gets_in, heard
from tests.ingest.test_logins import check_rights
from tests.waiting import wait_for

NOW = 1_800_000_000.0
TENANTS = {"h1": "local", "h2": "local", "h3": "other"}


@dataclass
class Rig:
    watch: BrokerWatch
    refusals: StoredRefusals
    book: ChronologyBook

    def told(self) -> list[ChronologyEntry]:
        self.watch.turn()
        self.refusals.flush()
        return [entry_of(row) for row in self.book.newest(Wanted(), limit=1000)]


def rig_of(database: Database, file: Path, *, is_ours: bool = True) -> Rig:
    database.open()
    book = ChronologyBook(database)
    refusals = StoredRefusals(book, lambda: NOW)
    return Rig(BrokerWatch(LogTail(file, is_ours=is_ours), refusals, lambda: TENANTS), refusals, book)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "hub.db")
    yield database
    database.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[EmbeddedBroker, BrokerAddress]]:
    broker = EmbeddedBroker(tmp_path / "broker", free_port(), ["local/h1"])
    yield broker, broker.start()
    broker.stop()


def test_another_homes_topics_and_every_login_that_is_void_are_refused_and_noted(
    broker: tuple[EmbeddedBroker, BrokerAddress], database: Database
) -> None:
    embedded, address = broker
    rig = rig_of(database, embedded.log_file)
    first, login = make_login("local", "h1"), make_login("local", "h1")
    embedded.admit(first)
    wait_for(lambda: gets_in(address, first))
    embedded.admit(login)
    wait_for(lambda: gets_in(address, login))
    assert not gets_in(address, first), "a password that was replaced"
    assert not gets_in(address, Login("local/h1", "forged"))
    assert not gets_in(address, Login("other/h3", login.password)), "another gateway's password"
    assert not gets_in(address, Login("a stranger", "x"))
    check_rights(address, login, "h1", "h2")
    for topic in ("care/1/other/h3/settings", "care/1/local/+/settings", "#"):
        assert heard(address, login, topic, within=0.2) is None

    wait_for(lambda: {Why.UNKNOWN, Why.NOT_ITS_TOPIC} <= {why for _, why in turned(rig)})
    told = rig.told()
    assert {entry.act for entry in told} == {"refused"}
    seen = {(entry.tenant, entry.who, entry.home, entry.about) for entry in told}
    assert ("local", "local/h1", "h1", "login the broker") in seen
    assert ("other", "other/h3", "h3", "login the broker") in seen
    assert ("", "", "", "login the broker") in seen
    assert any(tenant == "local" and home == "h2" and "care/1/local/h2/" in what for tenant, _, home, what in seen)
    assert any(tenant == "other" and what == "subscribe care/1/other/h3/settings" for tenant, _, _, what in seen)
    assert all("stranger" not in entry.detail + entry.about for entry in told)

    embedded.dismiss(login.user)
    wait_for(lambda: not gets_in(address, login))
    before = rig.refusals.totals["broker", Why.UNKNOWN]
    wait_for(lambda: turned(rig)["broker", Why.UNKNOWN] > before)


def turned(rig: Rig) -> dict[tuple[str, Why], int]:
    rig.watch.turn()
    return rig.refusals.totals


@pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")
def test_mosquittos_log_tells_it_too_with_the_rules_that_are_shipped(tmp_path: Path, database: Database) -> None:
    rules = (Path(__file__).parents[2] / "deploy" / "mosquitto" / "acl").read_text().splitlines()
    users = {"hub": "right", "local/h1": "its own"}
    broker = start_mosquitto(tmp_path / "m", users=users, acl=rules, settings=["log_type all"])
    try:
        rig = rig_of(database, tmp_path / "m" / "broker.log", is_ours=False)
        rig.watch.turn()
        address = BrokerAddress("127.0.0.1", broker.port, "hub", "right")
        assert not gets_in(address, Login("local/h1", "forged"))
        check_rights(address, Login("local/h1", "its own"), "h1", "h2")
        wait_for(lambda: {Why.UNKNOWN, Why.NOT_ITS_TOPIC} <= {why for _, why in turned(rig)})
    finally:
        broker.stop()
    about = {(entry.tenant, entry.home, entry.about) for entry in rig.told()}
    assert ("", "", "login the broker") in about
    assert ("local", "h2", "publish care/1/local/h2/readings") in about


def test_a_flood_is_few_entries_and_a_short_log(tmp_path: Path, database: Database) -> None:
    file = tmp_path / "broker.log"
    rig = rig_of(database, file)
    line = '[1] d t [ERR] {address}:1 - mid:6 - "{name}" - authentication error - User "{name}"\n'
    with file.open("a") as out:
        for number in range(20_000):
            address = f"192.0.{number % 256}.{number % 250}"
            out.write(line.format(address=address, name=f"local/no-{number}"))
        out.flush()
        told = rig.told()
        assert len(told) <= MOST_APART + 1
        assert rig.refusals.totals == {("broker", Why.UNKNOWN): 20_000}
        assert file.stat().st_size == 0
