"""Killed in the middle of a backup of PostgreSQL, or a restore into it: all or nothing, and run again it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sensor_hub.keeping.backup import back_up, read_manifest, sums
from sensor_hub.keeping.restore import RESTORING, refuse_half_restored, restore
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.tables import metadata
from tests.homes import moment
from tests.killing import is_killed
from tests.postgres import fresh_database

NOW = moment("2026-01-05 08:00")
READINGS = 300
APART = 67
"""Statements and copied rows from one kill to the next: some before, some within, some after the readings."""


@pytest.fixture
def filled() -> Iterator[str]:
    with fresh_database() as address:
        with closing(Database(address)) as database:
            stores = SqlStores(database)
            readings = [Reading(NOW + number, "m", Metric.MOTION, 1.0) for number in range(READINGS)]
            stores.log.append_readings("h1", NOW, readings)
            stores.memory.keep("name", "value")
        yield address


def counts(address: Path | str) -> dict[str, int]:
    with closing(Database(address)) as database:
        return {
            table.name: database.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_backup_is_whole_or_not_there(filled: str, tmp_path: Path) -> None:
    def act() -> None:
        with closing(Database(filled)) as server:
            back_up(tmp_path / "nothing", tmp_path / "backups", NOW, server=server)

    before, kills = counts(filled), 0
    for statements in count(1, APART // 4):
        if not is_killed(act, statements):
            break
        kills += 1
        assert not list((tmp_path / "backups").glob("*Z"))
    assert kills >= 4
    (made,) = (tmp_path / "backups").iterdir()
    assert sums(made) == read_manifest(made).files
    assert counts(made / "hub.db") == before == counts(filled)


def test_a_restore_fills_the_server_or_leaves_it_empty_and_is_run_again(filled: str, tmp_path: Path) -> None:
    with closing(Database(filled)) as server:
        made = back_up(tmp_path / "nothing", tmp_path / "backups", NOW, server=server)
    with fresh_database() as target:

        def act() -> None:
            with closing(Database(target)) as server:
                restore(made, tmp_path / "data", NOW, server=server)

        kills, found = 0, set()
        for statements in count(1, APART):
            if not is_killed(act, statements):
                break
            kills += 1
            if (tmp_path / "data" / RESTORING).exists():
                with pytest.raises(InputError, match="cut short"):
                    refuse_half_restored(tmp_path / "data")
            found.add(counts(target)["reading"])
        assert kills >= 4
        assert found <= {0, READINGS}
        assert not (tmp_path / "data" / RESTORING).exists()
        now, before = counts(target), counts(filled)
        changed = {"hub", "chronology", "chronology_head"}
        assert {name: n for name, n in now.items() if name not in changed} == {
            name: n for name, n in before.items() if name not in changed
        }
