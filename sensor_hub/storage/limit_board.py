"""How much more evidence each home asks for since people said what its alerts were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, select

from sensor_hub.storage.database import Database
from sensor_hub.storage.tables.homes import own_limit as limits
from sensor_hub.watch.ports import LimitRow


class SqlLimitBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, rows: Sequence[LimitRow]) -> None:
        """Takes the place of what stood there."""
        with self.database.transaction() as connection:
            connection.execute(delete(limits).where(limits.c.home == home))
            if rows:
                connection.execute(insert(limits), [{"home": home, **asdict(row)} for row in rows])

    def shown(self, home: str) -> list[LimitRow]:
        """By kind; none where nothing is moved."""
        return self.shown_of([home]).get(home, [])

    def shown_of(self, homes: Collection[str]) -> dict[str, list[LimitRow]]:
        """The same of those homes in which anything is moved."""
        columns = (limits.c.home, limits.c.kind, limits.c.asked, limits.c.false_ones, limits.c.true_ones)
        found = select(*columns).where(limits.c.home.in_(homes)).order_by(limits.c.kind)
        shown: dict[str, list[LimitRow]] = {}
        for home, *row in self.database.connection.execute(found):
            shown.setdefault(home, []).append(LimitRow(*row))
        return shown
