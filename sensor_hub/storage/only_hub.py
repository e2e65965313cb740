"""That one hub alone answers for a PostgreSQL database: a lock that lasts as long as a connection of its own."""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.model.problem import InputError

ONE_HUB = 0x5E4509
ANOTHER = "another hub runs on this database"
LOOK_EVERY = 2.0
"""Seconds within which it is noticed that the lock's connection alone was cut."""

log = logging.getLogger(__name__)


class NotAloneError(SQLAlchemyError):
    """Another hub answers for the database meanwhile: it fails as a server fails that has gone, whatever was asked."""


class OnlyHub:
    """Held from `take` to `give_back`. A server that was restarted, or a connection that was cut, has forgotten it: it
    is taken again, and `is_lost` as long as it cannot be."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._held: Connection | None = None
        self._is_wanted = False
        self.is_lost = False
        """Whether nothing may be used before `keep` has it again."""
        self._guard = threading.Lock()
        self._done = threading.Event()

    def take(self) -> None:
        """InputError where another hub has it; SQLAlchemyError where the server cannot be asked."""
        with self._guard:
            if not self._take():
                expected = "one sensor-hub for each database"
                raise InputError(ANOTHER, where=self._name, expected=expected)
            self._is_wanted = True
            self._done = threading.Event()
            threading.Thread(target=self._look, args=[self._done], name="only hub", daemon=True).start()

    def keep(self) -> None:
        """Before a new connection is used; SQLAlchemyError where it cannot be had. Nothing where it is not wanted."""
        with self._guard:
            if self._is_wanted and not self._has_it():
                self.is_lost = True
                if not self._take():
                    raise NotAloneError(f"{self._name}: {ANOTHER}")
                self.is_lost = False

    def give_back(self) -> None:
        with self._guard:
            self._done.set()
            self._is_wanted = self.is_lost = False
            self._close()

    def _look(self, done: threading.Event) -> None:
        """A connection that nobody uses is not missed by anybody else."""
        while not done.wait(LOOK_EVERY):
            was_lost = self.is_lost
            try:
                self.keep()
            except SQLAlchemyError as error:
                if not was_lost:
                    log.error("this hub is not the only one on its database any more, and leaves it alone: %s", error)
            else:
                if was_lost:
                    log.warning("this hub is the only one on its database again")

    def _has_it(self) -> bool:
        if self._held is None:
            return False
        try:
            self._held.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def _take(self) -> bool:
        """False where another hub has it."""
        self._close()
        held = self._engine.connect()
        if not held.exec_driver_sql(f"SELECT pg_try_advisory_lock({ONE_HUB})").scalar():
            held.close()
            return False
        self._held = held
        return True

    def _close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
