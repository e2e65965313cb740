"""Accounts in a fresh database, with a key of their own and a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
from argon2 import PasswordHasher

from sensor_hub.access.account import Account
from sensor_hub.access.chronology import entry_of
from sensor_hub.access.principal import first_start
from sensor_hub.access.role import Role
from sensor_hub.desk.account_book import StoredAccountBook
from sensor_hub.desk.account_log import AccountLog
from sensor_hub.desk.own_account import StoredOwnAccount
from sensor_hub.desk.password_check import Passwords
from sensor_hub.desk.password_links import StoredPasswordLinks
from sensor_hub.desk.signing_in import SignInRules, StoredSignIns
from sensor_hub.desk.token_book import StoredTokenBook
from sensor_hub.storage.access_stores import AccessStores
from sensor_hub.storage.chronology import ChronologyBook, Wanted
from sensor_hub.storage.database import Database
from sensor_hub.storage.key_file import KeyFile
from sensor_hub.storage.vault import Vault
from sensor_hub.web.account_doors import AccountDoors
from sensor_hub.web.account_paths import PASSWORD_LINK
from sensor_hub.web.account_ports import Begun, Caller, Invited, NewAccount
from sensor_hub.web.provider import Provider

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "kettle orbit mango"
HERE = Caller("10.0.0.9", "Firefox")
AT = 1_800_000_000.0


class Memory(dict[str, str]):
    keep = dict.__setitem__


@contextmanager
def open_access(where: Path | str, folder: Path) -> Iterator[AccessStores]:
    """The stores of accounts in the database `where`; the key of personal data lies in the folder."""
    vault = Vault(KeyFile(folder / "hub.key"), Memory())
    vault.start()
    with closing(Database(where)) as database:
        database.open()
        yield AccessStores(database, vault)


@dataclass
class Front:
    """All that lets people in, over one database."""

    stores: AccessStores
    rules: SignInRules = field(default_factory=SignInRules)
    command_key: str = "command key"
    at: float = AT
    mails: list[tuple[str, str]] = field(default_factory=list)
    codes: Sequence[str] = ()
    """The recovery codes of the last second step."""

    def __post_init__(self) -> None:
        self.chronology = ChronologyBook(self.stores.database)
        passwords, log = Passwords(QUICK), AccountLog(self.chronology, self.wall)
        self.sign_ins = StoredSignIns(
            self.stores, self.rules, passwords, log, wall=self.wall, command_key=self.command_key
        )
        self.links = StoredPasswordLinks(
            self.stores, passwords, log, wall=self.wall, url="http://hub.test", mail=self._mail
        )
        self.book = StoredAccountBook(self.stores, self.links, log, self.wall, self._is_home)
        self.own = StoredOwnAccount(self.stores, passwords, log, self.wall)
        self.tokens = StoredTokenBook(self.stores, log, self.wall, self._is_home)

    def doors(self, provider: Provider | None = None) -> AccountDoors:
        return AccountDoors(self.sign_ins, self.own, self.book, self.links, self.tokens, provider)

    def wall(self) -> float:
        return self.at

    def add(self, login: str, role: Role = Role.ADMINISTRATOR, **standing: object) -> Account:
        """An account with `PASSWORD`."""
        invited = self.book.add(first_start("the test"), NewAccount(login, login.title(), role, **standing))  # type: ignore[arg-type]
        assert isinstance(invited, Invited), invited
        assert self.links.set_password(invited.link.partition(PASSWORD_LINK)[2], PASSWORD) is None
        return invited.account

    def sign_in(self, login: str) -> str:
        """The cookie of a new session."""
        begun = self.sign_ins.by_password(login, PASSWORD, HERE)
        assert isinstance(begun, Begun), begun
        return begun.cookie

    def second_step(self, account: Account) -> pyotp.TOTP:
        """Sets one up, as a telephone would have it from then on."""
        totp = pyotp.TOTP(pyotp.random_base32())
        codes = self.own.set_second_step(account.id, totp.secret, totp.at(int(self.at)))
        assert codes is not None
        self.codes = codes
        return totp

    def told(self) -> list[tuple[str, str, str]]:
        """What the chronology holds, oldest first: act, about, detail."""
        rows = reversed(self.chronology.newest(Wanted(), limit=1000))
        return [(entry.act, entry.about, entry.detail) for entry in map(entry_of, rows)]

    def _mail(self, address: str, link: str) -> None:
        self.mails.append((address, link))

    def _is_home(self, tenant: str | None, home: str) -> bool:
        return home.startswith("other-") if tenant == "other" else home in {"elm-14", "oak-2", "other-1"}


@contextmanager
def open_front(folder: Path, rules: SignInRules | None = None) -> Iterator[Front]:
    with open_access(folder / "hub.db", folder) as stores:
        yield Front(stores, rules or SignInRules())
