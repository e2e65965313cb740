"""Answers that are kept for repeats, in both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor_hub.access.kept_answer import KEPT_FOR, KeptAnswer, KeptRequest
from sensor_hub.storage.database import Database
from sensor_hub.storage.kept_answers import SqlKeptAnswers
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.rekeying import Rotation
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault

ANSWER = KeptAnswer(201, {"etag": '"1"'}, '{"name":"Ada Ökafor"}', "rights", "elm-14")
AT = 1_800_000_000.0


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> SqlKeptAnswers:
    stores = SqlStores(database)
    vault = Vault(KeyFile(tmp_path / "hub.key"), stores.memory)
    vault.start()
    stores.unlock(vault)
    return stores.kept_answers


def test_the_second_finds_what_became_of_the_first(kept: SqlKeptAnswers) -> None:
    assert kept.begin("m", "f", "elm-14", AT) is None
    assert kept.begin("m", "g", "elm-14", AT + 1) == KeptRequest("f", is_done=False)
    kept.keep("m", ANSWER)
    assert kept.begin("m", "f", "elm-14", AT + 2) == KeptRequest("f", is_done=True, answer=ANSWER)
    assert kept.begin("n", "f", "elm-14", AT) is None
    kept.strike("n")
    assert kept.begin("n", "f", "elm-14", AT) is None


def test_after_a_day_it_is_as_if_it_had_never_been_asked_swept_or_not(kept: SqlKeptAnswers) -> None:
    for mark in ("a", "b", "c"):
        kept.begin(mark, "f", "", AT)
        kept.keep(mark, ANSWER)
    later = AT + KEPT_FOR + 1
    assert kept.begin("a", "g", "", later) is None
    assert kept.begin("a", "g", "", later) == KeptRequest("g", is_done=False)
    assert kept.forget(AT + KEPT_FOR, 10) == 0
    assert [kept.forget(later, 1) for _ in range(3)] == [1, 1, 0]


def test_an_answer_opens_under_a_new_key_and_not_without_one(kept: SqlKeptAnswers, database: Database) -> None:
    kept.begin("m", "f", "elm-14", AT)
    kept.keep("m", ANSWER)
    vault = kept.vault
    assert vault is not None
    (token,) = database.connection.exec_driver_sql("SELECT answer FROM kept_answer").one()
    assert b"kafor" not in bytes(token)
    assert Rotation(database, vault.file, vault.remembered).run() == 1
    assert kept.begin("m", "f", "elm-14", AT) == KeptRequest("f", is_done=True, answer=ANSWER)
    kept.vault = None
    assert kept.begin("m", "f", "elm-14", AT) == KeptRequest("f", is_done=True)
    assert kept.begin("n", "f", "elm-14", AT) is None
    kept.keep("n", ANSWER)
    kept.vault = vault
    assert kept.begin("n", "f", "elm-14", AT) == KeptRequest("f", is_done=True), "it is done, and nothing is in clear"


def test_one_that_was_erased_meanwhile_does_not_come_back(kept: SqlKeptAnswers, database: Database) -> None:
    kept.begin("m", "f", "elm-14", AT)
    database.connection.exec_driver_sql("DELETE FROM kept_answer")
    kept.keep("m", ANSWER)
    assert database.connection.exec_driver_sql("SELECT count(*) FROM kept_answer").scalar() == 0
