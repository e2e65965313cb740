"""People's accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select, update

from sensor_hub.access.account import Account
from sensor_hub.access.role import Role
from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ends import Ended, Ends
from sensor_hub.storage.erasures import mark_of
from sensor_hub.storage.sealed import account_place
from sensor_hub.storage.tables.accounts import account, recovery_code

NEVER = -1


class Seal(Protocol):
    """What keeps a personal text unreadable in the database; see `Vault`."""

    def seal(self, text: str, place: str) -> bytes: ...
    def open(self, token: bytes, place: str) -> str: ...


class StoredAccounts:
    """Each account once by its login, and once by its subject."""

    def __init__(self, database: Database, seal: Seal, ends: Ends) -> None:
        self.database = database
        self.ends = ends
        self._seal = seal

    def add(self, new: Account, address: str | None = None) -> bool:
        """False where its login or subject is another's. LockedError where there is an address and no key."""
        row = {
            "id": new.id,
            "login": new.login,
            "name": new.name,
            **_standing(new),
            "subject": new.subject,
            "step_used": NEVER,
            "made_ms": to_ms(new.made_at),
        }
        is_taken = account.c.login == new.login
        if new.subject is not None:
            is_taken |= account.c.subject == new.subject
        with self.database.transaction() as connection:
            if connection.execute(select(exists(select(account.c.id).where(is_taken)))).scalar():
                return False
            connection.execute(insert(account), row)
            if address:
                self.set_address(new.id, address)
        return True

    def exist(self) -> bool:
        """Whether there is any."""
        return bool(self.database.connection.execute(select(exists(select(account.c.id)))).scalar())

    def all(self) -> Sequence[Account]:
        """By login."""
        return [self._account(row) for row in self.database.connection.execute(_SELECT.order_by(account.c.login))]

    def page(self, *, after: str, tenant: str | None, limit: int) -> Sequence[Account]:
        """By login, those after this one, of the tenant (None: of all)."""
        chosen = _SELECT.where(account.c.login > after).order_by(account.c.login).limit(limit)
        if tenant is not None:
            chosen = chosen.where(account.c.tenant == tenant)
        return [self._account(row) for row in self.database.connection.execute(chosen)]

    def by_id(self, account_id: str) -> Account | None:
        return self._one(account.c.id == account_id)

    def by_login(self, login: str) -> Account | None:
        return self._one(account.c.login == login)

    def by_subject(self, subject: str) -> Account | None:
        return self._one(account.c.subject == subject)

    def change(self, changed: Account) -> bool:
        """Its name, role, tenant, homes, and whether it is disabled. False: there is none of this id."""
        values = {
            "name": changed.name,
            **_standing(changed),
            "disabled_ms": None if changed.disabled_at is None else to_ms(changed.disabled_at),
        }
        homes = None if changed.homes is None else sorted(mark_of(home) for home in changed.homes)
        told = {"role": changed.role.value, "tenant": changed.tenant, "homes": homes, "disabled": changed.is_disabled}
        with self.database.transaction() as connection:
            note_change(connection, What.ACCESS)
            is_there = self._update(changed.id, **values)
            if is_there:
                self.ends.note(Ended.ACCOUNT, changed.id, told)
        return is_there

    def set_address(self, account_id: str, address: str) -> None:
        """LockedError where the key of personal data is missing."""
        with self.database.transaction():
            self._update(account_id, address=self._seal.seal(address, account_place(account_id, "address")))

    def address_of(self, account_id: str) -> str | None:
        """Where mail reaches its owner; None where none is known. LockedError as above."""
        found = self.database.connection.execute(select(account.c.address).where(account.c.id == account_id)).scalar()
        return None if found is None else self._seal.open(found, account_place(account_id, "address"))

    def signed_in(self, account_id: str, at: float) -> None:
        self._update(account_id, signed_in_ms=to_ms(at))

    def password_of(self, account_id: str) -> str | None:
        """Its password's hash."""
        select_hash = select(account.c.password).where(account.c.id == account_id)
        found = self.database.connection.execute(select_hash).scalar()
        return None if found is None else str(found)

    def set_password(self, account_id: str, password_hash: str) -> None:
        """Another one than before."""
        with self.database.transaction():
            self._update(account_id, password=password_hash)
            self.ends.note(Ended.PASSWORD, account_id)

    def keep_hash(self, account_id: str, password_hash: str) -> None:
        """Another hash of the same password."""
        self._update(account_id, password=password_hash)

    def drop_password(self, account_id: str) -> None:
        """It lets nobody in any more."""
        self._update(account_id, password=None)

    def second_step_of(self, account_id: str) -> tuple[str, int] | None:
        """Its TOTP secret, and the last step that was used; None where it has none. LockedError as above."""
        select_step = select(account.c.second_step, account.c.step_used).where(account.c.id == account_id)
        row = self.database.connection.execute(select_step).one_or_none()
        if row is None or row[0] is None:
            return None
        return self._seal.open(row[0], account_place(account_id, "second_step")), int(row[1])

    def use_step(self, account_id: str, step: int) -> bool:
        """False where this step, or a later one, was used already."""
        is_new = (account.c.id == account_id) & (account.c.step_used < step)
        with self.database.transaction() as connection:
            return connection.execute(update(account).where(is_new).values(step_used=step)).rowcount == 1

    def set_second_step(self, account_id: str, secret: str, step: int, codes: Sequence[str]) -> None:
        """From now on; `step` is used, `codes` are hashes of recovery codes, in the place of those before."""
        with self.database.transaction() as connection:
            sealed = self._seal.seal(secret, account_place(account_id, "second_step"))
            self._update(account_id, second_step=sealed, step_used=step)
            connection.execute(delete(recovery_code).where(recovery_code.c.account == account_id))
            connection.execute(insert(recovery_code), [{"account": account_id, "code_hash": code} for code in codes])

    def drop_second_step(self, account_id: str) -> None:
        with self.database.transaction() as connection:
            self._update(account_id, second_step=None, step_used=NEVER)
            self.ends.note(Ended.SECOND_STEP, account_id)
            connection.execute(delete(recovery_code).where(recovery_code.c.account == account_id))

    def use_recovery_code(self, account_id: str, code_hash: str) -> bool:
        """False where it is none of the account's, or was used."""
        is_it = (recovery_code.c.account == account_id) & (recovery_code.c.code_hash == code_hash)
        with self.database.transaction() as connection:
            is_used = connection.execute(delete(recovery_code).where(is_it)).rowcount == 1
            if is_used:
                self.ends.note(Ended.RECOVERY_CODE, account_id, {"code": code_hash})
        return is_used

    def recovery_codes_left(self, account_id: str) -> int:
        count = select(func.count()).select_from(recovery_code).where(recovery_code.c.account == account_id)
        return int(self.database.connection.execute(count).scalar_one())

    def _update(self, account_id: str, **values: object) -> bool:
        with self.database.transaction() as connection:
            return connection.execute(update(account).where(account.c.id == account_id).values(values)).rowcount == 1

    def _one(self, is_it: ColumnElement[bool]) -> Account | None:
        row = self.database.connection.execute(_SELECT.where(is_it)).one_or_none()
        return None if row is None else self._account(row)

    @staticmethod
    def _account(row: Row[tuple[object, ...]]) -> Account:
        value = row._mapping
        return Account(
            id=value["id"],
            login=value["login"],
            name=value["name"],
            role=Role(value["role"]),
            made_at=from_ms(value["made_ms"]),
            tenant=value["tenant"],
            homes=None if value["homes"] is None else frozenset(json.loads(value["homes"])),
            has_address=value["address"] is not None,
            subject=value["subject"],
            disabled_at=None if value["disabled_ms"] is None else from_ms(value["disabled_ms"]),
            signed_in_at=None if value["signed_in_ms"] is None else from_ms(value["signed_in_ms"]),
            has_password=value["password"] is not None,
            has_second_step=value["second_step"] is not None,
        )


_SELECT = select(account)


def _standing(of: Account) -> dict[str, object]:
    homes = None if of.homes is None else json.dumps(sorted(of.homes))
    return {"role": of.role.value, "tenant": of.tenant, "homes": homes}
