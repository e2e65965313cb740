"""That one hub alone answers for a PostgreSQL database: a lock that lasts as long as a connection of its own."""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.model.problem import InputError

ONE_HUB = 0x5E4509


class OnlyHub:
    """Held from `take` to `give_back`. A server that was restarted has forgotten it: `keep` takes it again."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._held: Connection | None = None
        self._is_wanted = False
        self._guard = threading.Lock()

    def take(self) -> None:
        """InputError where another hub has it; SQLAlchemyError where the server cannot be asked."""
        with self._guard:
            self._take()
            self._is_wanted = True

    def keep(self) -> None:
        """Before a new connection is used; raises as `take` does. Nothing where the lock is not wanted."""
        with self._guard:
            if self._is_wanted and not self._has_it():
                self._take()

    def give_back(self) -> None:
        with self._guard:
            self._is_wanted = False
            self._close()

    def _has_it(self) -> bool:
        if self._held is None:
            return False
        try:
            self._held.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def _take(self) -> None:
        self._close()
        held = self._engine.connect()
        if not held.exec_driver_sql(f"SELECT pg_try_advisory_lock({ONE_HUB})").scalar():
            held.close()
            expected = "one sensor-hub for each database"
            raise InputError("another hub runs on this database", where=self._name, expected=expected)
        self._held = held

    def _close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
