"""How each alert that lasts is now, in the engine's words: beside what was told, never in its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from sensor_hub.storage.database import Database
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.alerts import alert_now as words
from sensor_hub.watch.ports import NowRow


class SqlNowBoard:
    def __init__(self, database: Database) -> None:
        self.database = database

    def show(self, home: str, rows: Sequence[NowRow]) -> None:
        """Takes the place of what stood there."""
        with self.database.transaction() as connection:
            connection.execute(delete(words).where(words.c.home == home))
            for row in rows:
                put(connection, words, {"alert": row.alert, "home": home, "words": row.words})

    def keep_only(self, homes: Collection[str]) -> None:
        """Forgets how it is in all others."""
        with self.database.transaction() as connection:
            shown = connection.execute(select(words.c.home).distinct()).scalars().all()
            for home in set(shown).difference(homes):
                connection.execute(delete(words).where(words.c.home == home))
