"""All that is kept of who lives in a home: from every table, to be read by people and by programs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from sensor_hub.desk.consenting import StoredPersons, remove_left_over
from sensor_hub.keeping.person_file import SECRET, parts_of, write_person
from sensor_hub.model.card import ResidentRecord, ResponseCard
from sensor_hub.storage.people import Signed, SqlPeople
from sensor_hub.storage.personal import ERASED, KEPT, LAST, PSEUDONYMISED
from sensor_hub.storage.tables import metadata
from sensor_hub.web.ports import Answer
from tests.keeping.test_eraser import END, HOME, OTHER, copy, hub_with_days, open_rig
from tests.watch.test_worker import Rig


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory):
    made, folder = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("used")
    hub_with_days(made).stores.database.close()
    copy(made, folder)
    rig = open_rig(folder)
    vault = rig.stores.consents.vault
    assert vault is not None
    people, by = SqlPeople(rig.stores.database, vault), Signed("Jo", END)
    people.add_resident(HOME.id, ResidentRecord(name="Ada Okafor"), by)
    people.set_card(HOME.id, ResponseCard(telephone="020 7946 0000"), 0, by, is_checked=True)
    join = "INSERT INTO join_code (home, mark, secret_hash, made_ms) VALUES (?, 'ab', 'of-the-code', 0)"
    rig.stores.database.raw.execute(join, (HOME.id,))
    yield rig
    rig.stores.database.close()


@pytest.fixture(scope="module")
def made(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    path = tmp_path_factory.mktemp("out") / "person.zip"
    write_person(rig.stores, HOME.id, path, at=END, by="Jo")
    return zipfile.ZipFile(path)


def test_every_table_is_handed_out_or_says_why_not() -> None:
    handed_out = set(parts_of())
    assert handed_out >= {held.table.name for held in (*ERASED, *LAST, *PSEUDONYMISED)}
    assert set(metadata.tables) - handed_out <= set(KEPT)


def test_programs_get_all_of_it(rig: Rig, made: zipfile.ZipFile) -> None:
    data = json.loads(made.read("person.json"))
    tables = data["tables"]
    of_home = "(SELECT series.id FROM series JOIN home ON home.id = series.home WHERE home.name = ?)"
    count = f"SELECT count(*) FROM reading WHERE series IN {of_home}"
    assert data["readings"] == rig.stores.database.raw.execute(count, (HOME.id,)).fetchone()[0]
    lines = made.read("readings.jsonl").splitlines()
    assert len(lines) == data["readings"]
    assert set(json.loads(lines[0])) == {"at", "device", "metric", "value"}
    assert tables["resident"]["rows"][0]["sealed"]["name"] == "Ada Okafor"
    assert tables["consent_words"]["rows"][0]["sealed"]["decided_by"] == "herself"
    assert tables["snapshot"]["rows"][0]["state"]["state"]["engine"]["hazard"]["days"] > 0
    assert tables["alert"]["rows"]
    assert tables["entry"]["rows"][0]["body"]["home"]["id"] == HOME.id
    assert [row["act"] for row in tables["chronology"]["rows"]] == ["consent_changed"]
    assert OTHER.id not in made.read("person.json").decode()


def test_people_can_read_it(made: zipfile.ZipFile) -> None:
    page = made.read("index.html").decode()
    assert "Ada Okafor" in page
    assert "020 7946 0000" in page
    assert "readings.jsonl" in page


def test_no_secret_is_in_it(made: zipfile.ZipFile) -> None:
    data = json.loads(made.read("person.json"))
    assert data["tables"]["join_code"]["rows"][0]["mark"] == "ab"
    assert not [row for part in data["tables"].values() for row in part["rows"] if SECRET & row.keys()]
    assert "of-the-code" not in made.read("person.json").decode() + made.read("index.html").decode()


def test_a_hub_without_the_key_hands_out_the_rest(rig: Rig, tmp_path: Path) -> None:
    vault, rig.stores.consents.vault = rig.stores.consents.vault, None
    try:
        write_person(rig.stores, HOME.id, tmp_path / "person.zip", at=END, by="Jo")
    finally:
        rig.stores.consents.vault = vault
    data = json.loads(zipfile.ZipFile(tmp_path / "person.zip").read("person.json"))
    assert data["tables"]["card"]["rows"][0]["sealed"] == "sealed: the hub has not the key"


def test_it_stands_in_the_chronology_and_leaves_no_file(rig: Rig, tmp_path: Path) -> None:
    persons = StoredPersons(rig.stores, lambda _: Answer.DONE, lambda: END, tmp_path)
    assert persons.export(HOME.id, by="Jo").exists()
    remove_left_over(tmp_path)
    assert list(tmp_path.iterdir()) == []
    last = "SELECT act, who, home, about FROM chronology WHERE act = 'exported'"
    assert rig.stores.database.raw.execute(last).fetchall() == [("exported", "Jo", HOME.id, "person")]
