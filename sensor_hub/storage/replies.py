"""Text messages that came in, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, bindparam, select

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.alerts.notice import Purpose
from sensor_hub.alerts.reply import Reply
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.notices import delivery, notice, reply
from sensor_hub.storage.terms import written

SINCE = bindparam("since", type_=BigInteger)
BECAME = select(reply.c.became).where(
    reply.c.source == bindparam("source", type_=Text), reply.c.provider_id == bindparam("provider_id", type_=Text)
)
TOLD = (notice.c.reference, notice.c.alert, notice.c.contact)
LAST_TOLD = (
    select(*TOLD)
    .join_from(delivery, notice, notice.c.reference == delivery.c.reference)
    .where(
        delivery.c.channel != written(""),
        delivery.c.channel.in_(bindparam("channels", expanding=True)),
        delivery.c.at_ms >= SINCE,
        delivery.c.state == written(NoticeState.SENDING),
        notice.c.purpose == written(Purpose.ALERT),
    )
    .order_by(delivery.c.row.desc())
    .limit(1)
)
OF_REFERENCE = select(*TOLD).where(
    notice.c.reference == bindparam("its_reference", type_=Text),
    notice.c.purpose == written(Purpose.ALERT),
    notice.c.made_ms >= SINCE,
    notice.c.contact.in_(bindparam("contacts", expanding=True)),
)
NEWEST = (
    select(reply.c.received_ms, reply.c.number, reply.c.contact, reply.c.text, reply.c.alert, reply.c.became)
    .order_by(reply.c.row.desc())
    .limit(bindparam("most", type_=BigInteger))
)


class ReplyRow(NamedTuple):
    """`contact` and `alert` are empty where there is none."""

    at: float
    number: str
    contact: str
    text: str
    alert: str
    became: str


class ToldNotice(NamedTuple):
    """A notice that went to a contact."""

    reference: str
    alert: str
    contact: str


class SqlReplies:
    def __init__(self, database: Database) -> None:
        self.database = database

    def became_of(self, reply: Reply) -> str | None:
        """What became of this reply when it came before; None: it is new."""
        values = {"source": reply.source, "provider_id": reply.provider_id}
        became: str | None = self.database.connection.execute(BECAME, values).scalar()
        return became

    def keep(self, each: Reply, at: float, *, told: ToldNotice | None, contact: str, became: str) -> None:
        """Writes down what became of it."""
        row = {
            "received_ms": to_ms(at),
            "source": each.source,
            "provider_id": each.provider_id,
            "number": each.number,
            "text": each.text,
            "contact": contact,
            "alert": "" if told is None else told.alert,
            "became": became,
        }
        with self.database.transaction() as connection:
            insert_new(connection, reply, row)

    def last_told(self, channels: Collection[str], since: float) -> ToldNotice | None:
        """The last notice of an alert that went, or may have gone, by one of these channels since then."""
        values = {"channels": list(channels), "since": to_ms(since)}
        row = self.database.connection.execute(LAST_TOLD, values).first()
        return None if row is None else ToldNotice(*row)

    def told(self, reference: str, contacts: Collection[str], since: float) -> ToldNotice | None:
        """The alert's notice of this reference, where it went to one of these contacts and was made since then."""
        values = {"its_reference": reference, "contacts": list(contacts), "since": to_ms(since)}
        row = self.database.connection.execute(OF_REFERENCE, values).first()
        return None if row is None else ToldNotice(*row)

    def newest(self, limit: int) -> list[ReplyRow]:
        rows = self.database.connection.execute(NEWEST, {"most": limit})
        return [ReplyRow(from_ms(at_ms), *rest) for at_ms, *rest in rows]
