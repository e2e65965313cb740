from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sensor_hub.access.actor import Actor
from sensor_hub.access.chronology import Act, ChronologyEntry, View, entry_of
from sensor_hub.desk.viewing import ONCE_IN, StoredViews
from sensor_hub.model.moment import MINUTE
from sensor_hub.web.witness import Seen, UnwrittenError
from tests.storage.stores import open_fresh
from tests.storage.test_alert_book import RAISED

T = 1_767_605_000.0
ANNA = Actor("anna@ours", "duty_officer", "ours")
ROOT = Actor("root", "administrator")


@dataclass
class Rig:
    folder: Path
    wall: float = 0.0

    def __post_init__(self) -> None:
        self.stores = open_fresh(self.folder)
        self.views = StoredViews(self.stores, lambda: T, lambda: self.wall)
        self.stores.tenants.bind("flat-1", "ours")
        self.stores.tenants.bind("flat-2", "ours")
        self.stores.tenants.bind("flat-3", "theirs")

    def entries(self) -> list[ChronologyEntry]:
        book = self.stores.chronology
        return [entry_of(row) for tenant in book.tenants() for row in book.rows(tenant)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.stores.database.close()


def test_a_page_that_refreshes_itself_makes_one_entry_in_a_while(rig: Rig) -> None:
    for second in range(0, int(2 * ONCE_IN), 5):
        rig.wall = second
        rig.views.note(ANNA, Seen(View.HOME, "flat-1"))
    assert len(rig.entries()) == 2
    assert rig.entries()[0] == ChronologyEntry(T, "ours", "anna@ours", "duty_officer", Act.SAW, "flat-1", "", View.HOME)
    for other in (Seen(View.CHART, "flat-1"), Seen(View.HOME, "flat-2")):
        rig.views.note(ANNA, other)
    rig.views.note(ROOT, Seen(View.HOME, "flat-1"))
    assert len(rig.entries()) == 5


def test_a_clock_that_was_set_back_hides_nothing(rig: Rig) -> None:
    rig.wall = 100 * MINUTE
    rig.views.note(ANNA, Seen(View.HOME, "flat-1"))
    rig.wall = 10 * MINUTE
    rig.views.note(ANNA, Seen(View.HOME, "flat-1"))
    assert len(rig.entries()) == 2


def test_an_entry_belongs_to_whose_the_home_is(rig: Rig) -> None:
    rig.stores.alerts.record(RAISED)
    rig.stores.tenants.bind(RAISED.home, "theirs")
    rig.views.note(ROOT, Seen(View.ALERT, alert=RAISED.id))
    rig.views.note(ROOT, Seen(View.HOME, "flat-9"))
    said = [(each.tenant, each.home, each.about, each.detail) for each in rig.entries()]
    assert said == [("", "flat-9", "", "home"), ("theirs", RAISED.home, RAISED.id, "alert")]


def test_a_page_about_many_homes_is_told_to_each_whose_they_are(rig: Rig) -> None:
    rig.views.note(ANNA, Seen(View.ALERTS))
    rig.views.note(ROOT, Seen(View.HOMES))
    assert [(each.tenant, each.who) for each in rig.entries()] == [
        ("ours", "anna@ours"),
        ("ours", "root"),
        ("theirs", "root"),
    ]


def test_what_cannot_be_written_is_said_and_tried_again(rig: Rig) -> None:
    with rig.stores.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE chronology RENAME TO gone")
    for _ in range(2):
        with pytest.raises(UnwrittenError):
            rig.views.note(ANNA, Seen(View.HOME, "flat-1"))
    with rig.stores.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO chronology")
    rig.views.note(ANNA, Seen(View.HOME, "flat-1"))
    assert len(rig.entries()) == 1
