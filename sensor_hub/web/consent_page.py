"""The page of what is agreed with a home's resident: shown, written down, withdrawn; all that is kept, and its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.model.consent import BASIS_WORDS, DATA_WORDS, Agreed, Basis, Data, Told, scope_of
from sensor_hub.model.moment import local
from sensor_hub.web.consent_api import (
    LOCKED,
    LONGEST_NOTE,
    LONGEST_WHO,
    Consents,
    DecisionIn,
    Persons,
    certificate_of,
    decided,
    list_certificates,
    person_file,
)
from sensor_hub.web.desk import Desk, desk_of, session_of
from sensor_hub.web.forms import Seen, checked
from sensor_hub.web.needs import NO_HOME, needs
from sensor_hub.web.paging import Cursor
from sensor_hub.web.ports import Answer, HomeRow

consent_pages = APIRouter(include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]
DECIDED_SINCE = "Somebody wrote another decision down since, which stands above: look at it before you write yours down"
SHOWN = 50
"""The last decisions and erasures; all are in the API."""
NOTHING: Mapping[str, str] = MappingProxyType({})
SET = [needs(Action.SET_CONSENTS), Depends(checked)]
ERASE = [needs(Action.ERASE_PERSON), Depends(checked)]
Words = Annotated[str, Form(max_length=LONGEST_NOTE)]


@dataclass(frozen=True, slots=True)
class ConsentTyped:
    """What was typed of a decision."""

    basis: Annotated[str, Form()] = ""
    scope: Annotated[tuple[str, ...], Form()] = ()
    decided_by: Words = ""
    decided_on: Words = ""
    review_on: Words = ""
    note: Words = ""
    version: int | None = None
    """Of what the page showed as agreed."""


def consent_typed(
    basis: Annotated[str, Form()] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    decided_by: Words = "",
    decided_on: Words = "",
    review_on: Words = "",
    note: Words = "",
    version: Seen = None,
) -> ConsentTyped:
    days = decided_on.strip(), review_on.strip()
    return ConsentTyped(basis, tuple(scope or ()), decided_by.strip(), *days, note, version)


Typed = Annotated[ConsentTyped, Depends(consent_typed)]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    basis: str
    agreed: Sequence[str]
    declined: Sequence[str]
    decided: str
    review: str
    note: str
    written: str


@consent_pages.get("/homes/{home}/consent", dependencies=[needs(Action.SEE_CONSENTS)])
def consent_page(request: Request, desk: AtDesk, consents: Consents, home: str, told: str = "") -> Response:
    return _page(request, desk, consents, home, told=told)


@consent_pages.post("/homes/{home}/consent", dependencies=SET)
def set_consent(request: Request, desk: AtDesk, consents: Consents, home: str, typed: Typed) -> Response:
    """The form of a decision."""
    row = _row(desk, home)
    read = _read(typed)
    if isinstance(read, dict):
        return _page(request, desk, consents, home, errors=read, typed=typed)
    try:
        decision = decided(read, local(desk.now(), row.home.zone).date())
    except ValueError as error:
        field, _, words = str(error).partition(": ")
        return _page(request, desk, consents, home, errors={field: words.capitalize()}, typed=typed)
    answer = consents.agree(home, decision, by=session_of(request).name, version=typed.version)
    if answer is Answer.STALE:
        now = replace(typed, version=None)
        return _page(request, desk, consents, home, errors={"decide": DECIDED_SINCE}, typed=now)
    return _done(answer, home, "agreed")


@consent_pages.post("/homes/{home}/consent/withdraw", dependencies=SET)
def withdraw(request: Request, desk: AtDesk, consents: Consents, home: str, typed: Typed) -> Response:
    """The form by which kinds of data are withdrawn."""
    row = _row(desk, home)
    data = frozenset(Data(name) for name in typed.scope if name in set(Data))
    if not data:
        return _page(request, desk, consents, home, errors={"withdraw": "Choose what is withdrawn"}, typed=typed)
    words = Told(typed.decided_by[:LONGEST_WHO], local(desk.now(), row.home.zone).date(), typed.note.strip())
    return _done(consents.withdraw(home, data, words, by=session_of(request).name), home, "withdrawn")


@consent_pages.get("/homes/{home}/person.zip", dependencies=[needs(Action.EXPORT_PERSON)])
def export(request: Request, desk: AtDesk, persons: Persons, home: str) -> Response:
    _row(desk, home)
    return person_file(persons.export(home, by=session_of(request).name), home)


@consent_pages.post("/homes/{home}/erase", dependencies=ERASE)
def erase(
    request: Request,
    desk: AtDesk,
    consents: Consents,
    persons: Persons,
    home: str,
    confirm: Words = "",
    why: Words = "",
) -> Response:
    """The form that erases everything."""
    _row(desk, home)
    errors = {}
    if confirm.strip() != home:
        errors["confirm"] = "Type the home’s id as it stands above"
    if not why.strip():
        errors["why"] = "Say why"
    if errors:
        return _page(request, desk, consents, home, errors=errors)
    if persons.erase(home, why.strip()[:LONGEST_WHO], by=session_of(request).name) is Answer.UNKNOWN:
        raise HTTPException(404, NO_HOME)
    return RedirectResponse("/erasures", status_code=303)


@consent_pages.get("/erasures", dependencies=[needs(Action.ERASE_PERSON)])
def certificates(request: Request, desk: AtDesk, persons: Persons, cursor: Cursor = "") -> Response:
    page = list_certificates(request, persons, cursor=cursor)
    return desk.page(request, "erasures.html", certificates=page.items, older=page.following)


@consent_pages.get("/erasures/{erasure}", dependencies=[needs(Action.ERASE_PERSON)])
def certificate(request: Request, desk: AtDesk, persons: Persons, erasure: str) -> Response:
    """To be printed, or kept as it is."""
    return desk.page(request, "certificate.html", certificate=certificate_of(request, persons, erasure))


def _row(desk: Desk, home: str) -> HomeRow:
    row = desk.reads.home(home)
    if row is None:
        raise HTTPException(404, NO_HOME)
    return row


def _read(typed: ConsentTyped) -> DecisionIn | dict[str, str]:
    """What was typed, or what is wrong with it by field."""
    errors = {}
    if typed.basis not in set(Basis):
        errors["basis"] = "Choose the basis"
    if not typed.decided_by:
        errors["decided_by"] = "Say who decided"
    elif len(typed.decided_by) > LONGEST_WHO:
        errors["decided_by"] = f"At most {LONGEST_WHO} letters"
    for field, text in (("decided_on", typed.decided_on), ("review_on", typed.review_on)):
        if text and not _is_date(text):
            errors[field] = "Type a date like 2026-11-24"
    if errors:
        return errors
    try:
        return DecisionIn(
            basis=Basis(typed.basis),
            scope=[Data(name) for name in typed.scope if name in set(Data)],
            decided_by=typed.decided_by,
            decided_on=date.fromisoformat(typed.decided_on) if typed.decided_on else None,
            review_on=date.fromisoformat(typed.review_on) if typed.review_on else None,
            note=typed.note,
        )
    except ValidationError:
        return {"note": "This cannot be written down so"}


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _done(answer: Answer, home: str, told: str) -> Response:
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_HOME)
    if answer is Answer.LOCKED:
        raise HTTPException(503, LOCKED)
    return RedirectResponse(f"/homes/{home}/consent?told={told}", status_code=303)


def _page(
    request: Request,
    desk: Desk,
    consents: Consents,
    home: str,
    *,
    told: str = "",
    errors: Mapping[str, str] = NOTHING,
    typed: ConsentTyped | None = None,
) -> Response:
    row = _row(desk, home)
    history = consents.history(home, limit=SHOWN)
    today = local(desk.now(), row.home.zone).date()
    current = next(iter(history), None)
    return desk.page(
        request,
        "consent.html",
        status=422 if errors else 200,
        home=row.home,
        lines=[_line(one, today) for one in history],
        erasures=[one for one in consents.erasures(home, limit=SHOWN) if one.state != "called off"],
        agreed=scope_of(current),
        has_record=current is not None,
        version=current.version if current is not None else 0,
        is_due=current is not None and current.decision.is_review_due(today),
        kinds=list(DATA_WORDS.items()),
        bases=list(BASIS_WORDS.items()),
        today=today.isoformat(),
        told=told,
        errors=errors,
        typed=typed,
    )


def _line(agreed: Agreed, today: date) -> DecisionLine:
    told = agreed.decision
    review = f"to be looked at again on {told.review_on}" if told.scope else ""
    return DecisionLine(
        basis=BASIS_WORDS[told.basis],
        agreed=[DATA_WORDS[data] for data in Data if data in told.scope],
        declined=[DATA_WORDS[data] for data in Data if data not in told.scope],
        decided=f"decided on {told.decided_on}" + (f" by {told.decided_by}" if told.decided_by else ""),
        review=review + (": this is due" if told.is_review_due(today) else ""),
        note=told.note,
        written=f"written down by {agreed.by}",
    )
