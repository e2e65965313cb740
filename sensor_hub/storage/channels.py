"""The channels of all contacts: which of them are broken. By key: their addresses are in the settings only."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, select, update

from sensor_hub.alerts.channel import Channel
from sensor_hub.model.moment import DAY
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.tables.notices import channel as table

CODE_LASTS = DAY
MOST_TRIES = 5

KEY = bindparam("its_key", type_=Text)
OF_KEY = update(table).where(table.c.key == KEY)
UNSET = update(table).values(is_set=0)
WHOLE = {"broken_ms": None, "broken_why": None, "told_ms": None}
BEGIN_ANEW = update(table).where(table.c.is_set == 0).values(WHOLE)
BREAK = OF_KEY.where(table.c.broken_ms.is_(None))
MEND = OF_KEY.where(table.c.broken_ms.isnot(None)).values(WHOLE)
NEW_CODE = OF_KEY.values(code_tries=0)
TRY = OF_KEY.values(code_tries=table.c.code_tries + 1)
CONFIRM = OF_KEY.values(code_hash=None)
BROKEN = (
    select(table.c.contact, table.c.label, table.c.key, table.c.broken_ms, table.c.broken_why)
    .where(table.c.is_set != 0, table.c.broken_ms.isnot(None))
    .order_by(table.c.contact, table.c.label)
)
UNTOLD = BROKEN.where(table.c.told_ms.is_(None))
STATE = select(table.c.broken_ms, table.c.broken_why, table.c.verified_ms, table.c.verified_by).where(
    table.c.key == KEY
)
CODE = select(table.c.code_hash).where(
    table.c.key == KEY,
    table.c.code_ms > bindparam("since", type_=BigInteger),
    table.c.code_tries < bindparam("most", type_=Integer),
)


class BrokenChannel(NamedTuple):
    """A channel that takes nothing, since when, and what its service said."""

    contact: str
    label: str
    key: str
    since: float
    why: str


class ChannelState(NamedTuple):
    """What is known of a channel. Moments are None and texts empty where nothing is."""

    broken_since: float | None = None
    why: str = ""
    verified_at: float | None = None
    verified_by: str = ""


class SqlChannels:
    def __init__(self, database: Database) -> None:
        self.database = database

    def set_up(self, channels: Sequence[Channel]) -> None:
        """These are the channels from now on. One that was changed begins anew."""
        with self.database.transaction() as connection:
            connection.execute(UNSET)
            for channel in channels:
                _know(connection, channel)
            connection.execute(BEGIN_ANEW)

    def broken(self, *, untold: bool = False) -> list[BrokenChannel]:
        """Those that are broken; `untold`: of which no contact has heard yet."""
        rows = self.database.connection.execute(UNTOLD if untold else BROKEN)
        return [BrokenChannel(contact, label, key, from_ms(ms), why) for contact, label, key, ms, why in rows]

    def state(self, key: str) -> ChannelState:
        """As it stands; of one that is not known nothing is."""
        row = self.database.connection.execute(STATE, {"its_key": key}).first()
        if row is None:
            return ChannelState()
        broken_ms, why, verified_ms, by = row
        return ChannelState(_moment(broken_ms), why or "", _moment(verified_ms), by or "")

    def keep_code(self, channel: Channel, code: str, at: float) -> None:
        """The code that is sent by the channel now; the one before is void."""
        values = {"its_key": channel.key, "code_hash": _hash(channel.key, code), "code_ms": to_ms(at)}
        with self.database.transaction() as connection:
            _know(connection, channel)
            connection.execute(NEW_CODE, values)

    def try_code(self, key: str, code: str, by: str, at: float) -> bool:
        """Whether this is the code that was sent by the channel, which is confirmed by that. Each code works once.

        After MOST_TRIES wrong ones, and CODE_LASTS seconds after it was sent, none is right.
        """
        values = {"its_key": key, "since": to_ms(at - CODE_LASTS), "most": MOST_TRIES}
        with self.database.transaction() as connection:
            kept = connection.execute(CODE, values).scalar()
            connection.execute(TRY, {"its_key": key})
            is_right = kept is not None and hmac.compare_digest(kept, _hash(key, code))
            if is_right:
                self.confirm(key, by, at)
        return is_right

    def confirm(self, key: str, by: str, at: float) -> None:
        """Somebody has shown that the channel reaches its contact."""
        with self.database.transaction() as connection:
            connection.execute(CONFIRM, {"its_key": key, "verified_ms": to_ms(at), "verified_by": by})

    def told(self, key: str, at: float) -> None:
        """A contact is told that it is broken."""
        with self.database.transaction() as connection:
            connection.execute(OF_KEY, {"its_key": key, "told_ms": to_ms(at)})


def _hash(key: str, code: str) -> str:
    return hashlib.sha256(f"{key}\n{code}".encode()).hexdigest()


def _moment(ms: int | None) -> float | None:
    return None if ms is None else from_ms(ms)


def mark_broken(connection: Connection, channel: Channel, at: float, why: str) -> None:
    """It takes nothing from `at` on, until it does or is changed."""
    _know(connection, channel)
    connection.execute(BREAK, {"its_key": channel.key, "broken_ms": to_ms(at), "broken_why": why})


def mend(connection: Connection, key: str) -> None:
    """It has taken a notice: it is not broken."""
    connection.execute(MEND, {"its_key": key})


def _know(connection: Connection, channel: Channel) -> None:
    row = {"key": channel.key, "contact": channel.contact, "label": channel.label, "is_set": 1}
    put(connection, table, row, changes=("label", "is_set"))
