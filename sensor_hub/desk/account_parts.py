"""Accounts and what lets people in, built from the settings: for the pages, and for commands beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sensor_hub.clock import Clock
from sensor_hub.desk.account_book import StoredAccountBook
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.own_account import StoredOwnAccount
from sensor_hub.desk.password_check import Passwords
from sensor_hub.desk.password_links import StoredPasswordLinks
from sensor_hub.desk.reset_mail import mail_by
from sensor_hub.desk.signing_in import SignInRules, StoredSignIns
from sensor_hub.desk.tenancy import StoredTenancy
from sensor_hub.desk.token_book import StoredTokenBook
from sensor_hub.dispatching import letterhead_of
from sensor_hub.keeping.ending_again import ENDED, EndedList
from sensor_hub.settings import Settings
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.vault import Vault
from sensor_hub.web.account_doors import AccountDoors

if TYPE_CHECKING:
    from sensor_hub.web.provider import Provider


@dataclass(frozen=True, slots=True)
class AccountParts:
    """`clock`: the hub's, whose time the chronology goes by; `tenancy`: whose the homes are."""

    settings: Settings
    stores: SqlStores
    vault: Vault
    clock: Clock
    tenancy: StoredTenancy

    def doors(self, command_key: str | None = None) -> AccountDoors:
        """`command_key`: what commands beside the hub show; None: none is let in."""
        database, wall = self.stores.database, self.clock.wall
        stores = AccessStores(database, self.vault, EndedList(self.settings.data / ENDED, database))
        passwords, log = Passwords(), AccountLog(self.stores.chronology, self.clock.now)
        links = self._links(stores, passwords, log)
        access = self.settings.access
        return AccountDoors(
            sign_ins=StoredSignIns(stores, self._rules(), passwords, log, wall=wall, command_key=command_key),
            own=StoredOwnAccount(stores, passwords, log, wall),
            book=StoredAccountBook(stores, links, log, wall, self._is_home),
            links=links,
            tokens=StoredTokenBook(stores, log, wall, self._is_home),
            provider=self._provider(),
            session_lasts=access.rule.longest,
        )

    def _links(self, stores: AccessStores, passwords: Passwords, log: AccountLog) -> StoredPasswordLinks:
        settings, wall = self.settings, self.clock.wall
        server, letterhead = settings.access.mail, letterhead_of(settings, self.clock)
        mail = None if server is None else mail_by(server, settings.data, wall, letterhead)
        return StoredPasswordLinks(stores, passwords, log, wall=wall, url=settings.url, mail=mail)

    def _rules(self) -> SignInRules:
        oidc, access = self.settings.oidc, self.settings.access
        return SignInRules(access.rule, access.second_step, () if oidc is None else oidc.rules)

    def _provider(self) -> Provider | None:
        oidc = self.settings.oidc
        if oidc is None:
            return None
        from sensor_hub.web.provider import Provider

        return Provider(oidc.issuer, oidc.client_id, oidc.client_secret, label=oidc.label, scope=oidc.scope)

    @property
    def _is_home(self) -> Callable[[str | None, str], bool]:
        def is_home(tenant: str | None, home: str) -> bool:
            whose = self.tenancy.whose()
            return home in whose if tenant is None else whose.get(home) == tenant

        return is_home
