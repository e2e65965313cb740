"""API tokens: of each the hash, and what it may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, delete, insert, select, true, tuple_, update

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken
from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ends import Ended, Ends
from sensor_hub.storage.tables.accounts import account, api_token

TENANT: ColumnElement[Any] = case((account.c.id.is_(None), api_token.c.tenant), else_=account.c.tenant)
"""Whose a token is: a program's own tenant, or its owner's."""


class Whose(NamedTuple):
    """Tokens of this account, and of all of the tenant (None: of every one) where `is_all`."""

    account: str
    is_all: bool
    tenant: str | None

    def are(self) -> ColumnElement[bool]:
        theirs = api_token.c.account == self.account
        if not self.is_all:
            return theirs
        return true() if self.tenant is None else theirs | (self.tenant == TENANT)


class StoredApiTokens:
    """Each by its id, and by the hash of its secret."""

    def __init__(self, database: Database, ends: Ends) -> None:
        self.database = database
        self.ends = ends

    def add(self, token: ApiToken, secret_hash: str) -> None:
        row = {
            "id": token.id,
            "secret_hash": secret_hash,
            "label": token.label,
            "account": token.account,
            "tenant": token.tenant,
            "homes": None if token.homes is None else json.dumps(sorted(token.homes)),
            "scopes": json.dumps(sorted(token.scopes)),
            "made_by": token.made_by,
            "made_ms": to_ms(token.made_at),
            "ends_ms": to_ms(token.ends_at),
        }
        with self.database.transaction() as connection:
            connection.execute(insert(api_token), row)

    def by_secret(self, secret_hash: str) -> ApiToken | None:
        found = self._where(api_token.c.secret_hash == secret_hash)
        return found[0] if found else None

    def by_id(self, token: str) -> ApiToken | None:
        found = self._where(api_token.c.id == token)
        return found[0] if found else None

    def of_account(self, account: str) -> Sequence[ApiToken]:
        """Somebody's own, the newest first."""
        return self._where(api_token.c.account == account)

    def all(self) -> Sequence[ApiToken]:
        """Everybody's, the newest first."""
        return self._where(api_token.c.id.is_not(None))

    def page(self, whose: Whose, limit: int, after: tuple[float, str] | None) -> Sequence[ApiToken]:
        """Those that somebody sees, by (made at, id), the newest first."""
        owned = api_token.outerjoin(account, account.c.id == api_token.c.account)
        found = select(api_token).select_from(owned).where(whose.are())
        if after is not None:
            found = found.where(tuple_(api_token.c.made_ms, api_token.c.id) < tuple_(to_ms(after[0]), after[1]))
        return self._read(found.limit(limit))

    def used(self, token: str, at: float) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(api_token).where(api_token.c.id == token).values(used_ms=to_ms(at)))

    def revoke(self, token: str, at: float) -> bool:
        """False where it is none, or was revoked before."""
        stands = (api_token.c.id == token) & api_token.c.revoked_ms.is_(None)
        with self.database.transaction() as connection:
            is_revoked = connection.execute(update(api_token).where(stands).values(revoked_ms=to_ms(at))).rowcount == 1
            note_change(connection, What.ACCESS)
            if is_revoked:
                self.ends.note(Ended.TOKEN, token)
        return is_revoked

    def forget(self, *, ended_before: float) -> int:
        """Strikes those that ended before; how many."""
        with self.database.transaction() as connection:
            return connection.execute(delete(api_token).where(api_token.c.ends_ms < to_ms(ended_before))).rowcount

    def _where(self, is_it: ColumnElement[bool]) -> Sequence[ApiToken]:
        return self._read(select(api_token).where(is_it))

    def _read(self, found: Select[Any]) -> Sequence[ApiToken]:
        rows = found.order_by(api_token.c.made_ms.desc(), api_token.c.id.desc())
        return [_token(row) for row in self.database.connection.execute(rows)]


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    value = row._mapping
    return ApiToken(
        id=value["id"],
        label=value["label"],
        scopes=frozenset(Action(scope) for scope in json.loads(value["scopes"]) if scope in set(Action)),
        made_by=value["made_by"],
        made_at=from_ms(value["made_ms"]),
        ends_at=from_ms(value["ends_ms"]),
        account=value["account"],
        tenant=value["tenant"],
        homes=None if value["homes"] is None else frozenset(json.loads(value["homes"])),
        used_at=None if value["used_ms"] is None else from_ms(value["used_ms"]),
        revoked_at=None if value["revoked_ms"] is None else from_ms(value["revoked_ms"]),
    )
