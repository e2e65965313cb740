from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_hub.access.actor import CONTACT, Actor, asked_by
from sensor_hub.access.chronology import Act, ChronologyEntry, entry_of
from sensor_hub.alerts.silence import Silence
from sensor_hub.model.alert import Outcome
from sensor_hub.model.moment import HOUR, iso
from sensor_hub.model.room import Room
from sensor_hub.model.stay import OPEN, Stay
from sensor_hub.watch.items import Acknowledge, Close, EndSilence, Place, SetSilence, TellStay
from sensor_hub.watch.ports import Closing, Taken
from tests.homes import small_home
from tests.watch.test_worker import START, Rig, raise_one

ANNA = Actor("anna@ours", "duty_officer", "ours")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, [small_home()], START)
    yield rig
    rig.stores.database.close()


def entries(rig: Rig) -> list[ChronologyEntry]:
    chronology = rig.stores.chronology
    return [entry_of(row) for tenant in chronology.tenants() for row in chronology.rows(tenant)]


def test_what_people_do_about_an_alert_is_written_once(rig: Rig) -> None:
    alert, home = raise_one(rig), rig.homes[0].id
    rig.stores.tenants.bind(home, "local")
    with asked_by(ANNA):
        first, second = Acknowledge(alert, "Sam"), Acknowledge(alert, "Bo")
    with asked_by(Actor("bo by link", CONTACT)):
        closed = Close(alert, Closing("bo by link", Outcome.TRUE))
    rig.take(first, second, closed)
    assert [item.done.result(0) for item in (first, second, closed)] == [Taken.DONE, Taken.TAKEN, Taken.DONE]
    at = rig.time.now()
    assert entries(rig) == [
        ChronologyEntry(at, "local", "anna@ours", "duty_officer", Act.ACKNOWLEDGED, home, alert, "by Sam"),
        ChronologyEntry(at, "local", "bo by link", CONTACT, Act.CLOSED, home, alert, "true"),
    ]


def test_what_people_say_of_a_home_is_written(rig: Rig) -> None:
    home, at = rig.homes[0].id, rig.time.now()
    silence = Silence("s1", f"{home}*", at, at + HOUR, "anna@ours", "works", frozenset(), "")
    with asked_by(ANNA):
        rig.take(
            Place(home, "pir-9", Room.KITCHEN, "anna@ours"),
            TellStay(home, Stay.ABSENCE, at, OPEN, "anna@ours", True),
            SetSilence(silence),
            EndSilence("s1", "anna@ours"),
            EndSilence("s2", "anna@ours"),
        )
    said = [(each.tenant, each.act, each.home, each.about, each.detail) for each in entries(rig)]
    assert said == [
        ("ours", Act.PLACED, home, "pir-9", "kitchen"),
        ("ours", Act.STAY_TOLD, home, "absence", f"from {iso(at)} until it is told"),
        ("ours", Act.SILENCED, "", "s1", f"{home}*, all but alarms, from {iso(at)} until {iso(at + HOUR)}"),
        ("ours", Act.UNSILENCED, "", "s1", ""),
    ]


def test_what_cannot_be_written_does_not_happen(rig: Rig) -> None:
    alert = raise_one(rig)
    with rig.stores.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE chronology RENAME TO gone")
    item = Acknowledge(alert, "Sam")
    with pytest.raises(Exception, match="chronology"):
        rig.take(item)
    assert not item.done.done()
    assert rig.stores.alerts.owner(alert) is None
