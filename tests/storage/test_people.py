from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from sensor_hub.alerts.review import CardReminder
from sensor_hub.checks.key_checkup import refuse_other_key
from sensor_hub.keeping.backup import back_up
from sensor_hub.model.card import CHECK_AFTER, Relative, ResidentRecord, ResponseCard, Risk
from sensor_hub.model.problem import InputError
from sensor_hub.storage.card_reminders import card_reminders
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.lost_key import replace_lost
from sensor_hub.storage.people import Signed, SqlPeople, StaleError
from sensor_hub.storage.rekeying import Rotation
from sensor_hub.storage.tables.people import card as card_table
from sensor_hub.storage.tables.people import resident as resident_table
from sensor_hub.storage.vault import LockedError, Vault, key_of
from tests.postgres import fresh_database

JO, SAM = Signed("Jo", 1767600000.0), Signed("Sam", 1767600600.0)
CARD = ResponseCard(
    telephone="01632 960111",
    key_safe_code="4711#",
    key_safe_place="behind the drain pipe",
    relatives=(Relative("Ruth Okafor", "01632 960222", "daughter", "has a key"), Relative("Piotr", "01632 960333")),
    risks=frozenset({Risk.DOG, Risk.OXYGEN}),
    risk_words="the terrier bites",
    gp_name="Dr Quillfeather",
    notes="deaf in the left ear",
)
RECORD = ResidentRecord("Henrietta Grimshaw", "Hettie", "3 Elm Row", "01632 960111", date(1938, 4, 9))
SECRETS = (
    "01632 960111",
    "4711#",
    "drain pipe",
    "Okafor",
    "01632 960222",
    "Piotr",
    "terrier",
    "Quillfeather",
    "deaf in",
    "Grimshaw",
    "Hettie",
    "3 Elm Row",
    "1938-04-09",
)


def people_in(database: Database, folder: Path) -> SqlPeople:
    vault = Vault(KeyFile(folder / "hub.key"), SqlHubMemory(database))
    vault.start()
    return SqlPeople(database, vault)


@pytest.fixture(params=["sqlite", "postgresql"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlPeople]:
    if request.param == "sqlite":
        database = Database(tmp_path / "data" / DATABASE)
        database.open()
        with closing(database):
            yield people_in(database, tmp_path)
        return
    with fresh_database() as address:
        database = Database(address)
        database.open()
        with closing(database):
            yield people_in(database, tmp_path)


def test_a_card_is_as_it_was_written_and_its_changes_are_known_by_name_alone(people: SqlPeople) -> None:
    assert people.card("elm-14") is None
    assert people.set_card("elm-14", ResponseCard(notes="none"), 0, JO, is_checked=False) == ("notes",)
    assert people.cards_checked() == {"elm-14": None}
    people.set_card("elm-14", CARD, 1, SAM, is_checked=True)
    kept = people.card("elm-14")
    assert kept is not None
    assert (kept.card, kept.version, kept.changed, kept.checked) == (CARD, 2, SAM, SAM)
    assert people.cards_checked() == {"elm-14": SAM.at}
    newest, first = people.changes("elm-14")
    assert (first.version, first.signed, first.fields) == (1, JO, ("notes",))
    assert (newest.version, newest.signed) == (2, SAM)
    assert set(newest.fields) == {*CARD.changed(ResponseCard()), "notes"}


def test_two_editors_do_not_overwrite_each_other(people: SqlPeople) -> None:
    people.set_card("elm-14", CARD, 0, JO, is_checked=False)
    with pytest.raises(StaleError):
        people.set_card("elm-14", ResponseCard(notes="mine"), 0, SAM, is_checked=False)
    assert people.card("elm-14") == (CARD, 1, JO, None)
    name = people.add_resident("elm-14", RECORD, JO)
    assert people.set_resident("elm-14", name, ResidentRecord("H. Grimshaw"), 1, SAM) is not None
    with pytest.raises(StaleError):
        people.set_resident("elm-14", name, RECORD, 1, JO)
    with pytest.raises(StaleError):
        people.remove_resident("elm-14", name, 1)


def test_what_was_looked_through_is_checked_and_not_changed(people: SqlPeople) -> None:
    people.set_card("elm-14", CARD, 0, JO, is_checked=False)
    assert people.set_card("elm-14", CARD, 1, SAM, is_checked=False) == ()
    assert people.card("elm-14") == (CARD, 1, JO, None)
    people.set_card("elm-14", CARD, 1, SAM, is_checked=True)
    assert people.card("elm-14") == (CARD, 2, JO, SAM)


def test_residents_are_kept_changed_and_removed_with_what_was_changed(people: SqlPeople) -> None:
    name = people.add_resident("elm-14", RECORD, JO)
    other = people.add_resident("elm-14", ResidentRecord("Albert"), JO)
    assert [each.record.name for each in people.residents("elm-14")] == ["Albert", "Henrietta Grimshaw"]
    assert people.residents("oak-2") == []
    assert people.resident("oak-2", name) is None
    assert people.set_resident("elm-14", name, RECORD, 1, SAM) == ()
    assert people.set_resident("oak-2", name, RECORD, 1, SAM) is None
    assert [each.fields[0] for each in people.changes("elm-14", name)] == ["name"]
    assert people.remove_resident("elm-14", name, 1)
    assert not people.remove_resident("elm-14", name, 1)
    assert list(people.changes("elm-14", name)) == []
    assert people.erase("elm-14") == 2
    assert people.residents("elm-14") == [] == list(people.changes("elm-14", other))


def test_a_token_that_was_copied_to_another_home_does_not_open(people: SqlPeople) -> None:
    for home in ("elm-14", "oak-2"):
        people.set_card(home, CARD, 0, JO, is_checked=False)
    moved = people.add_resident("elm-14", RECORD, JO)
    connection = people.database.connection
    token = connection.execute(select(card_table.c.sealed).where(card_table.c.home == "elm-14")).scalar_one()
    connection.execute(update(card_table).where(card_table.c.home == "oak-2").values(sealed=token))
    connection.execute(update(resident_table).values(home="oak-2"))
    with pytest.raises(LockedError, match="card/oak-2/sealed is damaged, or was moved there"):
        people.card("oak-2")
    with pytest.raises(LockedError, match="moved there"):
        people.resident("oak-2", moved)
    assert people.card("elm-14") is not None


def test_missing_and_old_cards_are_told_without_the_key(people: SqlPeople) -> None:
    people.set_card("checked", CARD, 0, JO, is_checked=True)
    people.set_card("never", CARD, 0, JO, is_checked=False)
    people.set_card("elsewhere", CARD, 0, JO, is_checked=False)
    people.vault.file.path.unlink()
    homes = {"checked", "never", "missing"}
    soon, later = JO.at + CHECK_AFTER, JO.at + CHECK_AFTER + 1
    told = [CardReminder("missing", False), CardReminder("never", True)]
    assert card_reminders(people.database, homes, soon) == told
    assert card_reminders(people.database, homes, later) == [*told, CardReminder("checked", True, JO.at)]


def fill(people: SqlPeople, homes: int) -> None:
    for number in range(homes):
        people.set_card(f"home-{number}", CARD, 0, JO, is_checked=True)
        people.add_resident(f"home-{number}", RECORD, JO)


def test_no_byte_of_it_is_in_the_database_its_log_or_a_backup(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE)
    database.open()
    people = people_in(database, tmp_path)
    fill(people, 20)
    people.set_card("home-1", ResponseCard(notes="moved away"), 1, SAM, is_checked=False)
    back_up(tmp_path / "data", tmp_path / "backups", JO.at)
    # The hub still runs: what it wrote last stands in the log beside its database.
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "hub.key"]
    assert {path.name for path in files} >= {"hub.db", "hub.db-wal", "manifest.json"}
    assert (tmp_path / "data" / "hub.db-wal").stat().st_size > 0
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in SECRETS if secret.encode() in content], path
    database.close()


def test_a_new_key_seals_all_and_the_old_one_is_dropped(people: SqlPeople, tmp_path: Path) -> None:
    fill(people, 60)
    file = people.vault.file
    (old,) = file.read()
    told: list[tuple[int, int]] = []
    rotation = Rotation(people.database, file, people.vault.remembered)
    assert rotation.run(lambda *each: told.append(each)) == 120
    assert told[-1] == (120, 120)
    (new,) = file.read()
    assert new != old
    tokens = people.database.connection.execute(select(card_table.c.sealed)).scalars()
    assert {key_of(token) for token in tokens} == {new.id}
    # The hub that runs goes on with the new one.
    assert people.card("home-3") == (CARD, 1, JO, JO)
    people.set_card("home-3", ResponseCard(), 1, SAM, is_checked=False)
    assert Rotation(people.database, file, people.vault.remembered).run() == 120


def test_a_value_that_does_not_open_keeps_the_old_key(people: SqlPeople) -> None:
    fill(people, 3)
    connection = people.database.connection
    connection.execute(update(card_table).where(card_table.c.home == "home-1").values(sealed=b"damaged"))
    rotation = Rotation(people.database, people.vault.file, people.vault.remembered)
    assert rotation.run() == 5
    assert rotation.stuck == ["card/home-1/sealed"]
    assert len(people.vault.file.read()) == 2


def test_another_key_changes_nothing(people: SqlPeople) -> None:
    fill(people, 1)
    people.vault.file.path.unlink()
    people.vault.file.make()
    before = people.database.connection.execute(select(card_table.c.sealed)).scalar_one()
    with pytest.raises(InputError, match="is another key"):
        Rotation(people.database, people.vault.file, people.vault.remembered).run()
    later = SqlPeople(people.database, Vault(people.vault.file, people.vault.remembered))
    with pytest.raises(LockedError):
        later.card("home-0")
    with pytest.raises(LockedError):
        later.set_card("home-0", ResponseCard(), 1, SAM, is_checked=False)
    with pytest.raises(LockedError):
        later.add_resident("home-0", RECORD, SAM)
    assert people.database.connection.execute(select(card_table.c.sealed)).scalar_one() == before
    assert later.erase("home-0") == 4


def test_after_a_lost_key_what_it_sealed_is_gone_and_the_hub_goes_on(people: SqlPeople) -> None:
    fill(people, 2)
    file, remembered = people.vault.file, people.vault.remembered
    with pytest.raises(InputError, match="fits: nothing is lost"):
        replace_lost(people.database, file, remembered)
    file.path.unlink()
    assert replace_lost(people.database, file, remembered) == 4
    later = SqlPeople(people.database, Vault(file, remembered))
    assert later.vault.trouble() == ""
    assert (later.card("home-0"), later.residents("home-0")) == (None, [])
    later.set_card("home-0", CARD, 0, SAM, is_checked=True)
    assert later.card("home-0") == (CARD, 1, SAM, SAM)
    assert people.card("home-0") == (CARD, 1, SAM, SAM)


KILLED = """
import os, pathlib, signal, sys
from sensor_hub.storage import rekeying
from sensor_hub.storage.database import Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.key_file import KeyFile

folder, steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
rekeying.AT_ONCE = 10

def step(*_):
    global steps
    steps -= 1
    if not steps:
        os.kill(os.getpid(), signal.SIGKILL)

def watched(kind, name):
    whole = getattr(kind, name)
    def method(*arguments, **named):
        step()
        found = whole(*arguments, **named)
        step()
        return found
    setattr(kind, name, method)

watched(KeyFile, "write")
watched(SqlHubMemory, "keep")
watched(rekeying.Rotation, "_seal_anew")
database = Database(folder / "data" / "hub.db")
database.open()
rekeying.Rotation(database, KeyFile(folder / "hub.key"), SqlHubMemory(database)).run()
"""


STEPS = 14
"""Before and after each of: the new key in the file, the database's mark, two times two chunks, the old key dropped."""


def test_killed_before_and_after_each_step_nothing_is_lost_and_the_next_finishes_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE)
    database.open()
    people = people_in(database, tmp_path)
    fill(people, 15)
    for steps in range(1, STEPS + 1):
        done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(steps)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert people.card("home-7") == (CARD, 1, JO, JO)
        assert [each.record for each in people.residents("home-14")] == [RECORD]
        Rotation(database, people.vault.file, people.vault.remembered).run()
        (key,) = people.vault.file.read()
        sealed = database.connection.execute(select(card_table.c.sealed)).scalars()
        assert {key_of(token) for token in sealed} == {key.id}
    assert people.card("home-7") == (CARD, 1, JO, JO)
    database.close()


def test_a_backup_made_amid_an_exchange_needs_both_keys(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE)
    database.open()
    people = people_in(database, tmp_path)
    fill(people, 2)
    # Killed when some rows are sealed anew: key file 2, mark 2, first chunk 2.
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "7"], check=False)
    assert done.returncode == -signal.SIGKILL
    made = back_up(tmp_path / "data", tmp_path / "backups", JO.at)
    refuse_other_key(made, tmp_path / "hub.key")
    Rotation(database, people.vault.file, people.vault.remembered).run()
    with pytest.raises(InputError, match="need another key"):
        refuse_other_key(made, tmp_path / "hub.key")
    database.close()


def test_the_key_file_stays_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / DATABASE)
    database.open()
    people = people_in(database, tmp_path)
    fill(people, 1)
    Rotation(database, people.vault.file, people.vault.remembered).run()
    assert os.stat(tmp_path / "hub.key").st_mode & 0o777 == 0o600
    assert not (tmp_path / "hub.key.partial").exists()
    database.close()
