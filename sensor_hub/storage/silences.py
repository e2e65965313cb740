"""The silences that people asked for, in SQLite."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.alerts.silence import Silence
from sensor_hub.model.kind import Kind
from sensor_hub.storage.database import Database, from_ms, to_ms

COLUMNS = "id, homes, start_ms, until_ms, who, why, kinds, place, ended_ms, ended_by"


class SqliteSilences:
    """See `watch.ports.Silences`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, silence: Silence) -> None:
        """One with the same id stays as it is."""
        each = silence
        self.database.raw.execute(
            f"INSERT OR IGNORE INTO silence ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, '')",
            (
                *(each.id, each.homes, to_ms(each.start), to_ms(each.until), each.who, each.why),
                *(" ".join(sorted(each.kinds)), each.place),
            ),
        )

    def get(self, silence: str) -> Silence | None:
        select = f"SELECT {COLUMNS} FROM silence WHERE id = ?"
        row = self.database.raw.execute(select, (silence,)).fetchone()
        return None if row is None else _silence(row)

    def standing(self) -> list[Silence]:
        """Those that have not ended, also such as have not begun."""
        select = f"SELECT {COLUMNS} FROM silence WHERE ended_ms IS NULL ORDER BY until_ms, id"
        return [_silence(row) for row in self.database.raw.execute(select)]

    def ended(self, since: float) -> Iterator[Silence]:
        """Those that have ended since, the last first."""
        select = f"SELECT {COLUMNS} FROM silence WHERE ended_ms >= ? ORDER BY ended_ms DESC, id"
        return map(_silence, self.database.raw.execute(select, (to_ms(since),)))

    def end(self, silence: str, at: float, by: str) -> bool:
        """Ends it, once. `by`: empty where it ends by itself."""
        update = "UPDATE silence SET ended_ms = ?, ended_by = ? WHERE id = ? AND ended_ms IS NULL"
        return self.database.raw.execute(update, (to_ms(at), by, silence)).rowcount == 1

    def held_back(self, silence: str) -> list[str]:
        """The alerts that it held back, in order."""
        select = "SELECT alert, min(row) FROM alert_act WHERE act = 'silenced' AND who = ? GROUP BY alert ORDER BY 2"
        return [alert for alert, _ in self.database.raw.execute(select, (silence,))]


def _silence(row: tuple[str, str, int, int, str, str, str, str, int | None, str]) -> Silence:
    id_, homes, start_ms, until_ms, who, why, kinds, place, ended_ms, ended_by = row
    return Silence(
        id=id_,
        homes=homes,
        start=from_ms(start_ms),
        until=from_ms(until_ms),
        who=who,
        why=why,
        kinds=frozenset(Kind(kind) for kind in kinds.split()),
        place=place,
        ended_at=None if ended_ms is None else from_ms(ended_ms),
        ended_by=ended_by,
    )
