"""What changed, in its order: written by those who change it, read by those who tell whoever listens."""

from __future__ import annotations

import secrets

from sqlalchemy import BigInteger, Connection, Text, bindparam, delete, func, insert, literal, select

from sensor_hub.model.change import Change, What
from sensor_hub.storage.database import Database, from_ms, noted, to_ms
from sensor_hub.storage.tables.alerts import alert
from sensor_hub.storage.tables.changes import change

MARK_BITS = 31
NOTE = insert(change).inline()
NAMES = ("mark", "at_ms", "what", "home", "about", "kind", "detail")
NOTE_ALERT = insert(change).from_select(
    NAMES,
    select(
        bindparam("mark", type_=BigInteger),
        bindparam("at_ms", type_=BigInteger),
        bindparam("what", type_=Text),
        alert.c.home,
        alert.c.id,
        alert.c.kind,
        func.coalesce(bindparam("detail", type_=Text), alert.c.urgency),
    ).where(alert.c.id == bindparam("its_id", type_=Text)),
)
POSITION = bindparam("position", type_=BigInteger)
AFTER = select(change).where(change.c.row > POSITION).order_by(change.c.row).limit(bindparam("most", type_=BigInteger))
NEWEST = select(change.c.row, change.c.mark).order_by(change.c.row.desc()).limit(1)
MARK = select(change.c.mark).where(change.c.row == POSITION)
OLD = (
    select(change.c.row)
    .where(change.c.at_ms > literal(0), change.c.at_ms < bindparam("before", type_=BigInteger))
    .order_by(change.c.at_ms)
    .limit(bindparam("most", type_=BigInteger))
)
FORGET = delete(change).where(
    change.c.row <= bindparam("last", type_=BigInteger), change.c.row < bindparam("newest", type_=BigInteger)
)


def note_change(
    connection: Connection,
    what: What,
    at: float = 0.0,
    *,
    home: str = "",
    about: str = "",
    kind: str = "",
    detail: str = "",
) -> None:
    """Inside the transaction of `Database` that changes it. `at` 0: of what is told to nobody."""
    row = {"what": what.value, "home": home, "about": about, "kind": kind, "detail": detail}
    connection.execute(NOTE, {"mark": secrets.randbits(MARK_BITS), "at_ms": to_ms(at), **row})
    noted(connection)


def note_alert(connection: Connection, what: What, alert: str, at: float, detail: str | None = None) -> None:
    """The same of an alert that is known by its id; `detail` None: its urgency."""
    values = {"mark": secrets.randbits(MARK_BITS), "at_ms": to_ms(at), "what": what.value, "detail": detail}
    connection.execute(NOTE_ALERT, {"its_id": alert, **values})
    noted(connection)


class SqlChanges:
    def __init__(self, database: Database) -> None:
        self.database = database

    def note(self, what: What, at: float) -> None:
        """Of no home."""
        with self.database.transaction() as connection:
            note_change(connection, what, at)

    def newest(self) -> tuple[int, int]:
        """The position of the last change, and its mark; zeros where there is none yet."""
        row = self.database.connection.execute(NEWEST).first()
        return (0, 0) if row is None else (row[0], row[1])

    def is_kept(self, position: int, mark: int) -> bool:
        """Whether this change is still there, and thereby all that came after it."""
        return self.database.connection.execute(MARK, {"position": position}).scalar() == mark

    def after(self, position: int, most: int) -> list[Change]:
        rows = self.database.connection.execute(AFTER, {"position": position, "most": most})
        return [
            Change(row, mark, from_ms(at_ms), What(what), home, about, kind, detail)
            for row, mark, at_ms, what, home, about, kind, detail in rows
        ]

    def forget(self, before: float, most: int) -> int:
        """About so many of those before, and what was written before them; how many.

        The newest of all stays: who has it has missed nothing.
        """
        with self.database.transaction() as connection:
            old = connection.execute(OLD, {"before": to_ms(before), "most": most}).scalars().all()
            if not old:
                return 0
            bounds = {"last": max(old), "newest": self.newest()[0]}
            return connection.execute(FORGET, bounds).rowcount
