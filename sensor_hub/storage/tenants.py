"""Whose each home is."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import insert_new, put
from sensor_hub.storage.tables.homes import tenant_of_home as tenants


class SqlTenants:
    """The first tenant that a home is heard of keeps it, until somebody says otherwise."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, home: str) -> str | None:
        """None as long as nothing of the home was heard."""
        found = select(tenants.c.tenant).where(tenants.c.home == home)
        tenant: str | None = self.database.connection.execute(found).scalar()
        return tenant

    def of_each(self, homes: Collection[str]) -> dict[str, str]:
        """The tenants of these homes, as far as any of them was heard of."""
        found = select(tenants.c.home, tenants.c.tenant).where(tenants.c.home.in_(homes))
        return dict(self.database.connection.execute(found).all())

    def homes_after(self, tenant: str, after: str, limit: int) -> list[str]:
        """The first homes of this tenant whose ids follow this one, by id."""
        behind = (tenants.c.tenant == tenant) & (tenants.c.home > after)
        found = select(tenants.c.home).where(behind).order_by(tenants.c.home).limit(limit)
        return list(self.database.connection.execute(found).scalars())

    def all(self) -> dict[str, str]:
        """The tenant of each home that was heard of."""
        found = self.database.connection.execute(select(tenants.c.home, tenants.c.tenant))
        return {row.home: row.tenant for row in found}

    def bind(self, home: str, tenant: str) -> str:
        """The home is this tenant's unless it is another's already; whose it is now."""
        bound = self.of(home)
        if bound is not None:
            return bound
        with self.database.transaction() as connection:
            if insert_new(connection, tenants, {"home": home, "tenant": tenant}):
                note_change(connection, What.TENANCY, home=home, detail=tenant)
        return self.of(home) or tenant

    def give(self, home: str, tenant: str) -> None:
        """The home is this tenant's from now on."""
        if self.of(home) == tenant:
            return
        with self.database.transaction() as connection:
            put(connection, tenants, {"home": home, "tenant": tenant})
            note_change(connection, What.TENANCY, home=home, detail=tenant)

    def forget(self, home: str) -> None:
        """The next tenant that is heard of the home gets it."""
        with self.database.transaction() as connection:
            connection.execute(delete(tenants).where(tenants.c.home == home))
            note_change(connection, What.TENANCY, home=home)
