"""Failures to sign in, by account and by address."""

from __future__ import annotations

from sqlalchemy import delete, select

from sensor_hub.access.lockout import Attempts, after_failure
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.accounts import sign_in_failure as failure


class StoredFailures:
    """`who` is a hash: people type passwords where a name belongs, and addresses are personal."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, who: str) -> Attempts:
        select_failures = select(failure.c.failures, failure.c.last_ms).where(failure.c.who == who)
        row = self.database.connection.execute(select_failures).one_or_none()
        return Attempts() if row is None else Attempts(int(row[0]), from_ms(int(row[1])))

    def add(self, who: str, at: float) -> Attempts:
        """One more."""
        with self.database.transaction() as connection:
            attempts = after_failure(self.of(who), at)
            put(connection, failure, {"who": who, "failures": attempts.failures, "last_ms": to_ms(attempts.last_at)})
        return attempts

    def forget(self, who: str) -> None:
        with self.database.transaction() as connection:
            connection.execute(delete(failure).where(failure.c.who == who))

    def forget_before(self, at: float) -> int:
        """Strikes those of whom nothing failed since; how many."""
        with self.database.transaction() as connection:
            return connection.execute(delete(failure).where(failure.c.last_ms <= to_ms(at))).rowcount
