"""The codes with which gateways join, and which gateways have joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update

from sensor_hub.joining.code import MOST_TRIES, JoinCode
from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new, put
from sensor_hub.storage.tables.homes import join_code as codes
from sensor_hub.storage.tables.homes import joined_gateway


@dataclass(frozen=True, slots=True)
class JoinedGateway:
    home: str
    username: str
    joined_at: float
    version: str


class SqlJoinCodes:
    """One code a home: a new one takes the place of the old. Of two that do the same at once only one succeeds."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, code: JoinCode) -> bool:
        """False where another home's code has this mark."""
        made_ms = to_ms(code.made_at)
        row = {"home": code.home, "mark": code.mark, "secret_hash": code.secret_hash, "made_ms": made_ms}
        with self.database.transaction() as connection:
            connection.execute(delete(codes).where(codes.c.home == code.home))
            return insert_new(connection, codes, row)

    def all(self) -> list[JoinCode]:
        """By home; also those that cannot be used any more."""
        return [_code(row) for row in self.database.connection.execute(select(codes).order_by(codes.c.home))]

    def begin_try(self, mark: str) -> JoinCode | None:
        """The code of this mark as it was before; the try counts from now on, whatever becomes of it."""
        is_it = codes.c.mark == mark
        with self.database.transaction() as connection:
            row = connection.execute(select(codes).where(is_it)).first()
            count = update(codes).where(is_it, codes.c.tries < MOST_TRIES).values(tries=codes.c.tries + 1)
            connection.execute(count)
        return None if row is None else _code(row)

    def spend(self, mark: str, at: float) -> bool:
        """False where somebody was faster."""
        unused = update(codes).where(codes.c.mark == mark, codes.c.used_ms.is_(None))
        with self.database.transaction() as connection:
            return connection.execute(unused.values(used_ms=to_ms(at))).rowcount == 1

    def give_back(self, mark: str) -> None:
        """The code may be used again: what it was spent on did not happen."""
        with self.database.transaction() as connection:
            connection.execute(update(codes).where(codes.c.mark == mark).values(used_ms=None, tries=0))

    def withdraw(self, home: str, mark: str) -> bool:
        """The code is void; False where the home has none of this mark that was not used."""
        it = delete(codes).where(codes.c.home == home, codes.c.mark == mark, codes.c.used_ms.is_(None))
        with self.database.transaction() as connection:
            return connection.execute(it).rowcount == 1

    def note_joined(self, gateway: JoinedGateway) -> None:
        who = {"home": gateway.home, "username": gateway.username}
        with self.database.transaction() as connection:
            row = {**who, "joined_ms": to_ms(gateway.joined_at), "version": gateway.version}
            put(connection, joined_gateway, row)
            note_change(connection, What.GATEWAY_JOINED, gateway.joined_at, home=gateway.home)

    def note_removed(self, home: str, at: float) -> bool:
        """Neither the gateway nor a code of this home any more; False where there was none."""
        with self.database.transaction() as connection:
            gone = connection.execute(delete(joined_gateway).where(joined_gateway.c.home == home)).rowcount
            gone += connection.execute(delete(codes).where(codes.c.home == home)).rowcount
            if gone:
                note_change(connection, What.GATEWAY_REMOVED, at, home=home)
        return gone > 0

    def joined_at(self, home: str) -> float | None:
        """When the home's gateway joined; None where none has, or it was shut out."""
        found = select(joined_gateway.c.joined_ms).where(joined_gateway.c.home == home)
        joined_ms = self.database.connection.execute(found).scalar()
        return None if joined_ms is None else from_ms(joined_ms)

    def joined(self) -> list[JoinedGateway]:
        """By home."""
        rows = self.database.connection.execute(select(joined_gateway).order_by(joined_gateway.c.home))
        return [JoinedGateway(home, username, from_ms(ms), version) for home, username, ms, version in rows]


def _code(row: Row[*tuple[Any, ...]]) -> JoinCode:
    home, mark, secret_hash, made_ms, tries, used_ms = row
    return JoinCode(home, mark, secret_hash, from_ms(made_ms), tries, None if used_ms is None else from_ms(used_ms))
