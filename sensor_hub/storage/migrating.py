"""The way of a database to this program's version, by Alembic's migrations."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, inspect

HEAD = 26
"""The newest migration; `migrations/versions` has one file for each, by its number."""
VERSION_TABLE = "alembic_version"
BY_STEPS = 15
"""The last version that SQLite databases were brought to without Alembic."""


class NewerError(Exception):
    """The database is of a later version than this program."""

    def __init__(self, found: int, own: int) -> None:
        super().__init__(found, own)
        self.found = found
        self.own = own


def migrate(connection: Connection, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
    """All of the way or nothing; NewerError where there is none."""
    if version_of(connection) == HEAD and _is_alembics(connection):
        return
    with transaction():
        found = version_of(connection)
        if found > HEAD:
            raise NewerError(found, HEAD)
        _upgrade(connection)
        if connection.dialect.name == "sqlite":
            # Programs before Alembic know versions by this number alone, and refuse what is newer than they.
            connection.exec_driver_sql(f"PRAGMA user_version = {HEAD}")


def version_of(connection: Connection) -> int:
    """The number of the last migration; 0 where there is nothing yet."""
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if not _is_alembics(connection):
        return 0
    return int(connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar() or 0)


def _is_alembics(connection: Connection) -> bool:
    return inspect(connection).has_table(VERSION_TABLE)


def _upgrade(connection: Connection) -> None:
    # Only where there is something to do: it takes a tenth of a second.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "sensor_hub.storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
