"""What came and could not be used: counted for ever, and the newest kept for a person's look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, func, insert, select

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import upsert
from sensor_hub.storage.tables.homes import rejected, rejected_count
from sensor_hub.watch.ports import Rejection

MOST_KEPT = 10_000
MOST_BYTES = 4096
"""Of one kept payload."""


class SqlRejections:
    def __init__(self, database: Database, most: int = MOST_KEPT) -> None:
        self.database = database
        self.most = most

    def add(self, received: float, rejections: Mapping[str, Sequence[Rejection]]) -> None:
        """By home: counts them all, and keeps the newest of those that hold anything."""
        counts = Counter((home, each.reason) for home, some in rejections.items() for each in some)
        if not counts:
            return
        at_ms = to_ms(received)
        rows = [
            {"home": home, "received_ms": at_ms, "what": each.what, "reason": each.reason, "payload": payload}
            for home, some in rejections.items()
            for each in some
            if (payload := each.payload[:MOST_BYTES])
        ]
        with self.database.transaction() as connection:
            self._count(counts)
            if rows:
                connection.execute(insert(rejected), rows[-self.most :])
                newest = connection.execute(select(func.max(rejected.c.id))).scalar_one()
                connection.execute(delete(rejected).where(rejected.c.id <= newest - self.most))

    def count(self, home: str, reason: str, times: int) -> None:
        """Counts what must not be kept."""
        self._count({(home, reason): times})

    def _count(self, counts: Mapping[tuple[str, str], int]) -> None:
        rows = [{"home": home, "reason": reason, "count": times} for (home, reason), times in counts.items()]
        with self.database.transaction() as connection:
            more = upsert(connection, rejected_count)
            total = rejected_count.c.count + more.excluded.count
            more = more.on_conflict_do_update(index_elements=["home", "reason"], set_={"count": total})
            connection.execute(more, rows)

    def counts(self, home: str | None = None) -> Mapping[str, int]:
        """How many there ever were, by reason; None: of all homes and none."""
        found = select(rejected_count.c.reason, func.sum(rejected_count.c.count)).group_by(rejected_count.c.reason)
        if home is not None:
            found = found.where(rejected_count.c.home == home)
        return {str(reason): int(count) for reason, count in self.database.connection.execute(found)}

    def counts_of(self, homes: Collection[str]) -> dict[str, dict[str, int]]:
        """The same of each of those homes that has any."""
        count = rejected_count.c
        counts: dict[str, dict[str, int]] = {}
        found = select(count.home, count.reason, count.count).where(count.home.in_(homes))
        for home, reason, times in self.database.connection.execute(found):
            counts.setdefault(home, {})[reason] = times
        return counts

    def kept(self) -> int:
        """How many can still be looked at."""
        return self.database.connection.execute(select(func.count()).select_from(rejected)).scalar_one()
