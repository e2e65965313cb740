from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.model.problem import InputError
from sensor_hub.storage import only_hub
from sensor_hub.storage.before_alembic import STEPS, statements
from sensor_hub.storage.database import Database
from sensor_hub.storage.hub_memory import DatabaseProbe, SqlHubMemory
from sensor_hub.storage.inserting import insert_new, put
from sensor_hub.storage.migrating import HEAD, version_of
from sensor_hub.storage.migrations.versions import v0024_silences_name_homes
from sensor_hub.storage.tables import metadata
from sensor_hub.storage.tables.alerts import silence
from sensor_hub.storage.tables.homes import coverage, tenant_of_home
from sensor_hub.storage.tables.hub import hub
from tests.postgres import fresh_database
from tests.waiting import wait_for


def values(database: Database) -> dict[str, str]:
    return dict(database.connection.execute(select(hub.c.name, hub.c.value)).all())


def test_a_transaction_is_all_or_nothing_and_inner_ones_are_part_of_it(database: Database) -> None:
    def keep_and_fail() -> None:
        with database.transaction():
            with database.transaction() as connection:
                connection.execute(insert(hub), {"name": "a", "value": "b"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        keep_and_fail()
    assert (values(database), database.rollbacks) == ({}, 1)
    with database.transaction() as connection:
        connection.execute(insert(hub), {"name": "a", "value": "c"})
    assert values(database) == {"a": "c"}


def test_a_row_that_is_there_stays_or_is_replaced(database: Database) -> None:
    with database.transaction() as connection:
        assert insert_new(connection, hub, {"name": "a", "value": "1"})
        assert not insert_new(connection, hub, {"name": "a", "value": "2"})
    assert values(database) == {"a": "1"}
    put(database.connection, hub, {"name": "a", "value": "3"})
    assert values(database) == {"a": "3"}


def test_what_reads_and_then_writes_is_alone(database: Database) -> None:
    """Ten threads that each add one to a number, by reading and writing it."""
    put(database.connection, hub, {"name": "n", "value": "0"})

    def add() -> None:
        for _ in range(10):
            with database.transaction() as connection:
                before = int(connection.execute(select(hub.c.value)).scalar_one())
                put(connection, hub, {"name": "n", "value": str(before + 1)})

    threads = [threading.Thread(target=add) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(database) == {"n": "100"}


def test_a_view_sees_one_moment(database: Database) -> None:
    put(database.connection, hub, {"name": "a", "value": "1"})
    with database.view():
        assert values(database) == {"a": "1"}
        thread = threading.Thread(target=lambda: put(database.connection, hub, {"name": "a", "value": "2"}))
        thread.start()
        thread.join()
        assert values(database) == {"a": "1"}
    assert values(database) == {"a": "2"}


def test_its_shape_is_what_the_tables_say(database: Database) -> None:
    context = MigrationContext.configure(database.connection, opts={"compare_server_default": False})
    differences = [each for each in compare_metadata(context, metadata) if not is_own_way(database, each)]
    assert differences == []
    assert version_of(database.connection) == HEAD


def test_silences_of_before_keep_the_homes_that_there_were(database: Database) -> None:
    def standing() -> dict[str, str]:
        return dict(database.connection.execute(select(silence.c.id, silence.c.homes)).all())

    empty = {"start_ms": 0, "until_ms": 9, "who": "jo", "why": "", "kinds": "", "place": "", "ended_by": ""}
    with database.transaction() as connection:
        insert_new(connection, tenant_of_home, {"home": "elm-14", "tenant": "local"})
        insert_new(connection, coverage, {"home": "elm-15", "at_ms": 0, "rows": "[]"})
        for name, homes, ended in (
            ("all", "*", None),
            ("one", "elm-14", None),
            ("over", "*", 5),
            ("none", "oak-*", None),
        ):
            insert_new(connection, silence, {"id": name, "homes": homes, "ended_ms": ended, **empty})
        with Operations.context(MigrationContext.configure(connection)):
            v0024_silences_name_homes.upgrade()
    assert standing() == {"all": "elm-14 elm-15", "one": "elm-14", "over": "*", "none": "oak-*"}


def is_own_way(database: Database, difference: Any) -> bool:
    """The log keeps readings as suits each database; SQLite says of a row's number that it could be NULL."""
    if isinstance(difference, tuple):
        return difference[0] == "remove_column" and difference[3].name == "word"
    (kind, _, table, column, *_), *_ = difference
    is_row_number = database.is_sqlite and metadata.tables[table].c[column].primary_key
    return kind == "modify_nullable" and (is_row_number or (table, column) == ("reading", "value"))


def test_the_newest_migration_is_the_one_that_is_named() -> None:
    config = Config()
    config.set_main_option("script_location", "sensor_hub.storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == f"{HEAD:04}"


def test_a_connection_that_the_server_ended_is_replaced() -> None:
    with fresh_database() as address:
        database = Database(address)
        database.open()
        put(database.connection, hub, {"name": "a", "value": "1"})
        thread = threading.Thread(target=lambda: end_others(database))
        thread.start()
        thread.join()
        with pytest.raises(Exception, match=r"terminating|closed"):
            values(database)
        assert values(database) == {"a": "1"}
        database.close()


def test_a_hub_whose_place_another_one_took_while_the_server_was_away_uses_nothing_any_more() -> None:
    with fresh_database() as address:
        first, second = Database(address), Database(address)
        with first.only_hub():
            put(first.connection, hub, {"name": "a", "value": "1"})
            with pytest.raises(InputError, match="another hub"), second.only_hub():
                pass
            second.open()
            end_others(second)
            with second.only_hub():
                # The connection that the server ended is noticed by the first that uses it.
                with pytest.raises(SQLAlchemyError):
                    values(first)
                for _ in range(2):
                    with pytest.raises(SQLAlchemyError, match="another hub") as refused:
                        put(first.connection, hub, {"name": "a", "value": "2"})
                    assert not first.cannot_hold(refused.value), "no fault of what was to be written"
                assert DatabaseProbe(SqlHubMemory(first)).turns() == 0
            # The other one has gone; the server may need a moment to notice.
            wait_for(lambda: is_usable(first))
            assert values(first) == {"a": "1"}
        first.close()
        second.close()


def test_a_lock_whose_connection_alone_is_cut_is_taken_again_or_leaves_the_hub_without_its_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(only_hub, "LOOK_EVERY", 0.2)
    with fresh_database() as address:
        first, second = Database(address), Database(address)
        with first.only_hub():
            put(first.connection, hub, {"name": "a", "value": "1"})
            end_lock(second)
            # Nobody asks for a connection meanwhile.
            wait_for(lambda: has_lock(second))
            with ExitStack() as held:
                wait_for(lambda: is_taken_from_the_other(second, held))
                wait_for(lambda: not is_usable(first))
                with pytest.raises(SQLAlchemyError, match="another hub"), first.transaction():
                    pass
            wait_for(lambda: is_usable(first))
        first.close()
        second.close()


LOCKED = (
    "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
)


def end_lock(database: Database) -> None:
    database.connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid, 5000) FROM ({LOCKED}) AS held")


def has_lock(database: Database) -> bool:
    return database.connection.exec_driver_sql(LOCKED).first() is not None


def is_taken_from_the_other(database: Database, held: ExitStack) -> bool:
    """The other may be faster to take it again."""
    end_lock(database)
    with suppress(InputError):
        held.enter_context(database.only_hub())
        return True
    return False


def is_usable(database: Database) -> bool:
    try:
        return bool(values(database))
    except SQLAlchemyError:
        return False


def end_others(database: Database) -> None:
    mine = "datname = current_database() AND pid != pg_backend_pid()"
    database.connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_a_database_of_every_earlier_version_is_brought_here(tmp_path: Path, version: int) -> None:
    with closing(sqlite3.connect(tmp_path / "hub.db")) as earlier:
        for step in STEPS[:version]:
            for statement in statements(step):
                earlier.execute(statement)
        earlier.execute("INSERT INTO hub VALUES ('kept', 'here')")
        earlier.execute(f"PRAGMA user_version = {version}")
        earlier.commit()
    database = Database(tmp_path / "hub.db")
    database.open()
    assert values(database) == {"kept": "here"}
    assert version_of(database.connection) == HEAD
    database.close()


def test_a_postgresql_that_cannot_be_reached_is_told_in_one_line_without_its_password() -> None:
    database = Database("postgresql://hub:secret@127.0.0.1:1/hub")
    with pytest.raises(InputError, match=r"hub:\*\*\*@127\.0\.0\.1.*cannot be used") as caught:
        database.open()
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_transaction_in_which_a_failure_was_swallowed_never_loses_the_rest_in_silence(database: Database) -> None:
    def swallow_and_go_on() -> None:
        with database.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO hub VALUES ('name', 'value')")
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql("SELECT nothing FROM hub")

    if database.is_sqlite:
        swallow_and_go_on()
        assert values(database) == {"name": "value"}
        return
    with pytest.raises(SQLAlchemyError, match="nothing of the transaction is kept"):
        swallow_and_go_on()
    assert (values(database), database.rollbacks) == ({}, 1)
