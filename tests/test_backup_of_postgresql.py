"""Backup and restore where the database is PostgreSQL: the copy is a file all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensor_hub.keeping.backup import back_up
from sensor_hub.keeping.restore import RESTORING, restore
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.stores import SqlStores
from tests.homes import moment
from tests.postgres import fresh_database

NOW = moment("2026-01-05 08:00")
READINGS = [Reading(NOW, "button", Metric.BUTTON, "single"), Reading(NOW, "m", Metric.MOTION, 1.0)]


@pytest.fixture
def servers() -> Iterator[tuple[Database, Database]]:
    """One with data, one without."""
    with (
        fresh_database() as first,
        fresh_database() as second,
        closing(Database(first)) as old,
        closing(Database(second)) as new,
    ):
        stores = SqlStores(old)
        stores.log.append_readings("h1", NOW, READINGS)
        stores.memory.keep("name", "value")
        yield old, new


def log_of(database: Database) -> list[object]:
    return [entry for _, entry in SqlStores(database).log.read("h1")]


def test_what_was_there_is_restored_to_another_server_and_goes_on(
    tmp_path: Path, servers: tuple[Database, Database]
) -> None:
    old, new = servers
    (tmp_path / "data").mkdir()
    shares: list[float] = []
    made = back_up(tmp_path / "data", tmp_path / "backups", NOW, shares.append, old)
    assert (made / DATABASE).stat().st_mode & 0o077 == 0
    assert shares[-1] == 1.0
    restore(made, tmp_path / "data", NOW, server=new)
    assert log_of(new) == log_of(old)
    assert not (tmp_path / "data" / DATABASE).exists()
    assert not (tmp_path / "data" / RESTORING).exists()
    appended = SqlStores(new).log.append_readings("h1", NOW + 9, [Reading(NOW + 9, "m", Metric.MOTION, 1.0)])
    assert appended is not None
    assert appended.position == 2


def test_a_backup_of_a_server_is_restored_to_a_file(tmp_path: Path, servers: tuple[Database, Database]) -> None:
    old, _ = servers
    made = back_up(tmp_path / "nothing", tmp_path / "backups", NOW, server=old)
    restore(made, tmp_path / "data", NOW)
    with closing(Database(tmp_path / "data" / DATABASE)) as file:
        file.open()
        assert log_of(file) == log_of(old)


def test_a_restore_cut_short_after_the_server_was_filled_is_run_again(
    tmp_path: Path, servers: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = servers
    made = back_up(tmp_path / "nothing", tmp_path / "backups", NOW, server=old)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sensor_hub.keeping.restore._settle", cut)
        with pytest.raises(KeyboardInterrupt):
            restore(made, tmp_path / "data", NOW, server=new)
    assert (tmp_path / "data" / RESTORING).exists()
    restore(made, tmp_path / "data", NOW, server=new)
    assert log_of(new) == log_of(old)


def test_a_server_that_holds_data_is_left_alone(tmp_path: Path, servers: tuple[Database, Database]) -> None:
    old, _ = servers
    made = back_up(tmp_path / "nothing", tmp_path / "backups", NOW, server=old)
    with pytest.raises(InputError, match="there are data already"):
        restore(made, tmp_path / "data", NOW, server=old)
