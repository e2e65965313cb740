"""The hub's one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensor_hub.model.problem import InputError
from sensor_hub.storage.schema import MIGRATIONS

DATABASE = "hub.db"
"""Its name in the data folder."""
BUSY_SECONDS = 10.0


class Database:
    """One connection for each thread. What a committed transaction wrote survives a power cut."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rollbacks = 0
        """How many transactions came to nothing: what was remembered of them is void."""
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    def open(self) -> None:
        """Creates the file or brings it to this version; InputError where it cannot be used."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What people do at home is for the hub's own user only; the files beside it take its rights.
            self.path.touch(mode=0o600)
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            expected = "a database of sensor-hub in a folder that can be written"
            raise InputError(f"cannot be used ({error})", where=str(self.path), expected=expected) from error

    def _migrate(self) -> None:
        if self.connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS):
            return
        with self.transaction() as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > len(MIGRATIONS):
                raise InputError(
                    f"was written by a newer sensor-hub (version {version} of the database)",
                    where=str(self.path),
                    expected=f"version {len(MIGRATIONS)} or older: install the newer program",
                )
            for step in MIGRATIONS[version:]:
                for statement in _statements(step):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            # Another thread closes it at the end; until then only its own uses it.
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            # FULL: a batch is answered "stored" after the commit, and the gateway then forgets it.
            for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = OFF", "cache_size = -8000"):
                connection.execute(f"PRAGMA {setting}")
            self._own.connection = connection
            with self._guard:
                self._all.append(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Inside another transaction of this thread it is a part of that one."""
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            self.rollbacks += 1
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextmanager
    def view(self) -> Iterator[sqlite3.Connection]:
        """Reads that all see the same moment, whatever is written meanwhile."""
        connection = self.connection
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def close(self) -> None:
        """Closes every thread's connection. The database can be used again afterwards."""
        with self._guard:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._own = threading.local()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script: `executescript` would commit the transaction that makes a migration whole."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def to_ms(at: float) -> int:
    """A moment as the database keeps it."""
    return round(at * 1000)


def from_ms(ms: int) -> float:
    """The moment that `to_ms` kept."""
    return ms / 1000
