"""Whom of a step quiet hours keep from being told, and until when."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, delete

from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.alerts import held_telling
from sensor_hub.watch.kept_back_ports import Release

TAKE = (
    delete(held_telling)
    .where(held_telling.c.until_ms <= bindparam("now", type_=BigInteger))
    .returning(held_telling.c.alert, held_telling.c.contact, held_telling.c.number, held_telling.c.turn)
)
DROP = (
    delete(held_telling)
    .where(held_telling.c.alert == bindparam("its_id", type_=Text))
    .returning(held_telling.c.contact)
)


class SqlHolds:
    """See `watch.ports.Holds`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, release: Release, until: float) -> None:
        """Takes the place of an earlier hold of the alert for the same contact."""
        put(self.database.connection, held_telling, {**release._asdict(), "until_ms": to_ms(until)})

    def take(self, at: float) -> list[Release]:
        """Those whose time has come; they are held no longer."""
        rows = self.database.connection.execute(TAKE, {"now": to_ms(at)}).all()
        return sorted(Release(*row) for row in rows)

    def drop(self, alert: str) -> list[str]:
        """Nobody has to hear of the alert any more; the contacts who were to."""
        return sorted(self.database.connection.execute(DROP, {"its_id": alert}).scalars().all())
