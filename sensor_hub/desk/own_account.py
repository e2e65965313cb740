"""What people see and change of their own account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sensor_hub.access.account import Account
from sensor_hub.access.chronology import Act
from sensor_hub.access.password_rule import judge_password
from sensor_hub.access.second_step import is_secret, make_recovery_codes, matching_step, recovery_hash
from sensor_hub.access.session import SignedIn
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.password_check import Passwords, Tries
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.accounts import NEVER

WRONG = "That is not your password"
TOO_OFTEN = "Too many failed attempts. Try again in a quarter of an hour"


class StoredOwnAccount:
    """See `OwnAccount`. `wall`: the real moment."""

    def __init__(
        self, stores: AccessStores, passwords: Passwords, account_log: AccountLog, wall: Callable[[], float]
    ) -> None:
        self.stores = stores
        self.passwords = passwords
        self.log = account_log
        self.wall = wall

    def find(self, account: str) -> Account | None:
        return self.stores.accounts.by_id(account)

    def sessions(self, account: str) -> Sequence[SignedIn]:
        return self.stores.sessions.of_account(account)

    def end_session(self, account: str, id_hash: str) -> bool:
        session = self.stores.sessions.find(id_hash)
        return session is not None and session.account == account and self.stores.sessions.end(id_hash)

    def end_other_sessions(self, account: str, *, but: str) -> int:
        return self.stores.sessions.end_all_of(account, but=but)

    def change_password(self, account: str, old: str, new: str, *, but: str) -> Mapping[str, str]:
        found = self.stores.accounts.by_id(account)
        if found is None:
            return {"old": WRONG}
        wrong = self._trouble(found, old)
        if wrong is not None:
            return {"old": wrong}
        fault = judge_password(new, found.login, found.name)
        if fault is not None:
            return {"new": fault.value}
        hashed = self.passwords.hash(new)
        with self.stores.database.transaction():
            self.stores.accounts.set_password(account, hashed)
            self.stores.sessions.end_all_of(account, but=but)
            self.log.of_owner(found, Act.ACCOUNT_CHANGED, "password changed, other sessions ended")
        return {}

    def set_second_step(self, account: str, secret: str, code: str) -> Sequence[str] | None:
        found = self.stores.accounts.by_id(account)
        # Whoever sits at an open session could else put their own telephone in the place of the owner's.
        if found is None or found.has_second_step:
            return None
        with self.stores.database.transaction():
            codes = set_up_second_step(self.stores, account, secret, code, self.wall())
            if codes is not None:
                self.log.of_owner(found, Act.ACCOUNT_CHANGED, "second step set up")
        return codes

    def drop_second_step(self, account: str, password: str) -> str | None:
        found = self.stores.accounts.by_id(account)
        wrong = WRONG if found is None else self._trouble(found, password)
        if found is None or wrong is not None:
            return wrong
        with self.stores.database.transaction():
            self.stores.accounts.drop_second_step(account)
            self.log.of_owner(found, Act.ACCOUNT_CHANGED, "second step taken away")
        return None

    def recovery_codes_left(self, account: str) -> int:
        return self.stores.accounts.recovery_codes_left(account)

    def _trouble(self, account: Account, password: str) -> str | None:
        """None where it is the account's password. Who sits at an open session may not try for ever."""
        tries, at = Tries(self.stores, f"own {account.id}", ""), self.wall()
        if tries.begin(at) is not None:
            return TOO_OFTEN
        if not self.passwords.fits(self.stores.accounts.password_of(account.id), password):
            tries.failed(at)
            return WRONG
        tries.succeeded()
        return None


def set_up_second_step(stores: AccessStores, account: str, secret: str, code: str, at: float) -> Sequence[str] | None:
    """The recovery codes; None: the code is not the secret's."""
    step = matching_step(secret, code, at, after=NEVER) if is_secret(secret) else None
    if step is None:
        return None
    codes = make_recovery_codes()
    stores.accounts.set_second_step(account, secret, step, [recovery_hash(code) for code in codes])
    return codes
