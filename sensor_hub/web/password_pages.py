"""Setting a password by a link, and asking for such a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.account import Account
from sensor_hub.access.password_rule import SHORTEST
from sensor_hub.web.account_doors import AccountDesk, AtAccounts
from sensor_hub.web.account_paths import FORGOTTEN, PASSWORD_LINK
from sensor_hub.web.desk import desk_of
from sensor_hub.web.session import CrowdedError

Text = Annotated[str, Form(max_length=400)]
CANNOT_BE_USED = "This link was used, or is too old. Ask who looks after the hub for another one."
PASSWORD_SET = "password-set"
"""What the sign-in page is told, to say so."""
DIFFERENT = "The two are not the same"

password_pages = APIRouter(include_in_schema=False)


async def tried(request: Request, at: AccountDesk) -> None:
    """Whoever tries out links or names waits longer and longer."""
    try:
        async with at.throttle.turn(request.client.host if request.client else "") as visitor:
            visitor.failures += 1
    except CrowdedError as error:
        raise HTTPException(429, "Too many attempts. Wait a minute and try again.") from error


def found(at: AtAccounts, key: str) -> Account | None:
    return at.doors.links.owner(key)


async def owner(request: Request, at: AtAccounts, account: Annotated[Account | None, Depends(found)]) -> Account:
    if account is None:
        await tried(request, at)
        raise HTTPException(404, CANNOT_BE_USED)
    return account


Owner = Annotated[Account, Depends(owner)]


@password_pages.get(FORGOTTEN)
def ask(request: Request, at: AtAccounts, told: str = "") -> Response:
    if not at.doors.links.can_mail:
        raise HTTPException(404)
    return desk_of(request).page(request, "forgotten.html", told=told)


@password_pages.post(FORGOTTEN)
async def send(request: Request, at: AtAccounts, tasks: BackgroundTasks, name: Text = "") -> Response:
    if not at.doors.links.can_mail:
        raise HTTPException(404)
    await tried(request, at)
    # After the answer: how long it takes would tell whether there is such an account.
    tasks.add_task(at.doors.links.ask, name)
    return RedirectResponse(f"{FORGOTTEN}?told=asked", status_code=303, background=tasks)


@password_pages.get(f"{PASSWORD_LINK}{{key}}")
def show(request: Request, account: Owner) -> Response:
    return _page(request, account, {})


@password_pages.post(f"{PASSWORD_LINK}{{key}}")
def set_password(
    request: Request, at: AtAccounts, key: str, account: Owner, password: Text = "", again: Text = ""
) -> Response:
    if password != again:
        return _page(request, account, {"again": DIFFERENT})
    wrong = at.doors.links.set_password(key, password)
    if wrong is not None:
        return _page(request, account, {"password": wrong})
    return RedirectResponse(f"/login?told={PASSWORD_SET}", status_code=303)


def _page(request: Request, account: Account, errors: dict[str, str]) -> Response:
    status = 422 if errors else 200
    return desk_of(request).page(
        request, "set_password.html", status=status, account=account, errors=errors, shortest=SHORTEST
    )
