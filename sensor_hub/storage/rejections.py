"""What came and could not be used: counted for ever, and the newest kept for a person's look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.watch.ports import Rejection

MOST_KEPT = 10_000
MOST_BYTES = 4096
"""Of one kept payload."""


class SqliteRejections:
    def __init__(self, database: Database, most: int = MOST_KEPT) -> None:
        self.database = database
        self.most = most

    def add(self, home: str, received: float, rejections: Sequence[Rejection]) -> None:
        """Counts them all and keeps the newest."""
        if not rejections:
            return
        at_ms = to_ms(received)
        rows = [(home, at_ms, each.what, each.reason, each.payload[:MOST_BYTES]) for each in rejections]
        counts = Counter(each.reason for each in rejections)
        with self.database.raw_transaction() as connection:
            insert = "INSERT INTO rejected (home, received_ms, what, reason, payload) VALUES (?, ?, ?, ?, ?)"
            connection.executemany(insert, rows)
            connection.executemany(
                "INSERT INTO rejected_count (home, reason, count) VALUES (?, ?, ?)"
                " ON CONFLICT (home, reason) DO UPDATE SET count = count + excluded.count",
                [(home, reason, count) for reason, count in counts.items()],
            )
            newest = connection.execute("SELECT max(id) FROM rejected").fetchone()[0]
            connection.execute("DELETE FROM rejected WHERE id <= ?", (newest - self.most,))

    def counts(self, home: str | None = None) -> Mapping[str, int]:
        """How many there ever were, by reason; None: of all homes and none."""
        select = "SELECT reason, sum(count) FROM rejected_count WHERE ?1 IS NULL OR home = ?1 GROUP BY reason"
        return {str(reason): int(count) for reason, count in self.database.raw.execute(select, (home,))}

    def kept(self) -> int:
        """How many can still be looked at."""
        return int(self.database.raw.execute("SELECT count(*) FROM rejected").fetchone()[0])
