"""Accounts as administrators make, change and disable them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sensor_hub.access.account import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    Account,
    login_fault,
    make_account_id,
    may_manage,
    plain_login,
)
from sensor_hub.access.action import Action
from sensor_hub.access.chronology import Act
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import OF_ONE_HOME, Role
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.password_links import INVITATION_LASTS, RESET_LASTS, StoredPasswordLinks
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.vault import LockedError
from sensor_hub.web.account_ports import VERSION, Invited, NewAccount, Place

FIRST = "The first account must be an administrator's, of all tenants: with it the hub's own password ends"
LAST = "This is the last administrator of the hub: make another one first"
NOT_YOURS = "You may not give this role, tenant and these homes"
NOT_THERE = "There is no such account"
STALE = "Somebody changed it since"
LOCKED = "Addresses cannot be kept now: the key of personal data is missing"


@dataclass(frozen=True, slots=True)
class StoredAccountBook:
    """See `AccountBook`. `wall`: the real moment; `is_home`: whether there is a home of this tenant (None: of any)."""

    stores: AccessStores
    links: StoredPasswordLinks
    log: AccountLog
    wall: Callable[[], float]
    is_home: Callable[[str | None, str], bool] = lambda tenant, home: True

    def all(self, who: Principal) -> Sequence[Account]:
        return [account for account in self.stores.accounts.all() if _manages(who, account)]

    def page(self, who: Principal, *, after: str, limit: int) -> Sequence[Account]:
        found: list[Account] = []
        while len(found) < limit:
            read = self.stores.accounts.page(after=after, tenant=who.tenant, limit=limit)
            found += [account for account in read if _manages(who, account)]
            if len(read) < limit:
                break
            after = read[-1].login
        return found[:limit]

    def roles(self, who: Principal) -> list[Role]:
        if who.may(Action.MANAGE_ACCOUNTS):
            return [role for role in Role if role is not Role.INTEGRATION]
        return [role for role in Role if role in OF_ONE_HOME] if who.may(Action.MANAGE_FAMILY_ACCOUNTS) else []

    def find(self, who: Principal, account: str) -> Account | None:
        found = self.stores.accounts.by_id(account)
        return found if found is not None and _manages(who, found) else None

    def add(self, who: Principal, new: NewAccount) -> Invited | Mapping[str, str]:
        login, name = plain_login(new.login), new.name.strip()
        address = (new.address or "").strip()
        errors = {
            **_spelling_errors(login, name, address),
            **self._standing_errors(who, new.role, new.tenant, new.homes),
        }
        if errors:
            return errors
        account = Account(make_account_id(), login, name, new.role, self.wall(), new.tenant, new.homes)
        try:
            with self.stores.database.transaction():
                if not self.stores.accounts.add(account, address or None):
                    return {"login": "Somebody signs in with this name already"}
                self.log.write(who, Act.ACCOUNT_CHANGED, login, f"made, {_words(account)}")
                return self.links.make(account, INVITATION_LASTS)
        except LockedError:
            return {"address": LOCKED}

    def change(self, who: Principal, account: str, now: Place, *, version: int | None = None) -> Mapping[str, str]:
        with self.stores.database.transaction():
            found = self.find(who, account)
            if found is None:
                return {"account": NOT_THERE}
            if version not in {None, found.version}:
                return {VERSION: STALE}
            changed = replace(found, role=now.role, tenant=now.tenant, homes=now.homes)
            errors = self._standing_errors(who, *now)
            if not errors and _runs_the_hub(found) and not _runs_the_hub(changed) and self._is_last(found):
                errors = {"role": LAST}
            if not errors and changed != found:
                self.stores.accounts.change(changed)
                self.log.write(who, Act.ACCOUNT_CHANGED, found.login, f"{_words(changed)}; before {_words(found)}")
            return errors

    def disable(self, who: Principal, account: str, *, is_disabled: bool) -> Mapping[str, str]:
        with self.stores.database.transaction():
            found = self.find(who, account)
            if found is None:
                return {"account": NOT_THERE}
            if is_disabled and _runs_the_hub(found) and self._is_last(found):
                return {"account": LAST}
            self.stores.accounts.change(replace(found, disabled_at=self.wall() if is_disabled else None))
            self.stores.sessions.end_all_of(account)
            self.stores.links.end_all_of(account)
            self.log.write(who, Act.ACCOUNT_CHANGED, found.login, "disabled" if is_disabled else "enabled")
            return {}

    def reset(self, who: Principal, account: str, *, drops_second_step: bool) -> Invited | None:
        found = self.find(who, account)
        if found is None or found.is_disabled or found.subject is not None:
            return None
        with self.stores.database.transaction():
            if drops_second_step:
                self.stores.accounts.drop_second_step(account)
            detail = "link for a new password made" + (", second step taken away" if drops_second_step else "")
            self.log.write(who, Act.ACCOUNT_CHANGED, found.login, detail)
            return self.links.make(found, RESET_LASTS)

    def _standing_errors(
        self, who: Principal, role: Role, tenant: str | None, homes: frozenset[str] | None
    ) -> dict[str, str]:
        if not self.stores.accounts.exist() and (role is not Role.ADMINISTRATOR or tenant is not None or homes):
            return {"role": FIRST}
        if role is Role.INTEGRATION:
            return {"role": "A program has a token, no account"}
        if role in OF_ONE_HOME and not homes:
            return {"homes": "Name the home that this person sees"}
        unknown = sorted(home for home in homes or () if not self.is_home(tenant, home))
        if unknown:
            return {"homes": f"There is no home {', '.join(unknown)}" + ("" if tenant is None else " in this tenant")}
        return {} if may_manage(who, role, tenant, homes) else {"role": NOT_YOURS}

    def _is_last(self, account: Account) -> bool:
        others = (each for each in self.stores.accounts.all() if each.id != account.id)
        return not any(_runs_the_hub(each) for each in others)


def _manages(who: Principal, account: Account) -> bool:
    return may_manage(who, account.role, account.tenant, account.homes)


def _runs_the_hub(account: Account) -> bool:
    is_whole = account.tenant is None and account.homes is None
    return account.role is Role.ADMINISTRATOR and is_whole and not account.is_disabled


def _spelling_errors(login: str, name: str, address: str) -> dict[str, str]:
    errors = {}
    fault = login_fault(login)
    if fault is not None:
        errors["login"] = f"A name to sign in with has {fault}"
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        errors["name"] = f"A name has 1 to {LONGEST_NAME} characters"
    if address and (len(address) > LONGEST_ADDRESS or "@" not in address[1:-1] or not _is_plain(address)):
        errors["address"] = "This is no e-mail address"
    return errors


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and not set(address) & set(' ,;<>()"\\')


def _words(account: Account) -> str:
    tenant = "all tenants" if account.tenant is None else f"tenant {account.tenant}"
    homes = "" if account.homes is None else f", homes {' '.join(sorted(account.homes))}"
    return f"{account.role.value}, {tenant}{homes}"
