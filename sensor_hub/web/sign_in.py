"""The pages by which a person signs in and out: by accounts where there are any, else by the hub's own password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.access.session import Stage
from sensor_hub.web.account_doors import AccountDoors, caller_of
from sensor_hub.web.account_paths import CODE, SET_UP
from sensor_hub.web.account_ports import Begun, Locked
from sensor_hub.web.credentials import SharedPassword
from sensor_hub.web.desk import desk_of
from sensor_hub.web.forms import checked, local_path
from sensor_hub.web.needs import needs
from sensor_hub.web.session import LONGEST_NAME, CrowdedError, Throttle
from sensor_hub.web.session_cookie import SessionCookie

PAGE = "sign_in.html"
STEP = {Stage.CODE: CODE, Stage.ENROL: SET_UP}
"""Where somebody goes on who is not in yet."""
NO_MATCH = "That name and that password do not go together"
CROWDED = "Too many attempts. Wait a minute and try again."


@dataclass(frozen=True, slots=True)
class SignInForm:
    name: str = ""
    password: str = field(default="", repr=False)
    wanted: str = "/"


def sign_in_form(
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form(alias="next")] = "/",
) -> SignInForm:
    return SignInForm(name.strip(), password, local_path(wanted))


class NotLetInError(Exception):
    """The answer's status, and what is wrong by field."""

    def __init__(self, status: int, **errors: str) -> None:
        super().__init__(status)
        self.status = status
        self.errors = errors


@dataclass(frozen=True, slots=True)
class SignInDesk:
    shared: SharedPassword
    accounts: AccountDoors | None
    cookie: SessionCookie
    throttle: Throttle = field(default_factory=Throttle)

    def is_first_start(self) -> bool:
        return self.accounts is None or self.accounts.sign_ins.is_first_start()

    def page(
        self, request: Request, form: SignInForm, wrong: NotLetInError | None = None, *, told: str = ""
    ) -> Response:
        provider = None if self.accounts is None else self.accounts.provider
        return desk_of(request).page(
            request,
            PAGE,
            status=200 if wrong is None else wrong.status,
            told=told,
            wanted=form.wanted,
            name=form.name[:LONGEST_NAME],
            errors={} if wrong is None else wrong.errors,
            is_first=self.is_first_start(),
            provider=None if provider is None else provider.label,
            can_mail=self.accounts is not None and self.accounts.links.can_mail,
        )

    async def let_in(self, request: Request, form: SignInForm) -> Begun:
        """A session, or a step towards one; NotLetInError."""
        if self.accounts is None or await run_sync(self.accounts.sign_ins.is_first_start):
            return await self._by_the_shared(request, form)
        if not form.name:
            raise NotLetInError(422, name="Enter the name you sign in with")
        caller, sign_ins = caller_of(request), self.accounts.sign_ins
        try:
            async with self.throttle.turn(caller.address) as visitor:
                found = await run_sync(sign_ins.by_password, form.name, form.password, caller)
                visitor.failures = 0 if isinstance(found, Begun) else visitor.failures + 1
        except CrowdedError as error:
            raise NotLetInError(429, password=CROWDED) from error
        if isinstance(found, Locked):
            raise NotLetInError(429, password=lock_words(found, sign_ins.wall()))
        if found is None:
            raise NotLetInError(403, password=NO_MATCH)
        return found

    async def _by_the_shared(self, request: Request, form: SignInForm) -> Begun:
        if not form.name:
            raise NotLetInError(422, name="Enter your name")
        try:
            right = await self.shared.password.is_right(form.password, caller_of(request).address)
        except CrowdedError as error:
            raise NotLetInError(429, password=CROWDED) from error
        if not right:
            raise NotLetInError(403, password="That is not the password")
        return Begun(self.shared.sessions.begin(form.name[:LONGEST_NAME]), Stage.FULL)


def sign_in_desk_of(request: Request) -> SignInDesk:
    desk: SignInDesk = request.app.state.sign_in_desk
    return desk


AtSignIn = Annotated[SignInDesk, Depends(sign_in_desk_of)]
sign_in_pages = APIRouter(include_in_schema=False)


@sign_in_pages.get("/login")
def ask(request: Request, at: AtSignIn, next: str = "/", told: str = "") -> Response:  # noqa: A002 - as in the address
    return at.page(request, SignInForm(wanted=local_path(next)), told=told)


@sign_in_pages.post("/login")
async def sign_in(request: Request, at: AtSignIn, form: Annotated[SignInForm, Depends(sign_in_form)]) -> Response:
    try:
        begun = await at.let_in(request, form)
    except NotLetInError as wrong:
        return await run_sync(at.page, request, form, wrong)
    return step_on(request, begun, form.wanted, at.cookie)


@sign_in_pages.post("/logout", dependencies=[needs(Action.OWN_ACCOUNT), Depends(checked)])
def sign_out(request: Request, at: AtSignIn) -> Response:
    if at.accounts is not None:
        at.accounts.sign_ins.sign_out(at.cookie.of(request))
    answer = RedirectResponse("/login", status_code=303)
    at.cookie.drop(request, answer)
    return answer


def step_on(request: Request, begun: Begun, wanted: str, cookie: SessionCookie) -> Response:
    """To the page that was wanted, or to the step that comes before it."""
    step = STEP.get(begun.stage)
    answer = RedirectResponse(wanted if step is None else f"{step}?next={quote(wanted, safe='')}", status_code=303)
    cookie.put(request, answer, begun.cookie)
    return answer


def lock_words(locked: Locked, now: float) -> str:
    minutes = max(1, -int(-(locked.until - now) // 60))
    return f"Too many attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
