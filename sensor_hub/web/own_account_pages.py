"""One's own account: password, second step, sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.account import Account
from sensor_hub.access.action import Action
from sensor_hub.access.api_token import secret_hash
from sensor_hub.access.password_rule import SHORTEST
from sensor_hub.web.account_doors import AccountDesk, AtAccounts
from sensor_hub.web.account_paths import OWN
from sensor_hub.web.account_wording import standing_words, view_session
from sensor_hub.web.desk import desk_of, principal_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs
from sensor_hub.web.password_pages import DIFFERENT
from sensor_hub.web.second_step_pages import enrolment, set_up_page

Text = Annotated[str, Form(max_length=400)]
SEES = [needs(Action.OWN_ACCOUNT)]
DOES = [needs(Action.OWN_ACCOUNT), Depends(checked)]
NO_ACCOUNT = "You came in with the hub's own password: there is no account of yours."
STEP = f"{OWN}/second-step"

own_account_pages = APIRouter(include_in_schema=False)


def owner(request: Request, at: AtAccounts) -> Account:
    account = at.doors.own.find(principal_of(request).id)
    if account is None:
        raise HTTPException(404, NO_ACCOUNT)
    return account


Owner = Annotated[Account, Depends(owner)]


@own_account_pages.get(OWN, dependencies=SEES)
def show(request: Request, at: AtAccounts, account: Owner, told: str = "") -> Response:
    return _page(request, at, account, {}, told)


@own_account_pages.post(f"{OWN}/password", dependencies=DOES)
def change_password(
    request: Request, at: AtAccounts, account: Owner, old: Text = "", new: Text = "", again: Text = ""
) -> Response:
    if new != again:
        return _page(request, at, account, {"again": DIFFERENT})
    errors = dict(at.doors.own.change_password(account.id, old, new, but=_this(request, at)))
    return _page(request, at, account, errors) if errors else _done("password")


@own_account_pages.get(STEP, dependencies=SEES)
def ask_second_step(request: Request, account: Owner) -> Response:
    if account.has_second_step or not account.has_password:
        return _done("")
    return set_up_page(request, enrolment(account.login), act=STEP, wanted=OWN)


@own_account_pages.post(STEP, dependencies=DOES)
def set_second_step(request: Request, at: AtAccounts, account: Owner, secret: Text = "", code: Text = "") -> Response:
    if account.has_second_step or not account.has_password:
        return _done("")
    codes = at.doors.own.set_second_step(account.id, secret, code)
    if codes is None:
        return set_up_page(request, enrolment(account.login, secret), act=STEP, wanted=OWN, is_wrong=True)
    return desk_of(request).page(request, "recovery_codes.html", codes=codes, wanted=OWN)


@own_account_pages.post(f"{STEP}/drop", dependencies=DOES)
def drop_second_step(request: Request, at: AtAccounts, account: Owner, password: Text = "") -> Response:
    wrong = at.doors.own.drop_second_step(account.id, password)
    return _done("dropped") if wrong is None else _page(request, at, account, {"password": wrong})


@own_account_pages.post(f"{OWN}/sessions/end-others", dependencies=DOES)
def end_others(request: Request, at: AtAccounts, account: Owner) -> Response:
    at.doors.own.end_other_sessions(account.id, but=_this(request, at))
    return _done("ended")


@own_account_pages.post(f"{OWN}/sessions/{{session}}/end", dependencies=DOES)
def end_session(at: AtAccounts, account: Owner, session: str) -> Response:
    at.doors.own.end_session(account.id, session)
    return _done("ended")


def _this(request: Request, at: AccountDesk) -> str:
    """The id of the session that asks."""
    return secret_hash(at.cookie.of(request))


def _page(request: Request, at: AccountDesk, account: Account, errors: dict[str, str], told: str = "") -> Response:
    own = at.doors.own
    return desk_of(request).page(
        request,
        "own_account.html",
        status=422 if errors else 200,
        account=account,
        standing=standing_words(account),
        sessions=[view_session(each, _this(request, at)) for each in own.sessions(account.id)],
        codes_left=own.recovery_codes_left(account.id),
        wall=at.doors.sign_ins.wall(),
        shortest=SHORTEST,
        errors=errors,
        told=told,
    )


def _done(told: str) -> Response:
    return RedirectResponse(f"{OWN}?told={told}" if told else OWN, status_code=303)
