"""What is wrong with the key of personal data, each with a hint, and whether it fits a backup."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from sensor_hub.database_door import has_data, open_stores
from sensor_hub.model.problem import InputError
from sensor_hub.remark import Remark, remark_of
from sensor_hub.settings import Settings
from sensor_hub.storage.database import DATABASE
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.sealed import SEALED
from sensor_hub.storage.vault import CURRENT_KEY, LockedError, Vault, key_of

UNFIT = "bring back the key that these data were sealed with (deploy/privacy.md)"


def key_troubles(settings: Settings) -> Iterator[Remark]:
    """Each of them."""
    file = KeyFile(settings.privacy.key_file)
    if not file.path.exists() and not has_data(settings):
        yield from _cannot_be_made(file.path)
        return
    yield from _locked(settings, file)
    if file.is_open_to_others():
        mode = file.path.stat().st_mode & 0o777
        yield Remark(
            "privacy.key_open",
            f"{file.path} may be read or changed by others (mode {mode:o})",
            "chmod 600, then keys rotate",
        )


def key_noted(settings: Settings) -> Iterator[Remark]:
    """What is no fault."""
    path = settings.privacy.key_file
    if path.absolute().is_relative_to(settings.data.absolute()):
        yield Remark(
            "privacy.key_place",
            f"{path} lies among the data: who copies that folder whole has both",
            "give it another place",
        )


def refuse_other_key(made: Path, key_file: Path) -> None:
    """InputError where personal data in this backup were sealed with a key that is not in the file."""
    try:
        with closing(sqlite3.connect(f"file:{made / DATABASE}?mode=ro&immutable=1", uri=True)) as connection:
            needed = set(_keys_in(connection))
    except sqlite3.Error:
        # What is no backup is told by who restores it.
        return
    expected = "the key as it was when the backup was made, or --without-key: all but personal data is restored"
    try:
        missing = needed and needed - {key.id for key in KeyFile(key_file).read()}
    except InputError as error:
        raise InputError(error.what, where=error.where, expected=expected) from error
    if missing:
        raise InputError("personal data in the backup need another key", where=str(key_file), expected=expected)


def _keys_in(connection: sqlite3.Connection) -> Iterator[str]:
    """The one that seals, and in a backup made while the key was exchanged also the one before it."""
    for (name,) in connection.execute("SELECT value FROM hub WHERE name = ?", (CURRENT_KEY,)):
        yield name
    for column in SEALED:
        table, token = column.table.name, column.token.name
        # An older backup lacks what came later.
        if token in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            for (value,) in connection.execute(f"SELECT {token} FROM {table} WHERE {token} IS NOT NULL"):
                with suppress(LockedError):
                    yield key_of(value)


def _cannot_be_made(path: Path) -> Iterator[Remark]:
    folder = next(each for each in path.absolute().parents if each.exists())
    if not os.access(folder, os.W_OK):
        yield Remark(
            "privacy.key_unwritable",
            f"cannot be made in {folder}",
            "make it there with keys new, as a user who may, or name another place",
        )


def _locked(settings: Settings, file: KeyFile) -> Iterator[Remark]:
    if not has_data(settings):
        try:
            file.read()
        except InputError as error:
            yield remark_of(error, "privacy.key_file")
        return
    stores = open_stores(settings)
    try:
        if stores.memory.get(CURRENT_KEY) is not None:
            trouble = Vault(file, stores.memory).trouble()
            yield from [Remark("privacy.key_file", trouble, UNFIT)] if trouble else []
        elif not file.path.exists():
            yield from _cannot_be_made(file.path)
    finally:
        stores.database.close()
