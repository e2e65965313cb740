"""Links by which people set their own password: handed over by an administrator, or mailed."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from sensor_hub.access.account import Account, plain_login
from sensor_hub.access.api_token import secret_hash
from sensor_hub.access.chronology import Act
from sensor_hub.access.password_rule import judge_password
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.password_check import Passwords
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.vault import LockedError
from sensor_hub.web.account_paths import PASSWORD_LINK
from sensor_hub.web.account_ports import Invited

log = logging.getLogger(__name__)

INVITATION_LASTS, RESET_LASTS, MAIL_LASTS = 3 * DAY, DAY, HOUR
MAILED_EVERY = 5 * MINUTE
"""At most, to one account: nobody's letter box is filled by others."""
CANNOT_BE_USED = "This link was used, or is too old. Ask for another one."

Mail = Callable[[str, str], None]
"""Sends a link to an address; may raise anything."""


class StoredPasswordLinks:
    """See `PasswordLinks`. `wall`: the real moment; `url`: where people reach the pages; `mail`: None where no mail
    server is named."""

    def __init__(
        self,
        stores: AccessStores,
        passwords: Passwords,
        account_log: AccountLog,
        *,
        wall: Callable[[], float],
        url: str,
        mail: Mail | None = None,
    ) -> None:
        self.stores = stores
        self.passwords = passwords
        self.log = account_log
        self.wall = wall
        self.url = url
        self.mail = mail

    @property
    def can_mail(self) -> bool:
        return self.mail is not None

    def make(self, account: Account, lasts: float) -> Invited:
        """A new link for so many seconds; the one before ends."""
        key, at = secrets.token_urlsafe(24), self.wall()
        self.stores.links.keep(secret_hash(key), account.id, at=at, ends_at=at + lasts)
        return Invited(account, f"{self.url}{PASSWORD_LINK}{key}", at + lasts)

    def owner(self, key: str) -> Account | None:
        account = self.stores.links.account_of(secret_hash(key), self.wall())
        found = None if account is None else self.stores.accounts.by_id(account)
        return None if found is None or found.is_disabled else found

    def set_password(self, key: str, password: str) -> str | None:
        account = self.owner(key)
        if account is None:
            return CANNOT_BE_USED
        fault = judge_password(password, account.login, account.name)
        if fault is not None:
            return fault.value
        hashed = self.passwords.hash(password)
        with self.stores.database.transaction():
            if not self.stores.links.use(secret_hash(key)):
                return CANNOT_BE_USED
            self.stores.accounts.set_password(account.id, hashed)
            self.stores.sessions.end_all_of(account.id)
            self.stores.failures.forget(secret_hash(f"password {account.login}"))
            self.log.of_owner(account, Act.ACCOUNT_CHANGED, "password set by a link, sessions ended")
        return None

    def ask(self, login: str) -> None:
        account = self.stores.accounts.by_login(plain_login(login))
        if self.mail is None or account is None or account.is_disabled or account.subject is not None:
            return
        last = self.stores.links.last_made(account.id)
        if last is not None and last <= self.wall() < last + MAILED_EVERY:
            return
        try:
            address = self.stores.accounts.address_of(account.id)
        except LockedError as error:
            log.error("no link for a new password can be mailed: %s", error)
            return
        if address is None:
            return
        with self.stores.database.transaction():
            link = self.make(account, MAIL_LASTS).link
            self.log.of_owner(account, Act.ACCOUNT_CHANGED, "link for a new password mailed")
        self.mail(address, link)
