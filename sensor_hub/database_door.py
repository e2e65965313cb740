"""The way into the hub's database, for the hub itself and for commands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensor_hub.keeping.restore import alone_on, refuse_half_restored
from sensor_hub.model.problem import InputError
from sensor_hub.settings import Settings
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.stores import SqlStores

MOVED = "moved"
"""Stands in a data folder whose database was moved elsewhere, and says where to."""


def moved_mark(settings: Settings) -> Path:
    """See `MOVED`."""
    return settings.data / MOVED


def refuse_unusable(settings: Settings) -> None:
    """InputError where the data are half restored, or were moved to a database that the settings do not name."""
    refuse_half_restored(settings.data)
    if settings.database.url is None and moved_mark(settings).exists():
        where = moved_mark(settings).read_text(encoding="utf-8").strip()
        expected = f"[database] with its url; or remove {moved_mark(settings)} to go on with the old data"
        raise InputError(f"the data were moved to {where}", where=str(settings.file), expected=expected)


def database_of(settings: Settings) -> Database:
    """The hub's database, not opened."""
    return Database(settings.data / DATABASE if settings.database.url is None else settings.database.url)


@contextmanager
def alone_with(settings: Settings, database: Database | None = None) -> Iterator[None]:
    """Nobody else answers for these data meanwhile; InputError where somebody does.

    `database`: by which they are used, so that it notices where another hub comes in later.
    """
    with alone_on(settings.data):
        if settings.database.url is None:
            yield
            return
        with (database or database_of(settings)).only_hub():
            yield


def has_data(settings: Settings) -> bool:
    """Whether a hub ever ran with these settings; InputError where its database cannot be reached."""
    path = settings.data / DATABASE
    return path.exists() if settings.database.url is None else database_of(settings).has_tables()


def open_stores(settings: Settings) -> SqlStores:
    """The stores of a hub that may be running; InputError where there are none."""
    refuse_unusable(settings)
    database = database_of(settings)
    if not has_data(settings):
        expected = "a hub that has run; --config names its settings"
        raise InputError("no data yet", where=database.name, expected=expected)
    database.open()
    return SqlStores(database)
