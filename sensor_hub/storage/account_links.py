"""Links by which people set their own password: each is good once, and until it ends."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.tables.accounts import account_link as link


class StoredAccountLinks:
    """By the hash of their keys."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, key_hash: str, account: str, *, at: float, ends_at: float) -> None:
        """The account's links before it end by that."""
        row = {"key_hash": key_hash, "account": account, "made_ms": to_ms(at), "ends_ms": to_ms(ends_at)}
        with self.database.transaction() as connection:
            connection.execute(delete(link).where(link.c.account == account))
            connection.execute(insert(link), row)

    def account_of(self, key_hash: str, at: float) -> str | None:
        """Whose link it is; None where it is none, was used, or has ended."""
        is_it = (link.c.key_hash == key_hash) & (link.c.made_ms <= to_ms(at)) & (link.c.ends_ms > to_ms(at))
        found = self.database.connection.execute(select(link.c.account).where(is_it)).scalar()
        return None if found is None else str(found)

    def last_made(self, account: str) -> float | None:
        """When the account's link that still stands was made."""
        made = select(func.max(link.c.made_ms)).where(link.c.account == account)
        found = self.database.connection.execute(made).scalar()
        return None if found is None else int(found) / 1000

    def use(self, key_hash: str) -> bool:
        """False where somebody was quicker."""
        with self.database.transaction() as connection:
            return connection.execute(delete(link).where(link.c.key_hash == key_hash)).rowcount == 1

    def end_all_of(self, account: str) -> None:
        with self.database.transaction() as connection:
            connection.execute(delete(link).where(link.c.account == account))
