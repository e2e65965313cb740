"""The ledger as people and programs read it, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Delete, Integer, Select, Table, Text, bindparam, delete, or_, select, union

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.alerts.notice import Purpose
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.tables.alerts import alert
from sensor_hub.storage.tables.homes import tenant_of_home
from sensor_hub.storage.tables.notices import channel, delivery, notice, receipt, reply
from sensor_hub.storage.terms import among, written

REFERENCE, ALERT, CHANNEL = (bindparam(name, type_=Text) for name in ("its_reference", "its_alert", "its_channel"))
AFTER, START, END, BEFORE = (bindparam(name, type_=BigInteger) for name in ("after", "start", "end", "before"))
MOST = bindparam("most", type_=Integer)
PAGE = 1000
"""Lines that are read at once: bounds the memory of a read over years."""
LINE = (
    select(
        delivery.c.row,
        delivery.c.at_ms,
        delivery.c.reference,
        notice.c.alert,
        alert.c.home,
        alert.c.kind,
        notice.c.purpose,
        notice.c.urgency,
        notice.c.contact,
        channel.c.label,
        delivery.c.state,
        delivery.c.provider_id,
        delivery.c.error,
    )
    .join_from(delivery, notice, notice.c.reference == delivery.c.reference)
    .outerjoin(alert, alert.c.id == notice.c.alert)
    .outerjoin(channel, channel.c.key == delivery.c.channel)
    .order_by(delivery.c.row)
)
"""What `LedgerLine` holds."""
LINES = LINE.where(delivery.c.row > AFTER, delivery.c.at_ms >= START, delivery.c.at_ms < END).limit(MOST)
OWN = select(notice.c.reference).where(notice.c.alert == ALERT)
LEADERS = select(notice.c.leader).where(notice.c.alert == ALERT, notice.c.leader.isnot(None))
OF_ALERT = LINE.where(delivery.c.reference.in_(union(OWN, LEADERS)))
OF_NOTICE = LINE.where(delivery.c.reference == REFERENCE)
LAST_TEST = LINE.where(
    delivery.c.reference
    == select(notice.c.reference)
    .where(
        notice.c.channel == CHANNEL,
        notice.c.channel != written(""),
        among(notice.c.purpose, [Purpose.TEST, Purpose.CODE]),
    )
    .order_by(notice.c.made_ms.desc(), notice.c.reference)
    .limit(1)
    .scalar_subquery()
)

other = notice.alias("other")
OLD = (
    select(notice.c.reference)
    .outerjoin(alert, alert.c.id == notice.c.alert)
    .where(
        notice.c.state_ms < BEFORE,
        ~among(notice.c.state, [NoticeState.WAITING, NoticeState.SENDING]),
        or_(alert.c.id.is_(None), alert.c.handled == written("closed")),
        ~select(other.c.reference).where(other.c.leader == notice.c.reference).exists(),
    )
    .limit(MOST)
)
FORGET = [
    delete(delivery).where(delivery.c.reference == REFERENCE),
    delete(notice).where(notice.c.reference == REFERENCE),
]


def _within(lines: Select[Any], homes: Collection[str] | None) -> Select[Any]:
    return lines if homes is None else lines.where(or_(alert.c.home.is_(None), alert.c.home.in_(homes)))


class LedgerLine(NamedTuple):
    """One thing that became of one notice. Texts are empty where there is nothing to say."""

    row: int
    at: float
    reference: str
    alert: str
    home: str
    kind: str
    purpose: str
    urgency: str
    contact: str
    channel: str
    state: str
    provider_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Notices of alerts of one tenant's homes; or of all homes `but` those of some tenants, and of no home."""

    of: str | None = None
    but: Collection[str] = ()

    def narrow(self, notices: Select[Any]) -> Select[Any]:
        theirs = select(tenant_of_home.c.home)
        if self.of is not None:
            return notices.where(alert.c.home.in_(theirs.where(tenant_of_home.c.tenant == self.of)))
        if not self.but:
            return notices
        others = theirs.where(tenant_of_home.c.tenant.in_(list(self.but)))
        return notices.where(or_(alert.c.home.is_(None), alert.c.home.not_in(others)))


EVERYBODYS = Whose()


class SqlLedger:
    def __init__(self, database: Database) -> None:
        self.database = database

    def lines(
        self,
        start: float,
        end: float,
        *,
        after: int = 0,
        limit: int | None = None,
        homes: Collection[str] | None = None,
    ) -> Iterator[LedgerLine]:
        """Lines with start <= at < end behind the row `after`, in the order written; `limit` None: all of them.

        Of these homes and of none, or of all.
        """
        lines, most = _within(LINES, homes), PAGE if limit is None else limit
        while True:
            values = {"after": after, "start": to_ms(start), "end": to_ms(end), "most": most}
            page = list(self._read(lines, values))
            yield from page
            if limit is not None or len(page) < most:
                return
            after = page[-1].row

    def of_alert(self, alert: str) -> Iterator[LedgerLine]:
        """Everything that became of the alert's notices, and of those of others with which they were sent as one."""
        return self._read(OF_ALERT, {"its_alert": alert})

    def of_notice(self, reference: str) -> Iterator[LedgerLine]:
        return self._read(OF_NOTICE, {"its_reference": reference})

    def last_test(self, channel: str) -> Iterator[LedgerLine]:
        """What became of the last test or code that was sent by this channel."""
        return self._read(LAST_TEST, {"its_channel": channel})

    def forget(self, before: float, most: int, whose: Whose = EVERYBODYS) -> int:
        """Deletes at most so many notices that were settled before, of alerts that are closed, with all their lines.

        How many; and as many receipts and replies, unless it is of one tenant. Each call is one short transaction.
        """
        values = {"before": to_ms(before), "most": most}
        with self.database.transaction() as connection:
            old = [{"its_reference": each} for each in connection.execute(whose.narrow(OLD), values).scalars()]
            for forget in FORGET if old else ():
                connection.execute(forget, old)
            received = (receipt, reply) if whose.of is None else ()
            gone = [len(old), *(connection.execute(_forget_received(table), values).rowcount for table in received)]
        return max(gone)

    def _read(self, lines: Select[Any], values: Mapping[str, object]) -> Iterator[LedgerLine]:
        for row, at_ms, *texts in self.database.connection.execute(lines, values):
            yield LedgerLine(row, from_ms(at_ms), *(each or "" for each in texts))


def _forget_received(table: Table) -> Delete:
    rows = select(table.c.row).where(table.c.received_ms < BEFORE).order_by(table.c.row).limit(MOST)
    return delete(table).where(table.c.row.in_(rows))
