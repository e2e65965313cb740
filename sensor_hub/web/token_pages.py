"""API tokens: one's own, and for administrators everybody's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.access.api_token import LASTS_DAYS
from sensor_hub.web.account_doors import AccountDesk, AtAccounts
from sensor_hub.web.account_paths import TOKENS
from sensor_hub.web.account_ports import NewToken
from sensor_hub.web.action_wording import ACTION_WORDS
from sensor_hub.web.desk import desk_of, principal_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs

SEES = [needs(Action.OWN_ACCOUNT)]
DOES = [needs(Action.OWN_ACCOUNT), Depends(checked)]
NOT_THERE = "There is no such token."
SPANS = {"7": "7 days", "30": "30 days", "90": "90 days", "366": "a year"}
Text = Annotated[str, Form(max_length=4000)]


class TokenForm:
    """What was typed of a new token."""

    def __init__(
        self,
        label: Text = "",
        scopes: Annotated[list[str] | None, Form()] = None,
        days: Text = str(LASTS_DAYS),
        homes: Text = "",
        whose: Text = "own",
        tenant: Text = "",
    ) -> None:
        self.label, self.days, self.homes, self.whose, self.tenant = label, days, homes, whose, tenant
        self.scopes = frozenset(scopes or ())

    def token(self) -> NewToken:
        return NewToken(
            label=self.label,
            scopes=frozenset(Action(scope) for scope in self.scopes if scope in set(Action)),
            days=float(self.days) if self.days in SPANS else 0.0,
            homes=frozenset(self.homes.replace(",", " ").split()) or None,
            is_own=self.whose != "program",
            tenant=self.tenant.strip() or None,
        )


token_pages = APIRouter(include_in_schema=False)


@token_pages.get(TOKENS, dependencies=SEES)
def show(request: Request, at: AtAccounts, told: str = "") -> Response:
    whose = "own" if _has_account(request, at) else "program"
    return _page(request, at, TokenForm(whose=whose, tenant=principal_of(request).tenant or ""), {}, told)


@token_pages.post(TOKENS, dependencies=DOES)
def make(request: Request, at: AtAccounts, form: Annotated[TokenForm, Depends()]) -> Response:
    made = at.doors.tokens.add(principal_of(request), form.token())
    if not isinstance(made, tuple):
        return _page(request, at, form, dict(made))
    token, secret = made
    return desk_of(request).page(request, "new_token.html", made=token, secret=secret)


@token_pages.post(f"{TOKENS}/{{token_id}}/revoke", dependencies=DOES)
def revoke(request: Request, at: AtAccounts, token_id: str) -> Response:
    if not at.doors.tokens.revoke(principal_of(request), token_id):
        raise HTTPException(404, NOT_THERE)
    return RedirectResponse(f"{TOKENS}?told=revoked", status_code=303)


def _has_account(request: Request, at: AccountDesk) -> bool:
    return at.doors.own.find(principal_of(request).id) is not None


def _page(request: Request, at: AccountDesk, form: TokenForm, errors: dict[str, str], told: str = "") -> Response:
    who, book = principal_of(request), at.doors.tokens
    own, programs = (book.grantable(who, is_own=is_own) for is_own in (True, False))
    return desk_of(request).page(
        request,
        "tokens.html",
        status=422 if errors else 200,
        tokens=book.all(who),
        wall=at.doors.sign_ins.wall(),
        scopes=sorted(own | programs),
        words=ACTION_WORDS,
        has_account=_has_account(request, at),
        gives_to_programs=bool(programs),
        has_tenants=who.tenant is None,
        own=who.id,
        spans=SPANS,
        form=form,
        errors=errors,
        told=told,
    )
