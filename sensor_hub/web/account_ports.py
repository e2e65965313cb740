"""What the pages about signing in and about accounts need of the hub. Moments are real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import Role
from sensor_hub.access.session import SignedIn, Stage


class Caller(NamedTuple):
    """From where somebody signs in, and with what."""

    address: str
    agent: str


class Begun(NamedTuple):
    """Somebody got in, or one step further: their cookie's value."""

    cookie: str
    stage: Stage


class Locked(NamedTuple):
    """Too many failures: nobody may try before this moment."""

    until: float


class Denied(NamedTuple):
    """What somebody is told who may not come in."""

    sentence: str


class Seat(NamedTuple):
    """A session that holds, and whose it is."""

    account: Account
    session: SignedIn


class SignIns(Protocol):
    """Lets people in. Each call may wait for the database, or for a hash that takes long on purpose."""

    def wall(self) -> float:
        """The real moment."""

    def is_first_start(self) -> bool:
        """Whether there is no account yet: then the hub's own password counts."""

    def by_password(self, login: str, password: str, caller: Caller) -> Begun | Locked | None:
        """None: name and password do not go together; nothing says which of them is wrong."""

    def by_code(self, cookie: str, code: str, caller: Caller) -> Begun | Locked | Denied | None:
        """The second step of the one with this cookie: a telephone's code or a recovery code. None: it is neither."""

    def enrol(self, cookie: str, secret: str, code: str, caller: Caller) -> tuple[Begun, Sequence[str]] | None:
        """Sets up the second step that the role needs, with the recovery codes. None: the code is not the secret's."""

    def by_provider(self, claims: Mapping[str, object], caller: Caller) -> Begun | Denied:
        """Somebody whom the OpenID provider vouches for."""

    def seat(self, cookie: str, stage: Stage = Stage.FULL, *, is_use: bool = True) -> Seat | None:
        """Whose cookie it is, at this stage; None where it is forged, over, ended, of a disabled account, or none.

        `is_use`: by which a session that is not used ends later.
        """

    def token(self, secret: str, *, is_use: bool = True) -> Principal | None:
        """Who has this API token; None where it is forged, expired, revoked, or of a disabled account."""

    def is_command_key(self, secret: str) -> bool:
        """Whether a command beside the hub asks, which may do everything."""

    def sign_out(self, cookie: str) -> None: ...


class OwnAccount(Protocol):
    """What people see and change of their own account."""

    def find(self, account: str) -> Account | None: ...

    def sessions(self, account: str) -> Sequence[SignedIn]: ...

    def end_session(self, account: str, id_hash: str) -> bool: ...

    def end_other_sessions(self, account: str, *, but: str) -> int: ...

    def change_password(self, account: str, old: str, new: str, *, but: str) -> Mapping[str, str]:
        """Errors by field (`old`, `new`); without any it is changed, and all sessions `but` this one are over."""

    def set_second_step(self, account: str, secret: str, code: str) -> Sequence[str] | None:
        """The recovery codes; None: the code is not the secret's, or there is a second step already."""

    def drop_second_step(self, account: str, password: str) -> str | None:
        """What is wrong; None: it is off."""

    def recovery_codes_left(self, account: str) -> int: ...


class NewAccount(NamedTuple):
    login: str
    name: str
    role: Role
    tenant: str | None = None
    homes: frozenset[str] | None = None
    address: str | None = None


class Place(NamedTuple):
    """What an account may do, and whose homes it sees."""

    role: Role
    tenant: str | None = None
    homes: frozenset[str] | None = None


VERSION = "version"
"""The field of the error that somebody else was quicker."""


class Invited(NamedTuple):
    """An account, and the link by which its owner sets their password."""

    account: Account
    link: str
    ends_at: float


class AccountBook(Protocol):
    """What administrators see and change. What `who` may not manage is not there for them."""

    def all(self, who: Principal) -> Sequence[Account]:
        """By login."""

    def page(self, who: Principal, *, after: str, limit: int) -> Sequence[Account]:
        """Those whose login comes after this one."""

    def roles(self, who: Principal) -> list[Role]:
        """Those that `who` may give to people at all."""

    def find(self, who: Principal, account: str) -> Account | None: ...

    def add(self, who: Principal, new: NewAccount) -> Invited | Mapping[str, str]:
        """Or errors by field."""

    def change(self, who: Principal, account: str, now: Place, *, version: int | None = None) -> Mapping[str, str]:
        """Errors by field; without any it holds at once, also for who is signed in.

        `version`: of the account that is changed; where it has another one by now, that is the error of `VERSION`.
        """

    def disable(self, who: Principal, account: str, *, is_disabled: bool) -> Mapping[str, str]: ...

    def reset(self, who: Principal, account: str, *, drops_second_step: bool) -> Invited | None:
        """A link for a new password; None: there is no such account."""


class PasswordLinks(Protocol):
    """Links by which people set their own password."""

    @property
    def can_mail(self) -> bool: ...

    def owner(self, key: str) -> Account | None:
        """Whose link it is; None where it is none, was used or has ended."""

    def set_password(self, key: str, password: str) -> str | None:
        """What is wrong; None: it is set, and all sessions of the account are over."""

    def ask(self, login: str) -> None:
        """Mails a link to who has this login, where they have an address; says nothing of whether they have."""


class NewToken(NamedTuple):
    label: str
    scopes: frozenset[Action]
    days: float
    homes: frozenset[str] | None = None
    is_own: bool = True
    """Of the one who makes it; else of a program of the tenant."""
    tenant: str | None = None
    """Of a program."""


class TokenMark(NamedTuple):
    """Where a page of tokens ended: they are ordered by (made_at, id), newest first."""

    made_at: float
    id: str


class TokenBook(Protocol):
    """API tokens: one's own, and for administrators everybody's."""

    def all(self, who: Principal) -> Sequence[ApiToken]: ...

    def find(self, who: Principal, token: str) -> ApiToken | None:
        """None where there is none for `who`."""

    def page(self, who: Principal, *, limit: int, after: TokenMark | None = None) -> Sequence[ApiToken]:
        """The first `limit` behind `after`, newest first."""

    def grantable(self, who: Principal, *, is_own: bool) -> frozenset[Action]:
        """The scopes that `who` may give to a token."""

    def add(self, who: Principal, new: NewToken) -> tuple[ApiToken, str] | Mapping[str, str]:
        """The token and its secret, which is told once; or errors by field."""

    def revoke(self, who: Principal, token: str) -> bool:
        """False where there is none for `who`, or it was revoked."""
