"""Text messages that came in, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Row, Text, bindparam, select, update

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.alerts.notice import Purpose
from sensor_hub.alerts.reply import Reply
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.sealed import reply_place
from sensor_hub.storage.tables.notices import delivery, notice, reply
from sensor_hub.storage.terms import written
from sensor_hub.storage.vault import LockedError, Vault

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
NEWEST = select(reply).order_by(reply.c.row.desc()).limit(bindparam("most", type_=BigInteger))


IN_CLEAR = (reply.c.number != "") | (reply.c.text != "")
LOCKED = "locked"
"""In the place of what cannot be opened."""


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
    """Whose number it was, and what was written, are sealed. A reply does what it says also while these are locked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vault: Vault | None = None
        """None: personal data are locked."""

    def became_of(self, reply: Reply) -> str | None:
        """What became of this reply when it came before; None: it is new."""
        values = {"source": reply.source, "provider_id": reply.provider_id}
        became: str | None = self.database.connection.execute(BECAME, values).scalar()
        return became

    def keep(self, each: Reply, at: float, *, told: ToldNotice | None, contact: str, became: str) -> None:
        """Writes down what became of it; without its number and text where they cannot be sealed."""
        with self.database.transaction() as connection:
            row = {
                "received_ms": to_ms(at),
                "source": each.source,
                "provider_id": each.provider_id,
                "number": "",
                "text": "",
                "sealed": self._sealed(each.source, each.provider_id, each.number, each.text),
                "contact": contact,
                "alert": "" if told is None else told.alert,
                "became": became,
            }
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
        return [self._row(row) for row in rows]

    def unlock(self, vault: Vault) -> None:
        """Seals what came before numbers and texts were, too."""
        self.vault = vault
        with self.database.transaction() as connection:
            for row in connection.execute(select(reply).where(IN_CLEAR)).all():
                sealed = self._sealed(row.source, row.provider_id, row.number, row.text)
                if sealed is not None:
                    values = {"number": "", "text": "", "sealed": sealed}
                    connection.execute(update(reply).where(reply.c.row == row.row).values(values))

    def _sealed(self, source: str, provider_id: str, number: str, text: str) -> bytes | None:
        if self.vault is None:
            return None
        try:
            words = json.dumps([number, text], ensure_ascii=False)
            return self.vault.seal(words, reply_place(source, provider_id))
        except LockedError:
            return None

    def _row(self, row: Row[Any]) -> ReplyRow:
        number, text = row.number, row.text
        if row.sealed is not None:
            number, text = self._opened(row)
        return ReplyRow(from_ms(row.received_ms), number, row.contact, text, row.alert, row.became)

    def _opened(self, row: Row[Any]) -> tuple[str, str]:
        if self.vault is None:
            return LOCKED, LOCKED
        try:
            number, text = json.loads(self.vault.open(row.sealed, reply_place(row.source, row.provider_id)))
        except LockedError:
            return LOCKED, LOCKED
        return str(number), str(text)
