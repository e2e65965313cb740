"""The chronology as it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from sensor_hub.access.actor import HUB
from sensor_hub.access.chain import Anchor, Verdict, examine
from sensor_hub.access.chronology import BEGINNING, FIELDS, Act, ChronologyEntry, Row, bind, tidy
from sensor_hub.model.moment import DAY
from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.tables.chronology import chronology

COLUMNS = (chronology.c.number, *(chronology.c[name] for name in FIELDS), chronology.c.salt, chronology.c.hash)
AT_ONCE = 1000
"""Rows read at a time."""


class Mark(NamedTuple):
    """Where a page of entries ended; they are ordered by this, the newest first."""

    at_ms: int
    tenant: str
    number: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None: whatever it is. `start` is included, `end` is not."""

    tenant: str | None = None
    homes: Sequence[str] | None = None
    who: str | None = None
    act: str | None = None
    start: float | None = None
    end: float | None = None

    def terms(self) -> Iterator[ColumnElement[bool]]:
        table = chronology.c
        for column, value in ((table.tenant, self.tenant), (table.who, self.who), (table.act, self.act)):
            if value is not None:
                yield column == value
        if self.homes is not None:
            yield table.home.in_(self.homes)
        if self.start is not None:
            yield table.at_ms >= to_ms(self.start)
        if self.end is not None:
            yield table.at_ms < to_ms(self.end)


class ChronologyBook:
    """One chain a tenant, in the order in which transactions were committed. See `access.chronology.Chronicler`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def write(self, entry: ChronologyEntry) -> None:
        entry = tidy(entry)
        with self.database.transaction() as connection:
            number, before = self.head(entry.tenant)
            row = bind(entry, number + 1, before)
            values = dict(zip(FIELDS, row.fields, strict=True))
            connection.execute(insert(chronology), {**values, "number": row.number, "salt": row.salt, "hash": row.hash})

    def head(self, tenant: str) -> tuple[int, bytes]:
        """The number and hash of the chain's last entry."""
        newest = select(chronology.c.number, chronology.c.hash).where(chronology.c.tenant == tenant)
        found = self.database.connection.execute(newest.order_by(chronology.c.number.desc()).limit(1)).first()
        return (0, BEGINNING) if found is None else (found[0], _bytes(found[1]))

    def tenants(self) -> list[str]:
        """Those of whom there are entries."""
        found: list[str] = []
        next_one = select(chronology.c.tenant).order_by(chronology.c.tenant).limit(1)
        tenant = self.database.connection.execute(next_one).scalar()
        while tenant is not None:
            found.append(tenant)
            tenant = self.database.connection.execute(next_one.where(chronology.c.tenant > tenant)).scalar()
        return found

    def heads(self) -> Mapping[str, tuple[int, bytes]]:
        """The last entry's number and hash by tenant."""
        return {tenant: self.head(tenant) for tenant in self.tenants()}

    def rows(self, tenant: str, after: int = 0) -> Iterator[Row]:
        """The chain's rows behind that number, in order. One that cannot be read at all has only its number."""
        while True:
            read = self._page(tenant, after)
            yield from read
            if len(read) < AT_ONCE:
                return
            after = read[-1].number

    def newest(self, wanted: Wanted, *, limit: int, before: Mark | None = None) -> list[Row]:
        order = (chronology.c.at_ms, chronology.c.tenant, chronology.c.number)
        query = select(*COLUMNS).where(*wanted.terms()).order_by(*(column.desc() for column in order)).limit(limit)
        if before is not None:
            query = query.where(tuple_(*order) < tuple_(*before))
        return [_row(each) for each in self.database.connection.execute(query)]

    def examine(self, anchors: Sequence[Anchor] = ()) -> Mapping[str, Verdict]:
        """Looks at every chain, also at those of which only anchors know."""
        by_tenant: dict[str, list[Anchor]] = {}
        for anchor in anchors:
            by_tenant.setdefault(anchor.tenant, []).append(anchor)
        with self.database.view():
            tenants = sorted({*self.tenants(), *by_tenant}, key=str)
            return {each: examine(lambda each=each: self.rows(each), by_tenant.get(each, ())) for each in tenants}  # type: ignore[misc]

    def last_cut(self, tenant: str) -> bytes | None:
        """The hash of the last entry that retention took away; None where it took none."""
        is_cut = (chronology.c.tenant == tenant) & (chronology.c.act == Act.CUT)
        told = select(chronology.c.detail).where(is_cut).order_by(chronology.c.number.desc()).limit(1)
        found: str | None = self.database.connection.execute(told).scalar()
        return None if found is None else bytes.fromhex(found)

    def find(self, hash_: bytes) -> tuple[str, int] | None:
        """The tenant and number of the entry with this hash, also of the last one that was cut."""
        query = select(chronology.c.tenant, chronology.c.number).where(chronology.c.hash == hash_)
        found = self.database.connection.execute(query.limit(1)).first()
        if found is None:
            is_cut = (chronology.c.act == Act.CUT) & (chronology.c.detail == hash_.hex())
            query = select(chronology.c.tenant, chronology.c.about).where(is_cut).limit(1)
            found = self.database.connection.execute(query).first()
        return None if found is None else (str(found[0]), int(found[1]))

    def cut(self, tenant: str, before: float, at: float, most: int) -> int:
        """Forgets at most so many of the chain's first entries, all older than `before`; how many.

        An entry says so, from which the rest can be checked. Not before the oldest is a day too old: else each hour
        would leave such an entry.
        """
        with self.database.transaction() as connection:
            oldest = select(chronology.c.number, chronology.c.at_ms, chronology.c.hash)
            oldest = oldest.where(chronology.c.tenant == tenant).order_by(chronology.c.number).limit(most)
            old: list[Any] = []
            for row in connection.execute(oldest):
                if row.at_ms >= to_ms(before):
                    break
                old.append(row)
            if not old or old[0].at_ms >= to_ms(before - DAY):
                return 0
            last = old[-1]
            self.write(ChronologyEntry(at, tenant, "", HUB, Act.CUT, "", str(last.number), _bytes(last.hash).hex()))
            is_old = (chronology.c.tenant == tenant) & (chronology.c.number <= last.number)
            connection.execute(delete(chronology).where(is_old))
            return len(old)

    def _page(self, tenant: str, after: int) -> list[Row]:
        following = (chronology.c.tenant == tenant) & (chronology.c.number > after)
        query = select(*COLUMNS).where(following).order_by(chronology.c.number).limit(AT_ONCE)
        try:
            return [_row(each) for each in self.database.connection.execute(query)]
        except SQLAlchemyError:
            numbers = select(chronology.c.number).where(following).order_by(chronology.c.number).limit(AT_ONCE)
            found = self.database.connection.execute(numbers).scalars().all()
            return [self._one(tenant, number) for number in found]

    def _one(self, tenant: str, number: int) -> Row:
        this = (chronology.c.tenant == tenant) & (chronology.c.number == number)
        try:
            return _row(self.database.connection.execute(select(*COLUMNS).where(this)).one())
        except SQLAlchemyError:
            # A text of SQLite's that is none.
            return Row(number, (None,) * len(FIELDS), b"", b"")


def _row(found: Any) -> Row:
    number, *fields, salt, hash_ = found
    return Row(number, tuple(fields), _bytes(salt), _bytes(hash_))


def _bytes(found: object) -> bytes:
    """SQLite keeps anything anywhere."""
    return found if isinstance(found, bytes) else b""
