"""Accounts in memory, which take whatever they are asked: for tests of who may ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import ApiToken
from sensor_hub.access.principal import Principal
from sensor_hub.access.role import Role
from sensor_hub.access.session import SignedIn, Stage
from sensor_hub.web.account_doors import AccountDoors
from sensor_hub.web.account_ports import (
    Begun,
    Caller,
    Denied,
    Invited,
    Locked,
    NewAccount,
    NewToken,
    Place,
    Seat,
    TokenMark,
)
from sensor_hub.web.provider import Provider

AT = 1_800_000_000.0
ACCOUNT = Account("a1", "sam", "Sam", Role.FAMILY, AT, tenant="elmham", homes=frozenset({"elm-14"}), has_password=True)
TOKEN = ApiToken("t1", "rota", frozenset({Action.SEE_ALERTS}), "Sam", AT, AT + 60, "a1")


class MemorySignIns:
    def wall(self) -> float:
        return AT

    def is_first_start(self) -> bool:
        return False

    def by_password(self, login: str, password: str, caller: Caller) -> Begun | Locked | None:
        return None

    def by_code(self, cookie: str, code: str, caller: Caller) -> Begun | Locked | Denied | None:
        return None

    def enrol(self, cookie: str, secret: str, code: str, caller: Caller) -> tuple[Begun, Sequence[str]] | None:
        return None

    def by_provider(self, claims: Mapping[str, object], caller: Caller) -> Begun | Denied:
        return Denied("not you")

    def seat(self, cookie: str, stage: Stage = Stage.FULL, *, is_use: bool = True) -> Seat | None:
        return None

    def token(self, secret: str, *, is_use: bool = True) -> Principal | None:
        return None

    def is_command_key(self, secret: str) -> bool:
        return False

    def sign_out(self, cookie: str) -> None:
        return


class MemoryOwnAccount:
    def find(self, account: str) -> Account | None:
        return ACCOUNT

    def sessions(self, account: str) -> Sequence[SignedIn]:
        return []

    def end_session(self, account: str, id_hash: str) -> bool:
        return True

    def end_other_sessions(self, account: str, *, but: str) -> int:
        return 0

    def change_password(self, account: str, old: str, new: str, *, but: str) -> Mapping[str, str]:
        return {}

    def set_second_step(self, account: str, secret: str, code: str) -> Sequence[str] | None:
        return ["ABCD"]

    def drop_second_step(self, account: str, password: str) -> str | None:
        return None

    def recovery_codes_left(self, account: str) -> int:
        return 0


class MemoryAccountBook:
    def all(self, who: Principal) -> Sequence[Account]:
        return [ACCOUNT]

    def roles(self, who: Principal) -> list[Role]:
        return [Role.FAMILY]

    def find(self, who: Principal, account: str) -> Account | None:
        return ACCOUNT if account == ACCOUNT.id else None

    def add(self, who: Principal, new: NewAccount) -> Invited | Mapping[str, str]:
        return Invited(ACCOUNT, "http://hub.test/password/x", AT)

    def page(self, who: Principal, *, after: str, limit: int) -> Sequence[Account]:
        return [ACCOUNT]

    def change(self, who: Principal, account: str, now: Place, *, version: int | None = None) -> Mapping[str, str]:
        return {}

    def disable(self, who: Principal, account: str, *, is_disabled: bool) -> Mapping[str, str]:
        return {}

    def reset(self, who: Principal, account: str, *, drops_second_step: bool) -> Invited | None:
        return Invited(ACCOUNT, "http://hub.test/password/x", AT)


class MemoryPasswordLinks:
    can_mail = True

    def owner(self, key: str) -> Account | None:
        return None

    def set_password(self, key: str, password: str) -> str | None:
        return "not this link"

    def ask(self, login: str) -> None:
        return


class MemoryTokenBook:
    def find(self, who: Principal, token: str) -> ApiToken | None:
        return TOKEN if token == TOKEN.id else None

    def all(self, who: Principal) -> Sequence[ApiToken]:
        return [TOKEN]

    def page(self, who: Principal, *, limit: int, after: TokenMark | None = None) -> Sequence[ApiToken]:
        return [TOKEN] if after is None else []

    def grantable(self, who: Principal, *, is_own: bool) -> frozenset[Action]:
        return who.actions

    def add(self, who: Principal, new: NewToken) -> tuple[ApiToken, str] | Mapping[str, str]:
        return TOKEN, "shub_secret"

    def revoke(self, who: Principal, token: str) -> bool:
        return True


def memory_accounts() -> AccountDoors:
    provider = Provider("https://id.example", "hub", "secret", label="the council")
    return AccountDoors(
        MemorySignIns(), MemoryOwnAccount(), MemoryAccountBook(), MemoryPasswordLinks(), MemoryTokenBook(), provider
    )
