"""The way on when the key of personal data is gone for good: what it sealed is removed, all else stays."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update

from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.sealed import SEALED, SealedColumn
from sensor_hub.storage.vault import CURRENT_KEY, LockedError, Remembered, key_of


def replace_lost(database: Database, file: KeyFile, remembered: Remembered) -> int:
    """Removes every value that no key in the file opens, and seals with the newest from now on, made where there is
    none. How many were removed. InputError where the key is not lost.
    """
    keys = file.read() if file.path.exists() else (file.make(),)
    known = {key.id for key in keys}
    if remembered.get(CURRENT_KEY) in known:
        raise InputError("fits: nothing is lost", where=str(file.path), expected="another key than the one that sealed")
    with database.transaction():
        count = sum(_remove(database, column, known) for column in SEALED)
        remembered.keep(CURRENT_KEY, keys[0].id)
    return count


def _remove(database: Database, column: SealedColumn, known: Collection[str]) -> int:
    rows = database.connection.execute(select(column.key, column.token).where(column.token.is_not(None))).all()
    lost = [key for key, token in rows if not _opens(token, known)]
    for key in lost:
        these = column.key == key
        if column.token.nullable:
            database.connection.execute(update(column.table).where(these).values({column.token.name: None}))
        else:
            database.connection.execute(delete(column.table).where(these))
    return len(lost)


def _opens(token: bytes, known: Collection[str]) -> bool:
    try:
        return key_of(token) in known
    except LockedError:
        return False
