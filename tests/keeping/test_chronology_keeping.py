from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sensor_hub.access.chain import Anchor
from sensor_hub.access.chronology import Act, ChronologyEntry, entry_of
from sensor_hub.access.principal import principal
from sensor_hub.access.role import Role
from sensor_hub.config.chronology_settings import ChronologySettings, read_chronology
from sensor_hub.keeping.anchors import AnchorFile
from sensor_hub.keeping.chronology_keeping import ANCHORS_EVERY, ChronologyKeeper
from sensor_hub.keeping.refusing import ELSEWHERE, MOST_AN_HOUR, MOST_APART, StoredRefusals
from sensor_hub.model.moment import DAY, MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.model.table import Table
from sensor_hub.web.refusals import Refused, Why
from tests.access.entries import T, entry
from tests.storage.stores import open_fresh

KIM = principal("kim@ours", "Kim", Role.TECHNICIAN, tenant="ours")
WRONG = Refused(None, "GET /homes", "/homes", Why.UNKNOWN, "192.0.2.7")


@dataclass
class Rig:
    folder: Path
    at: float = T

    def __post_init__(self) -> None:
        self.stores = open_fresh(self.folder)
        self.book = self.stores.chronology
        self.file = AnchorFile(self.folder / "chronology.anchors")
        self.refusals = StoredRefusals(self.book, self.now)
        settings = ChronologySettings(days=100, of_tenant={"theirs": 30})
        self.keeper = ChronologyKeeper(self.book, self.refusals, self.file, settings, self)

    def now(self) -> float:
        return self.at

    wall = monotonic = now

    def entries(self, tenant: str) -> list[ChronologyEntry]:
        return [entry_of(row) for row in self.book.rows(tenant)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.stores.database.close()


def test_anchors_are_written_from_time_to_time_and_at_the_end(rig: Rig) -> None:
    rig.book.write(entry(1))
    rig.keeper.turn()
    rig.book.write(entry(2))
    rig.keeper.turn()
    assert [each.number for each in rig.file.read()] == [1]
    rig.at += ANCHORS_EVERY
    rig.keeper.turn()
    rig.keeper.anchor()
    assert [each.number for each in rig.file.read()] == [1, 2]
    rig.book.write(entry(3))
    rig.refusals.tell(WRONG)
    rig.keeper.start()
    rig.keeper.stop(10)
    known = rig.file.read()
    assert [(each.tenant, each.number) for each in known] == [("ours", 1), ("ours", 2), ("", 1), ("ours", 3)]
    assert {name: each.anchors_met for name, each in rig.book.examine(known).items()} == {"": 1, "ours": 3}


def test_what_is_older_than_its_tenants_term_is_cut(rig: Rig) -> None:
    for tenant in ("ours", "theirs"):
        for number in range(3):
            rig.book.write(replace(entry(number), tenant=tenant, at=T - 40 * DAY + number * DAY))
    rig.keeper.turn()
    assert [len(rig.entries(each)) for each in ("ours", "theirs")] == [3, 1]
    verdicts = rig.book.examine(rig.file.read())
    assert [each.finding for each in verdicts.values()] == [None, None]


def test_a_disk_that_takes_no_anchor_is_tried_again(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.book.write(entry(1))
    rig.file.path.mkdir()
    rig.keeper.turn()
    rig.keeper.turn()
    assert caplog.text.count("cannot be looked after") == 1
    rig.file.path.rmdir()
    rig.keeper.turn()
    assert [each.number for each in rig.file.read()] == [1]


def test_what_is_refused_is_one_entry_for_each_asker(rig: Rig) -> None:
    for _ in range(500):
        rig.refusals.tell(WRONG)
    rig.refusals.tell(Refused(KIM, "POST /alerts/{alert}/close", "/alerts/a1/close", Why.MAY_NOT, "192.0.2.8"))
    assert rig.book.tenants() == []
    rig.refusals.flush()
    rig.refusals.flush()
    assert rig.entries("") == [
        ChronologyEntry(T, "", "", "", Act.REFUSED, "", "GET /homes", f"{Why.UNKNOWN}; 500 times from 192.0.2.7")
    ]
    assert rig.entries("ours") == [
        ChronologyEntry(
            T,
            "ours",
            "kim@ours",
            "technician",
            Act.REFUSED,
            "",
            "POST /alerts/{alert}/close",
            f"{Why.MAY_NOT}; once from 192.0.2.8",
        )
    ]


def test_nobody_fills_the_disk_by_asking_from_everywhere(rig: Rig) -> None:
    for number in range(10 * MOST_APART):
        rig.refusals.tell(replace(WRONG, address=f"2001:db8::{number:x}"))
    rig.refusals.flush()
    said = rig.entries("")
    assert len(said) == MOST_APART + 1
    assert said[-1].detail == f"{Why.UNKNOWN}; {9 * MOST_APART} times from {ELSEWHERE}"


def test_nor_by_doing_so_for_hours_nor_is_what_somebody_known_does_hidden_by_it(rig: Rig) -> None:
    kim = Refused(KIM, "POST /alerts/{alert}/close", "/alerts/a1/close", Why.MAY_NOT, "192.0.2.8")
    minutes = 3 * 60
    for minute in range(minutes):
        for number in range(MOST_APART - 1):
            rig.refusals.tell(replace(WRONG, address=f"2001:db8:{minute:x}::{number:x}"))
        rig.refusals.tell(kim)
        rig.refusals.flush()
        rig.at += MINUTE
    assert MOST_AN_HOUR < len(rig.entries("")) <= 4 * MOST_AN_HOUR + minutes
    assert len(rig.entries("ours")) == minutes


def test_what_was_refused_while_nothing_could_be_written_is_not_forgotten(rig: Rig) -> None:
    rig.refusals.tell(WRONG)
    with rig.stores.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE chronology RENAME TO gone")
    rig.refusals.flush()
    rig.refusals.tell(WRONG)
    with rig.stores.database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO chronology")
    rig.refusals.flush()
    assert [each.detail for each in rig.entries("")] == [f"{Why.UNKNOWN}; 2 times from 192.0.2.7"]


def test_anchors_outlive_a_power_cut_and_a_broken_line_is_named(tmp_path: Path) -> None:
    file, anchors = AnchorFile(tmp_path / "a"), [Anchor(T, "ours", 3, bytes(32)), Anchor(T, "", 1, b"\1" * 32, True)]
    assert file.read() == []
    file.add(anchors)
    file.add([])
    os.truncate(file.path, file.path.stat().st_size - 20)
    file.add(anchors[:1])
    assert file.read() == [anchors[0], anchors[0]]
    assert file.path.stat().st_mode & 0o077 == 0
    file.path.write_text(file.path.read_text().replace('"number": 3', '"number": "x"'))
    with pytest.raises(InputError, match="line 1"):
        file.read()


def test_terms_are_read(tmp_path: Path) -> None:
    table = Table({"days": 40, "anchors": "a", "tenants": {"oakshire": 90}}, "hub.toml")
    settings = read_chronology(table, tmp_path)
    assert (settings.days_of("x"), settings.days_of("oakshire"), settings.anchors) == (40, 90, tmp_path / "a")
    for wrong in ({"days": 3}, {"tenants": {"oakshire": 3}}, {"tenants": {"Oak Shire": 90}}, {"day": 40}):
        with pytest.raises(InputError):
            read_chronology(Table(wrong, "hub.toml"), tmp_path)
