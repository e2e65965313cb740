"""The pages of the second step: a code on the way in, and setting one up where the role needs it."""

from __future__ import annotations

from typing import Annotated, NamedTuple
from urllib.parse import quote

import segno
from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.second_step import enrolment_address, is_secret, make_secret
from sensor_hub.access.session import Stage
from sensor_hub.web.account_doors import AtAccounts, caller_of
from sensor_hub.web.account_paths import CODE, SET_UP
from sensor_hub.web.account_ports import Begun, Denied, Locked
from sensor_hub.web.desk import desk_of
from sensor_hub.web.forms import local_path
from sensor_hub.web.sign_in import lock_words, step_on

Text = Annotated[str, Form(max_length=100)]
Next = Annotated[str, Form(alias="next")]
NO_CODE = "This is not the code that your app shows now, nor a recovery code that was not used"
NOT_THE_SECRETS = "This is not the code that your app shows now. Is the time on your telephone right?"

second_step_pages = APIRouter(include_in_schema=False)


@second_step_pages.get(CODE)
def ask(request: Request, at: AtAccounts, next: str = "/") -> Response:  # noqa: A002 - the word in the address
    if at.doors.sign_ins.seat(at.cookie.of(request), Stage.CODE) is None:
        return _to_the_start(next)
    return desk_of(request).page(request, "second_step.html", wanted=local_path(next), errors={})


@second_step_pages.post(CODE)
def check(request: Request, at: AtAccounts, code: Text = "", wanted: Next = "/") -> Response:
    sign_ins = at.doors.sign_ins
    found = sign_ins.by_code(at.cookie.of(request), code, caller_of(request))
    if isinstance(found, Begun):
        return step_on(request, found, local_path(wanted), at.cookie)
    if isinstance(found, Denied):
        return _to_the_start(wanted)
    status, text = (429, lock_words(found, sign_ins.wall())) if isinstance(found, Locked) else (403, NO_CODE)
    errors = {"code": text}
    return desk_of(request).page(request, "second_step.html", status=status, wanted=local_path(wanted), errors=errors)


@second_step_pages.get(SET_UP)
def ask_to_set_up(request: Request, at: AtAccounts, next: str = "/") -> Response:  # noqa: A002
    seat = at.doors.sign_ins.seat(at.cookie.of(request), Stage.ENROL)
    if seat is None:
        return _to_the_start(next)
    return set_up_page(request, enrolment(seat.account.login), act=SET_UP, wanted=local_path(next))


@second_step_pages.post(SET_UP)
def set_up(request: Request, at: AtAccounts, secret: Text = "", code: Text = "", wanted: Next = "/") -> Response:
    seat = at.doors.sign_ins.seat(at.cookie.of(request), Stage.ENROL)
    if seat is None:
        return _to_the_start(wanted)
    found = at.doors.sign_ins.enrol(at.cookie.of(request), secret, code, caller_of(request))
    if found is None:
        shown = enrolment(seat.account.login, secret)
        return set_up_page(request, shown, act=SET_UP, wanted=local_path(wanted), is_wrong=True)
    begun, codes = found
    answer = desk_of(request).page(request, "recovery_codes.html", codes=codes, wanted=local_path(wanted))
    at.cookie.put(request, answer, begun.cookie)
    return answer


class Enrolment(NamedTuple):
    """What a page shows for an app to take: a picture, and the same to type."""

    secret: str
    typed: str
    picture: str


def enrolment(login: str, secret: str = "") -> Enrolment:
    """Of this secret; of a new one where it is none."""
    secret = secret if is_secret(secret) else make_secret()
    picture = segno.make(enrolment_address(secret, login), error="m").svg_data_uri(scale=5, border=4)
    typed = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Enrolment(secret, typed, picture)


def set_up_page(request: Request, shown: Enrolment, *, act: str, wanted: str, is_wrong: bool = False) -> Response:
    """`act`: where its form goes."""
    errors = {"code": NOT_THE_SECRETS} if is_wrong else {}
    status = 422 if is_wrong else 200
    return desk_of(request).page(
        request, "set_up.html", status=status, shown=shown, act=act, wanted=wanted, errors=errors
    )


def _to_the_start(wanted: str) -> Response:
    return RedirectResponse(f"/login?next={quote(local_path(wanted), safe='')}", status_code=303)
