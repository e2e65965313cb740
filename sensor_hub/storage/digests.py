"""Which alerts interrupted people, and which wait for whose daily digest."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, bindparam, func, select, update

from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.alerts import digest_line, page

READER = bindparam("its_reader", type_=Text)
IS_PAGED = select(page.c.alert).where(
    page.c.alert == bindparam("alert", type_=Text), page.c.number == bindparam("number", type_=BigInteger)
)
PAGES = (
    select(func.count())
    .select_from(page)
    .where(page.c.home == bindparam("home", type_=Text), page.c.at_ms >= bindparam("since", type_=BigInteger))
)
WAITING = (
    select(digest_line.c.reader, func.min(digest_line.c.at_ms))
    .where(digest_line.c.told_ms.is_(None))
    .group_by(digest_line.c.reader)
    .order_by(digest_line.c.reader)
)
TOLD = select(digest_line.c.alert).distinct().where(digest_line.c.reader == READER, digest_line.c.told_ms.isnot(None))
TAKE = (
    update(digest_line)
    .where(digest_line.c.reader == READER, digest_line.c.told_ms.is_(None))
    .returning(digest_line.c.alert)
)


class SqlDigests:
    """See `watch.round_ports.Digests`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def note_page(self, home: str, alert: str, number: int, at: float) -> None:
        """People are told of the alert, as of its change `number`."""
        row = {"alert": alert, "number": number, "home": home, "at_ms": to_ms(at)}
        insert_new(self.database.connection, page, row)

    def is_paged(self, alert: str, number: int) -> bool:
        found = self.database.connection.execute(IS_PAGED, {"alert": alert, "number": number})
        return found.first() is not None

    def pages(self, home: str, since: float) -> int:
        """How many of the home people were told of since then."""
        values = {"home": home, "since": to_ms(since)}
        return int(self.database.connection.execute(PAGES, values).scalar_one())

    def put_off(self, reader: str, alert: str, number: int, at: float) -> None:
        """It waits for the next digest of this contact, team or rota."""
        row = {"reader": reader, "alert": alert, "number": number, "at_ms": to_ms(at)}
        insert_new(self.database.connection, digest_line, row)

    def waiting(self) -> dict[str, float]:
        """Since when something waits, by reader."""
        return {reader: from_ms(at_ms) for reader, at_ms in self.database.connection.execute(WAITING)}

    def told(self, reader: str) -> frozenset[str]:
        """The alerts that were in a digest of the reader."""
        return frozenset(self.database.connection.execute(TOLD, {"its_reader": reader}).scalars())

    def take(self, reader: str, at: float) -> frozenset[str]:
        """The alerts that wait for the reader's digest; they are in it from now on."""
        values = {"its_reader": reader, "told_ms": to_ms(at)}
        return frozenset(self.database.connection.execute(TAKE, values).scalars().all())
