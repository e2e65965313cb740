"""What the site offers about accounts, and where its pages find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from sensor_hub.web.account_ports import AccountBook, Caller, OwnAccount, PasswordLinks, SignIns, TokenBook
from sensor_hub.web.session import SESSION_SECONDS, Throttle
from sensor_hub.web.session_cookie import SessionCookie

if TYPE_CHECKING:
    from sensor_hub.web.provider import Provider


@dataclass(frozen=True, slots=True)
class AccountDoors:
    sign_ins: SignIns
    own: OwnAccount
    book: AccountBook
    links: PasswordLinks
    tokens: TokenBook
    provider: Provider | None = None
    """An OpenID provider that vouches for people."""
    session_lasts: float = SESSION_SECONDS


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """What each page about accounts works with."""

    doors: AccountDoors
    cookie: SessionCookie
    throttle: Throttle
    """Of those who try out links."""
    url: str
    """Where people reach the site."""


def account_desk_of(request: Request) -> AccountDesk:
    desk: AccountDesk = request.app.state.account_desk
    return desk


AtAccounts = Annotated[AccountDesk, Depends(account_desk_of)]


def caller_of(request: Request) -> Caller:
    return Caller(request.client.host if request.client else "", request.headers.get("user-agent", ""))
