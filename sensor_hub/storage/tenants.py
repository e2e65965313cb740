"""Whose each home is."""

from __future__ import annotations

from sensor_hub.storage.database import Database


class SqliteTenants:
    """The first tenant that a home is heard of keeps it, until somebody says otherwise."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, home: str) -> str | None:
        """None as long as nothing of the home was heard."""
        row = self.database.raw.execute("SELECT tenant FROM tenant_of_home WHERE home = ?", (home,)).fetchone()
        return None if row is None else str(row[0])

    def all(self) -> dict[str, str]:
        """The tenant of each home that was heard of."""
        return dict(self.database.raw.execute("SELECT home, tenant FROM tenant_of_home").fetchall())

    def bind(self, home: str, tenant: str) -> str:
        """The home is this tenant's unless it is another's already; whose it is now."""
        bound = self.of(home)
        if bound is not None:
            return bound
        with self.database.raw_transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO tenant_of_home (home, tenant) VALUES (?, ?)", (home, tenant))
        return self.of(home) or tenant

    def give(self, home: str, tenant: str) -> None:
        """The home is this tenant's from now on."""
        with self.database.raw_transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO tenant_of_home (home, tenant) VALUES (?, ?)", (home, tenant))

    def forget(self, home: str) -> None:
        """The next tenant that is heard of the home gets it."""
        with self.database.raw_transaction() as connection:
            connection.execute("DELETE FROM tenant_of_home WHERE home = ?", (home,))
