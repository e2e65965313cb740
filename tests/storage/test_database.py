from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.migrating import HEAD
from sensor_hub.storage.tables.hub import hub


def one(database: Database, select: str) -> object:
    return database.connection.exec_driver_sql(select).scalar_one()


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database(tmp_path / "hub.db")
        database.open()
        insert_new(database.connection, hub, {"name": "name", "value": "value"})
        database.close()
    assert [one(database, each) for each in ("SELECT value FROM hub", "PRAGMA user_version", "PRAGMA synchronous")] == [
        "value",
        HEAD,
        2,
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    database.close()


def test_a_database_of_a_newer_version_is_refused_in_one_line(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hub.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    database = Database(tmp_path / "hub.db")
    with pytest.raises(InputError, match=r"newer sensor-hub.*999"):
        database.open()
    database.close()


def test_what_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_text("no database " * 100)
    database = Database(tmp_path / "hub.db")
    with pytest.raises(InputError, match="cannot be used"):
        database.open()
    database.close()


def test_a_transaction_is_all_or_nothing_and_inner_ones_are_part_of_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "hub.db")
    database.open()

    def keep_and_fail() -> None:
        with database.transaction():
            with database.transaction() as connection:
                connection.exec_driver_sql("INSERT INTO hub VALUES ('name', 'value')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keep_and_fail()
    assert one(database, "SELECT count(*) FROM hub") == 0
    assert database.rollbacks == 1
    database.close()


def test_each_thread_has_a_connection_of_its_own(tmp_path: Path) -> None:
    database = Database(tmp_path / "hub.db")
    database.open()
    seen: list[Connection] = [database.connection]
    thread = threading.Thread(target=lambda: seen.append(database.connection))
    thread.start()
    thread.join()
    assert seen[0] is database.connection
    assert seen[1] is not seen[0]
    database.close()
