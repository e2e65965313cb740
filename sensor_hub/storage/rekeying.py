"""The exchange of the key of personal data, row by row, while the hub may be running.

Each step leaves what the next start of it goes on from, so that it can be killed anywhere:

1. the new key stands in the file before the old one;
2. the database names it, in a transaction of its own: whoever seals later seals with it, whoever sealed before has
   committed (a transaction that writes is alone);
3. the tokens of the old key are sealed anew, some at a time;
4. no token of another key is left, and the file holds the new key alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, func, select, update

from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import Key, KeyFile, new_key
from sensor_hub.storage.sealed import SEALED, SealedColumn
from sensor_hub.storage.vault import CURRENT_KEY, LockedError, Remembered, Vault, key_of

AT_ONCE = 100
"""Rows in one transaction: others that write wait for so many at most."""

Progress = Callable[[int, int], object]
"""Told how many values were looked at, and of how many."""


class Rotation:
    """One that was cut short is finished by the next, and no other begun."""

    def __init__(self, database: Database, file: KeyFile, remembered: Remembered) -> None:
        self.database = database
        self.file = file
        self.remembered = remembered
        self.vault = Vault(file, remembered)
        self.stuck: list[str] = []
        """Places whose values do not open; they stay as they are."""

    def run(self, progress: Progress = lambda done, total: None) -> int:
        """How many values were sealed anew. InputError where the key is not at hand.

        Where `stuck` has any, the file keeps the old key, too.
        """
        newest = self._name_newest()
        total, done, count = sum(map(self._count, SEALED)), 0, 0
        for column in SEALED:
            after: object = None
            while rows := self._rows(column, after):
                count += self._seal_anew(column, rows, newest.id)
                after, done = rows[-1][0], done + len(rows)
                progress(done, max(done, total))
        if not self.stuck:
            self.file.write([newest])
        return count

    def _name_newest(self) -> Key:
        """The first two steps."""
        keys = self.file.read()
        current = self.remembered.get(CURRENT_KEY)
        where = str(self.file.path)
        if current is None:
            raise InputError("no personal data were sealed yet", where=where, expected="a hub that has run")
        if current not in {key.id for key in keys}:
            raise InputError("is another key", where=where, expected="the one that personal data are sealed with")
        if len(keys) == 1:
            keys = (new_key(), *keys)
            self.file.write(keys)
        self.remembered.keep(CURRENT_KEY, keys[0].id)
        return keys[0]

    def _count(self, column: SealedColumn) -> int:
        return int(self.database.connection.execute(select(func.count(column.token))).scalar_one())

    def _rows(self, column: SealedColumn, after: object) -> list[Row[Any]]:
        rows = select(column.key, column.token, *column.beside).where(column.token.is_not(None))
        rows = rows.order_by(column.key).limit(AT_ONCE)
        if after is not None:
            rows = rows.where(column.key > after)
        return list(self.database.connection.execute(rows))

    def _seal_anew(self, column: SealedColumn, rows: list[Row[Any]], newest: str) -> int:
        """Those that another key sealed; what somebody changed meanwhile has the new one already."""
        count = 0
        with self.database.transaction() as connection:
            for row in rows:
                place, token = column.place(row), row._mapping[column.token]
                try:
                    if key_of(token) == newest:
                        continue
                    fresh = self.vault.seal(self.vault.open(token, place), place)
                except LockedError:
                    self.stuck.append(place)
                    continue
                same = (column.key == row[0]) & (column.token == token)
                changed = update(column.table).where(same).values({column.token.name: fresh})
                count += connection.execute(changed).rowcount
        return count
