"""Accounts of others, for who manages them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.role import Role
from sensor_hub.web.account_doors import AccountDesk, AtAccounts
from sensor_hub.web.account_paths import ACCOUNTS
from sensor_hub.web.account_ports import Invited, NewAccount, Place
from sensor_hub.web.account_wording import ROLE_WORDS, standing_words
from sensor_hub.web.desk import desk_of, principal_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs

SEES = [needs(Action.MANAGE_FAMILY_ACCOUNTS)]
DOES = [needs(Action.MANAGE_FAMILY_ACCOUNTS), Depends(checked)]
"""Who manages all accounts manages those of families, too; the book shows each no others than these."""
NOT_THERE = "There is no such account."
Short = Annotated[str, Form(max_length=300)]

accounts_pages = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was typed of a role, a tenant and homes."""

    role: str
    tenant: str
    homes: str

    @property
    def found_role(self) -> Role | None:
        return Role(self.role) if self.role in set(Role) else None

    @property
    def found_tenant(self) -> str | None:
        return self.tenant.strip() or None

    @property
    def found_homes(self) -> frozenset[str] | None:
        return frozenset(self.homes.replace(",", " ").split()) or None


def standing(role: Short = "", tenant: Short = "", homes: Annotated[str, Form(max_length=4000)] = "") -> Standing:
    return Standing(role, tenant, homes)


@dataclass(frozen=True, slots=True)
class Person:
    """What was typed of who somebody is."""

    login: str = ""
    name: str = ""
    address: str = ""


def person(login: Short = "", name: Short = "", address: Short = "") -> Person:
    return Person(login, name, address)


def managed(request: Request, at: AtAccounts, account: str) -> Account:
    found = at.doors.book.find(principal_of(request), account)
    if found is None:
        raise HTTPException(404, NOT_THERE)
    return found


Managed = Annotated[Account, Depends(managed)]
Typed = Annotated[Standing, Depends(standing)]


@accounts_pages.get(ACCOUNTS, dependencies=SEES)
def list_accounts(request: Request, at: AtAccounts) -> Response:
    role = Role.ADMINISTRATOR.value if at.doors.sign_ins.is_first_start() else ""
    return _all(request, at, Standing(role, principal_of(request).tenant or "", ""), Person(), {})


@accounts_pages.post(ACCOUNTS, dependencies=DOES)
def add(request: Request, at: AtAccounts, form: Typed, who: Annotated[Person, Depends(person)]) -> Response:
    if form.found_role is None:
        return _all(request, at, form, who, {"role": "Choose a role"})
    new = NewAccount(who.login, who.name, form.found_role, form.found_tenant, form.found_homes, who.address)
    invited = at.doors.book.add(principal_of(request), new)
    return _invited(request, invited) if isinstance(invited, Invited) else _all(request, at, form, who, dict(invited))


@accounts_pages.get(f"{ACCOUNTS}/{{account}}", dependencies=SEES)
def show(request: Request, at: AtAccounts, found: Managed, told: str = "") -> Response:
    return _one(request, at, found, {}, told=told)


@accounts_pages.post(f"{ACCOUNTS}/{{account}}/role", dependencies=DOES)
def change(request: Request, at: AtAccounts, found: Managed, form: Typed) -> Response:
    if form.found_role is None:
        return _one(request, at, found, {"role": "Choose a role"}, form=form)
    who, place = principal_of(request), Place(form.found_role, form.found_tenant, form.found_homes)
    errors = dict(at.doors.book.change(who, found.id, place))
    return _one(request, at, found, errors, form=form) if errors else _done(found, "changed")


@accounts_pages.post(f"{ACCOUNTS}/{{account}}/disable", dependencies=DOES)
def disable(request: Request, at: AtAccounts, found: Managed) -> Response:
    errors = dict(at.doors.book.disable(principal_of(request), found.id, is_disabled=True))
    return _one(request, at, found, errors) if errors else _done(found, "disabled")


@accounts_pages.post(f"{ACCOUNTS}/{{account}}/enable", dependencies=DOES)
def enable(request: Request, at: AtAccounts, found: Managed) -> Response:
    errors = dict(at.doors.book.disable(principal_of(request), found.id, is_disabled=False))
    return _one(request, at, found, errors) if errors else _done(found, "enabled")


@accounts_pages.post(f"{ACCOUNTS}/{{account}}/reset", dependencies=DOES)
def reset(request: Request, at: AtAccounts, found: Managed, second_step: Short = "") -> Response:
    invited = at.doors.book.reset(principal_of(request), found.id, drops_second_step=bool(second_step))
    if invited is None:
        return _one(request, at, found, {"account": "This account has no password here"})
    return _invited(request, invited)


def _all(request: Request, at: AccountDesk, form: Standing, who: Person, errors: dict[str, str]) -> Response:
    asking = principal_of(request)
    return desk_of(request).page(
        request,
        "accounts.html",
        status=422 if errors else 200,
        accounts=at.doors.book.all(asking),
        is_first=at.doors.sign_ins.is_first_start(),
        wall=at.doors.sign_ins.wall(),
        roles=_roles(at, request),
        has_tenants=asking.tenant is None,
        words=standing_words,
        form=form,
        person=who,
        errors=errors,
    )


def _one(
    request: Request,
    at: AccountDesk,
    account: Account,
    errors: dict[str, str],
    *,
    told: str = "",
    form: Standing | None = None,
) -> Response:
    kept = Standing(account.role.value, account.tenant or "", " ".join(sorted(account.homes or ())))
    return desk_of(request).page(
        request,
        "account.html",
        status=422 if errors else 200,
        account=account,
        wall=at.doors.sign_ins.wall(),
        roles=_roles(at, request),
        has_tenants=principal_of(request).tenant is None,
        words=standing_words,
        form=form or kept,
        errors=errors,
        told=told,
    )


def _roles(at: AccountDesk, request: Request) -> list[tuple[str, str]]:
    return [(role.value, ROLE_WORDS[role]) for role in at.doors.book.roles(principal_of(request))]


def _done(account: Account, told: str) -> Response:
    return RedirectResponse(f"{ACCOUNTS}/{account.id}?told={told}", status_code=303)


def _invited(request: Request, invited: Invited) -> Response:
    """Shown once: only the link's hash is kept."""
    return desk_of(request).page(request, "invited.html", invited=invited)
