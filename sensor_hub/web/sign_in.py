"""The pages by which a person signs in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.web.credentials import SharedPassword
from sensor_hub.web.desk import desk_of
from sensor_hub.web.forms import checked, local_path
from sensor_hub.web.needs import needs
from sensor_hub.web.session import COOKIE, LONGEST_NAME, SESSION_SECONDS, CrowdedError, Password

PAGE = "sign_in.html"


def sign_in_pages(shared: SharedPassword, *, is_secure: bool) -> APIRouter:
    """`is_secure`: the site is reached by https, so the cookie never travels without it."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/login")
    def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word in the address
        return desk_of(request).page(request, PAGE, wanted=local_path(next), name="", errors={})

    @pages.post("/login")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password_given: Annotated[str, Form(alias="password")] = "",
        wanted: Annotated[str, Form(alias="next")] = "/",
    ) -> Response:
        name = name.strip()[:LONGEST_NAME]
        status, errors = await _judge(request, shared.password, name, password_given)
        if errors:
            values = {"wanted": local_path(wanted), "name": name, "errors": errors}
            return desk_of(request).page(request, PAGE, status=status, **values)
        answer = RedirectResponse(local_path(wanted), status_code=303)
        cookie = shared.sessions.begin(name)
        answer.set_cookie(COOKIE, cookie, SESSION_SECONDS, httponly=True, samesite="lax", secure=is_secure)
        return answer

    @pages.post("/logout", dependencies=[needs(Action.OWN_ACCOUNT), Depends(checked)])
    def sign_out() -> Response:
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure)
        return answer

    return pages


async def _judge(request: Request, password: Password, name: str, given: str) -> tuple[int, dict[str, str]]:
    """The answer's status, and what is wrong by field: nothing when the person may come in."""
    if not name:
        return 422, {"name": "Enter your name"}
    address = request.client.host if request.client else ""
    try:
        right = await password.is_right(given, address)
    except CrowdedError:
        return 429, {"password": "Too many attempts. Wait a minute and try again."}
    return (200, {}) if right else (403, {"password": "That is not the password"})
