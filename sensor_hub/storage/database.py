"""The hub's database: one SQLite file, or PostgreSQL."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from sensor_hub.model.problem import InputError
from sensor_hub.storage.inserting import put
from sensor_hub.storage.migrating import NewerError, migrate, version_of
from sensor_hub.storage.only_hub import OnlyHub
from sensor_hub.storage.tables.hub import hub

if TYPE_CHECKING:
    import psycopg

DATABASE = "hub.db"
"""Its name in the data folder."""
BUSY_SECONDS = 10.0
FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""What SQLite says where a disk, or what its owner may use of it, is full."""
ROOM = 512 * 1024
"""Bytes that must fit before a full disk is taken for one with room."""
UNFIT = (ValueError, TypeError, OverflowError)
"""What says, beside the driver's own errors, that a value cannot be written: half a character, too large a number."""
DISK_FULL = "53100"
"""As PostgreSQL calls it."""
POSTGRESQL = "postgresql"
NOTED = "noted"
"""In a connection's own notes: its transaction wrote down a change that somebody may wait for."""
ONE_WRITER = 0x5E4508
"""The advisory lock that makes a transaction the only one that writes, as SQLite's `BEGIN IMMEDIATE` does: positions
of the log are then visible in their order, and what a transaction read still holds when it writes."""


class Database:
    """One connection for each thread. What a committed transaction wrote survives a power cut.

    `where`: the file, or the address of a PostgreSQL database (`postgresql://user:password@host/name`). Outside of
    `transaction` and `view` each statement stands for itself.
    """

    def __init__(self, where: Path | str) -> None:
        self.path = where if isinstance(where, Path) else None
        """The file; None where there is none."""
        self.engine = _engine(where)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.rollbacks = 0
        """How many transactions came to nothing: what was remembered of them is void."""
        self.on_noted: Callable[[], object] = _nothing
        """Called by the thread that stored a change, once it is stored."""
        self._own = threading.local()
        self._all: list[Connection] = []
        self._guard = threading.Lock()
        self._only_hub = OnlyHub(self.engine, self.name)

    @property
    def name(self) -> str:
        """What people know it by, without its password."""
        return self.engine.url.render_as_string() if self.path is None else str(self.path)

    def open(self) -> None:
        """Creates the file or brings what is there to this version; InputError where it cannot be used."""
        try:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # What people do at home is for the hub's own user only; the files beside it take its rights.
                self.path.touch(mode=0o600)
            migrate(self.connection, self.transaction)
        except NewerError as error:
            expected = f"version {error.own} or older: install the newer program"
            what = f"was written by a newer sensor-hub (version {error.found} of the database)"
            raise InputError(what, where=self.name, expected=expected) from error
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def has_tables(self) -> bool:
        """Whether a hub ever ran on it; InputError where it cannot be reached."""
        return self.version() > 0

    def version(self) -> int:
        """Of which version it is, as it stands; InputError where it cannot be reached."""
        try:
            with self.engine.connect() as connection:
                return version_of(connection)
        except SQLAlchemyError as error:
            raise self._trouble(error) from error

    @contextmanager
    def only_hub(self) -> Iterator[None]:
        """No other hub answers for this PostgreSQL database meanwhile; InputError where one does.

        Where the server was restarted and another hub was faster, nothing is read or written here any more.
        """
        try:
            self._only_hub.take()
        except SQLAlchemyError as error:
            raise self._trouble(error) from error
        try:
            yield
        finally:
            self._only_hub.give_back()

    def _trouble(self, error: Exception) -> InputError:
        expected = "a PostgreSQL database that runs, and a user who may create tables in it"
        if self.is_sqlite:
            expected = "a database of sensor-hub in a folder that can be written"
        return InputError(f"cannot be used ({_first_line(error)})", where=self.name, expected=expected)

    @property
    def connection(self) -> Connection:
        """This thread's connection."""
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is not None and connection.invalidated and not self._is_within:
            # The server had gone: what was on its way failed, what follows finds a new connection.
            self._forget(connection)
            connection = None
        if connection is None or (self._only_hub.is_lost and not self._is_within):
            self._only_hub.keep()
        if connection is None:
            connection = self.engine.connect()
            self._own.connection = connection
            with self._guard:
                self._all.append(connection)
        return connection

    @property
    def raw(self) -> sqlite3.Connection:
        """This thread's connection as SQLite's driver has it, in the same transaction."""
        return cast(sqlite3.Connection, self.connection.connection.driver_connection)

    @property
    def _is_within(self) -> bool:
        return getattr(self._own, "is_within", False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All of it or nothing. Inside another transaction of this thread it is a part of that one."""
        connection = self.connection
        if self._is_within:
            yield connection
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        connection.info.pop(NOTED, None)
        self._own.is_within = True
        try:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_WRITER})")
            yield connection
            self._refuse_void(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            self.rollbacks += 1
            # SQLite may have rolled back by itself, on a full disk say; a server may have gone.
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql("ROLLBACK")
            raise
        finally:
            self._own.is_within = False
        if connection.info.pop(NOTED, False):
            self.on_noted()

    def _refuse_void(self, connection: Connection) -> None:
        """PostgreSQL takes nothing after a statement failed, and answers `COMMIT` by rolling back without an error."""
        if self.is_sqlite:
            return
        raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        if raw.info.transaction_status.name == "INERROR":
            raise SQLAlchemyError("a statement failed: nothing of the transaction is kept")

    def is_full(self, error: BaseException) -> bool:
        """Whether a statement failed for want of room on the disk."""
        original = getattr(error, "orig", None) or error
        if isinstance(original, sqlite3.Error):
            return getattr(original, "sqlite_errorcode", None) in FULL
        return getattr(original, "sqlstate", None) == DISK_FULL

    def cannot_hold(self, error: BaseException) -> bool:
        """Whether something failed for what was to be written: so it does however often it is tried."""
        driver: Any = self.engine.dialect.dbapi
        unfit = (*UNFIT, driver.DataError, driver.IntegrityError)
        return isinstance(getattr(error, "orig", None) or error, unfit)

    def has_room(self) -> bool:
        """Whether there is room again for more than a few rows; tried by writing."""
        try:
            # Nothing that PostgreSQL could write shorter.
            for value in (secrets.token_hex(ROOM // 2), ""):
                with self.transaction() as connection:
                    put(connection, hub, {"name": "room", "value": value})
        except SQLAlchemyError as error:
            if self.is_full(error):
                return False
            raise
        return True

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """Reads that all see the same moment, whatever is written meanwhile."""
        connection = self.connection
        connection.exec_driver_sql("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._own.is_within = True
        try:
            yield connection
        finally:
            self._own.is_within = False
            connection.exec_driver_sql("COMMIT")

    def close(self) -> None:
        """Closes every thread's connection. The database can be used again afterwards."""
        with self._guard:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._own = threading.local()

    def _forget(self, connection: Connection) -> None:
        self._own.connection = None
        with self._guard:
            self._all.remove(connection)
        connection.close()


def address_trouble(address: str) -> str | None:
    """What is expected of the address of a database instead; None where nothing is wrong with it."""
    try:
        is_known = make_url(address).get_backend_name() == POSTGRESQL
    except ArgumentError:
        is_known = False
    return None if is_known else "an address like postgresql://user:password@host/name"


def _engine(where: Path | str) -> Engine:
    """Connections that commit each statement by itself, unless `BEGIN` is said: SQLAlchemy's own beginning of
    transactions would make every read one, and in SQLite could not say `IMMEDIATE`."""
    if isinstance(where, str):
        address = make_url(where).set(drivername=f"{POSTGRESQL}+psycopg")
        return create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    # Another thread closes a connection at the end; until then only its own uses it.
    options = {"timeout": BUSY_SECONDS, "check_same_thread": False, "cached_statements": 256}
    address = URL.create("sqlite", database=str(where))
    engine = create_engine(
        address, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True, connect_args=options
    )
    event.listen(engine, "connect", _settle_sqlite)
    return engine


def _settle_sqlite(connection: Any, _: object) -> None:
    # FULL: a batch is answered "stored" after the commit, and the gateway then forgets it.
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = OFF", "cache_size = -8000"):
        connection.execute(f"PRAGMA {setting}")


def _first_line(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().partition("\n")[0]


def noted(connection: Connection) -> None:
    """What is written in this transaction, somebody may wait for: see `on_noted`."""
    connection.info[NOTED] = True


def _nothing() -> None: ...


def to_ms(at: float) -> int:
    """A moment as the database keeps it."""
    return round(at * 1000)


def from_ms(ms: int) -> float:
    """The moment that `to_ms` kept."""
    return ms / 1000
