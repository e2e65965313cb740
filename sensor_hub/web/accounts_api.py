"""Accounts of others in the API, for who manages them. No token may: it is asked by a session, or by a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from sensor_hub.access.account import LONGEST_ADDRESS, LONGEST_LOGIN, LONGEST_NAME, Account
from sensor_hub.access.role import Role
from sensor_hub.model.moment import iso
from sensor_hub.web.account_doors import AtAccounts
from sensor_hub.web.account_ports import VERSION, Invited, NewAccount, Place
from sensor_hub.web.accounts_pages import NOT_THERE, SEES, Managed
from sensor_hub.web.desk import principal_of
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.problems import fields_wrong
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

STANDS_IN_THE_WAY: dict[int | str, dict[str, Any]] = {409: {}}


class PlaceIn(BaseModel):
    """`tenant` null: all of them. `homes` null: all of the tenant; residents and their families have theirs named."""

    model_config = ConfigDict(extra="forbid")
    role: Annotated[Role, Field(examples=["duty_officer"])]
    tenant: Annotated[str | None, Field(max_length=64, examples=["local"])] = None
    homes: Annotated[list[str] | None, Field(min_length=1, max_length=1000, examples=[["elm-14"]])] = None

    @property
    def place(self) -> Place:
        return Place(self.role, self.tenant, None if self.homes is None else frozenset(self.homes))


class AccountIn(PlaceIn):
    """`login`: what its owner types to sign in; `mail`: where links for new passwords reach them."""

    login: Annotated[str, Field(min_length=1, max_length=LONGEST_LOGIN, examples=["sam@example.org"])]
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, examples=["Sam Reed"])]
    mail: Annotated[str, Field(max_length=LONGEST_ADDRESS, examples=["sam@example.org"])] = ""


class ResetIn(BaseModel):
    """`second_step`: taken away, too; for who lost telephone and recovery codes."""

    model_config = ConfigDict(extra="forbid")
    second_step: Annotated[bool, Field(strict=True, examples=[False])] = False


@dataclass(frozen=True, slots=True)
class AccountOut:
    """Moments are real ones, also where the hub's time is simulated. `comes_by` null: its password is not set yet."""

    id: Annotated[str, Field(examples=["5f0c2a9be1d4"])]
    login: str
    name: Annotated[str, Field(examples=["Sam Reed"])]
    role: Role
    tenant: str | None
    homes: Annotated[list[str] | None, Field(examples=[["elm-14"]])]
    comes_by: Literal["password", "provider"] | None
    has_second_step: Annotated[bool, Field(examples=[True])]
    has_mail: Annotated[bool, Field(examples=[True])]
    made_at: str
    signed_in_at: Annotated[str | None, Field(examples=["2026-11-24T08:00:00Z"])]
    disabled_at: str | None


@dataclass(frozen=True, slots=True)
class InvitedOut:
    """`link` is told this once: whoever opens it sets the password of the account."""

    account: AccountOut
    link: Annotated[str, Field(examples=["https://hub.example.org/password/invented-and-good-for-nothing"])]
    link_ends_at: Annotated[str, Field(examples=["2026-11-03T09:00:00Z"])]


accounts_api = APIRouter(prefix="/api/v1/accounts")


@accounts_api.get("", dependencies=SEES)
def list_accounts(request: Request, at: AtAccounts, limit: Limit = USUAL, cursor: Cursor = "") -> Page[AccountOut]:
    """Those that one manages, by login."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    found = at.doors.book.page(principal_of(request), after=after, limit=limit + 1)
    return page_of(found, limit, show=account_out, place=lambda account: (account.login,))


@accounts_api.post("", dependencies=SEES, status_code=201)
def add_account(request: Request, response: Response, at: AtAccounts, asked: AccountIn) -> InvitedOut:
    """A new account. Its owner sets a password by the link in this answer."""
    new = NewAccount(asked.login, asked.name, *asked.place, address=asked.mail)
    invited = at.doors.book.add(principal_of(request), new)
    if not isinstance(invited, Invited):
        raise fields_wrong(invited)
    response.headers["Location"] = f"{accounts_api.prefix}/{invited.account.id}"
    return _invited_out(response, invited)


@accounts_api.get("/{account}", dependencies=SEES)
def read_account(response: Response, found: Managed) -> AccountOut:
    """One account. Its ETag is what a change names in If-Match."""
    return _told(response, found)


@accounts_api.put("/{account}", dependencies=SEES, responses=CHANGES)
def set_account(
    request: Request, response: Response, at: AtAccounts, found: Managed, version: Version, asked: PlaceIn
) -> AccountOut:
    """This role, tenant and homes, at once, also for who is signed in."""
    errors = at.doors.book.change(principal_of(request), found.id, asked.place, version=version)
    if VERSION in errors:
        raise HTTPException(412, STALE)
    if errors:
        raise fields_wrong(errors)
    return _after(request, response, at, found)


@accounts_api.post("/{account}/disable", dependencies=SEES, responses=STANDS_IN_THE_WAY)
def disable_account(request: Request, response: Response, at: AtAccounts, found: Managed) -> AccountOut:
    """Lets nobody in any more; sessions, links and tokens of the account are over. 409 for the last administrator's."""
    return _disabled(request, response, at, found, is_disabled=True)


@accounts_api.post("/{account}/enable", dependencies=SEES, responses=STANDS_IN_THE_WAY)
def enable_account(request: Request, response: Response, at: AtAccounts, found: Managed) -> AccountOut:
    """Lets its owner in again."""
    return _disabled(request, response, at, found, is_disabled=False)


@accounts_api.post("/{account}/reset", dependencies=SEES, responses=STANDS_IN_THE_WAY)
def reset_account(request: Request, response: Response, at: AtAccounts, found: Managed, asked: ResetIn) -> InvitedOut:
    """A link by which its owner sets a new password. 409 where it has none here, or is disabled."""
    invited = at.doors.book.reset(principal_of(request), found.id, drops_second_step=asked.second_step)
    if invited is None:
        raise HTTPException(409, "This account has no password here, or is disabled.")
    return _invited_out(response, invited)


def account_out(account: Account) -> AccountOut:
    provided: Literal["provider"] | None = "provider" if account.subject is not None else None
    return AccountOut(
        id=account.id,
        login=account.login,
        name=account.name,
        role=account.role,
        tenant=account.tenant,
        homes=None if account.homes is None else sorted(account.homes),
        comes_by="password" if account.has_password else provided,
        has_second_step=account.has_second_step,
        has_mail=account.has_address,
        made_at=iso(account.made_at),
        signed_in_at=None if account.signed_in_at is None else iso(account.signed_in_at),
        disabled_at=None if account.disabled_at is None else iso(account.disabled_at),
    )


def _disabled(request: Request, response: Response, at: AtAccounts, found: Account, *, is_disabled: bool) -> AccountOut:
    errors = at.doors.book.disable(principal_of(request), found.id, is_disabled=is_disabled)
    if errors:
        raise fields_wrong(errors, 409)
    return _after(request, response, at, found)


def _after(request: Request, response: Response, at: AtAccounts, before: Account) -> AccountOut:
    """The account as it is once it was changed."""
    found = at.doors.book.find(principal_of(request), before.id)
    if found is None:
        raise HTTPException(404, NOT_THERE)
    return _told(response, found)


def _told(response: Response, account: Account) -> AccountOut:
    shown = account_out(account)
    response.headers["ETag"] = etag(account.version, shown)
    return shown


def _invited_out(response: Response, invited: Invited) -> InvitedOut:
    return InvitedOut(_told(response, invited.account), invited.link, iso(invited.ends_at))
