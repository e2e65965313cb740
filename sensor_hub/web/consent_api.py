"""What is agreed with residents in the API, all that is kept of a person as a file, and its erasure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from sensor_hub.access.action import Action
from sensor_hub.model.consent import REVIEW_AFTER, Agreed, Basis, Data, Decision, Told, scope_names
from sensor_hub.model.moment import iso, local
from sensor_hub.web.api import AcknowledgeIn, AtDesk, OfHome, home_row, named
from sensor_hub.web.certificate_out import CertificateOut, ErasingOut
from sensor_hub.web.consent_ports import CertificateMark, ErasureMark, ErasureRow, HubConsents, HubPersons
from sensor_hub.web.desk import principal_of, session_of
from sensor_hub.web.needs import NO_HOME, needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, Page, page_of, place_of
from sensor_hub.web.ports import Answer, HomeRow
from sensor_hub.web.versions import CHANGES, STALE, Version, etag

LONGEST_WHO, LONGEST_NOTE = 200, 2000
LATEST_REVIEW = timedelta(days=3 * 366)
SEE, SET = needs(Action.SEE_CONSENTS), needs(Action.SET_CONSENTS)
LOCKED = "Personal data are locked: the hub has not the key with which they are sealed. Withdrawing works all the same."

consent_api = APIRouter(prefix="/api/v1/consents/{home}")
person_api = APIRouter(prefix="/api/v1")


def consents_of(request: Request) -> HubConsents:
    consents: HubConsents = request.app.state.consents
    return consents


def persons_of(request: Request) -> HubPersons:
    persons: HubPersons = request.app.state.persons
    return persons


Consents = Annotated[HubConsents, Depends(consents_of)]
Persons = Annotated[HubPersons, Depends(persons_of)]


class DecisionOut(BaseModel):
    basis: Basis
    scope: list[str] = Field(examples=[["climate", "alarms"]])
    decided_by: Annotated[str, Field(examples=["Mrs Okafor herself"])]
    decided_on: Annotated[date, Field(examples=["2026-11-02"])]
    review_on: Annotated[date, Field(examples=["2027-11-02"])]
    is_review_due: bool
    note: str
    at: Annotated[str, Field(examples=["2026-11-02T09:00:00Z"])]
    """When it was written down."""
    by: str
    """Who wrote it down."""


class ErasureOut(BaseModel):
    id: Annotated[str, Field(examples=["1b9e7f03c5a2d864"])]
    scope: Annotated[list[str], Field(examples=[["power"]])]
    state: Annotated[str, Field(examples=["waiting"])]
    due: Annotated[str, Field(examples=["2026-12-02T09:00:00Z"])]
    rows: Annotated[int, Field(examples=[0])]


class ConsentOut(BaseModel):
    """`current` null: there is no record yet, and everything is collected."""

    current: DecisionOut | None
    version: int
    """What a change names in If-Match; 0: nothing is agreed yet."""


class DecisionIn(AcknowledgeIn):
    """`decided_on` left out is today; `review_on` left out is a year later. `by`: who writes it down."""

    basis: Basis
    scope: list[Data] = Field(examples=[["climate", "alarms"]])
    decided_by: str = Field(min_length=1, max_length=LONGEST_WHO, examples=["Mrs Okafor herself"])
    decided_on: Annotated[date | None, Field(examples=["2026-11-02"])] = None
    review_on: Annotated[date | None, Field(examples=["2027-11-02"])] = None
    note: str = Field("", max_length=LONGEST_NOTE)


class WithdrawIn(AcknowledgeIn):
    """`scope` left out: everything."""

    scope: Annotated[list[Data] | None, Field(examples=[["power"]])] = None
    decided_by: str = Field("", max_length=LONGEST_WHO, examples=["Mrs Okafor herself"])
    note: str = Field("", max_length=LONGEST_NOTE)


class EraseIn(AcknowledgeIn):
    """`home`: its id once more, so that nobody erases another by mistake."""

    home: str
    reason: str = Field(min_length=1, max_length=LONGEST_WHO, examples=["she moved away"])


@consent_api.get("", dependencies=[SEE])
def read_consent(response: Response, desk: AtDesk, consents: Consents, row: OfHome) -> ConsentOut:
    """What is agreed with the home's resident. Its ETag is what a change names in If-Match."""
    return _shown(response, consents, row, desk.now())


@consent_api.get("/history", dependencies=[SEE])
def list_decisions(
    desk: AtDesk, consents: Consents, row: OfHome, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[DecisionOut]:
    """Every decision, the last first: that one holds."""
    (before,) = place_of(cursor, int) if cursor else (None,)
    found, today = consents.history(row.home.id, limit=limit + 1, before=before), _today(row, desk.now())
    return page_of(found, limit, show=lambda each: _decision(each, today), place=lambda each: (each.version,))


@consent_api.get("/erasures", dependencies=[SEE])
def list_erasures(consents: Consents, row: OfHome, limit: Limit = USUAL, cursor: Cursor = "") -> Page[ErasureOut]:
    """What of the home's is erased, or waits for it, because it is not agreed any more; the last asked for first."""
    mark = ErasureMark(*place_of(cursor, float, str)) if cursor else None
    found = consents.erasures(row.home.id, limit=limit + 1, after=mark)
    return page_of(found, limit, show=_erasure, place=lambda each: each.mark)


@consent_api.put("", dependencies=[SET], responses=CHANGES)
def set_consent(
    request: Request,
    response: Response,
    desk: AtDesk,
    consents: Consents,
    row: OfHome,
    version: Version,
    told: DecisionIn,
) -> ConsentOut:
    """This was decided, in place of what has the version in If-Match (`"0"`: of nothing).

    What it does not name is collected no more from now on, and what there is of it is erased.
    """
    try:
        decision = decided(told, local(desk.now(), row.home.zone).date())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    _done(consents.agree(row.home.id, decision, by=named(request, told.by), version=version))
    return _shown(response, consents, row, desk.now())


@consent_api.post("/withdraw", dependencies=[SET])
def withdraw(
    request: Request, response: Response, desk: AtDesk, consents: Consents, home: str, told: WithdrawIn
) -> ConsentOut:
    """These kinds of data are not agreed any more: nothing of them is collected, and what there is is erased.

    Whatever was decided meanwhile: to stop must always be possible.
    """
    row = home_row(desk, home)
    data = frozenset(Data) if told.scope is None else frozenset(told.scope)
    on = local(desk.now(), row.home.zone).date()
    words = Told(told.decided_by.strip(), on, told.note.strip())
    _done(consents.withdraw(home, data, words, by=named(request, told.by)))
    return _shown(response, consents, row, desk.now())


@person_api.get(
    "/persons/{home}",
    dependencies=[needs(Action.EXPORT_PERSON)],
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "All that is kept, as JSON and as a page."}},
)
def export_person(request: Request, desk: AtDesk, persons: Persons, home: str) -> FileResponse:
    """All that is kept of the home and of who lives there, as a zip of JSON and a readable page."""
    home_row(desk, home)
    return person_file(persons.export(home, by=session_of(request).name), home)


@person_api.post("/persons/{home}/erase", dependencies=[needs(Action.ERASE_PERSON)], status_code=202)
def erase_person(request: Request, desk: AtDesk, persons: Persons, home: str, told: EraseIn) -> ErasingOut:
    """Erases all that is kept of the home and of who lives there: at once, for good. The certificate follows."""
    home_row(desk, home)
    if told.home != home:
        raise HTTPException(422, "home: the home's id once more")
    _done(persons.erase(home, told.reason.strip(), by=named(request, told.by)))
    return ErasingOut(state="it is being erased", certificates="/api/v1/erasures")


@person_api.get("/erasures", dependencies=[needs(Action.ERASE_PERSON)])
def list_certificates(
    request: Request, persons: Persons, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[CertificateOut]:
    """The certificates of erasures, the last first."""
    mark = certificate_mark(cursor) if cursor else None
    rows = persons.certificates(principal_of(request).tenant, limit=limit + 1, after=mark)
    return page_of(rows, limit, show=lambda row: CertificateOut(**row.told), place=lambda row: row.mark)


@person_api.get("/erasures/{erasure}", dependencies=[needs(Action.ERASE_PERSON)])
def read_certificate(request: Request, persons: Persons, erasure: str) -> CertificateOut:
    return CertificateOut(**certificate_of(request, persons, erasure))


def certificate_mark(cursor: str) -> CertificateMark:
    return CertificateMark(*place_of(cursor, float, str))


def certificate_of(request: Request, persons: HubPersons, erasure: str) -> Mapping[str, Any]:
    found = persons.certificate(principal_of(request).tenant, erasure)
    if found is None:
        raise HTTPException(404, "There is no such certificate.")
    return found


def person_file(path: Path, home: str) -> FileResponse:
    """The zip, removed once it was sent."""
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{home}.zip", background=gone)


def decided(told: DecisionIn, today: date) -> Decision:
    """The decision; ValueError names the field that cannot be so."""
    on = told.decided_on or today
    review = told.review_on or on + REVIEW_AFTER
    if on > today:
        raise ValueError("decided_on: it was not decided yet on this day")
    if not on <= review <= today + LATEST_REVIEW:
        raise ValueError("review_on: after the decision, and within three years")
    who = told.decided_by.strip()
    if not who:
        raise ValueError("decided_by: who decided is needed")
    return Decision(told.basis, frozenset(told.scope), who, on, review, told.note.strip())


def _done(answer: Answer) -> None:
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_HOME)
    if answer is Answer.LOCKED:
        raise HTTPException(503, LOCKED)
    if answer is Answer.STALE:
        raise HTTPException(412, STALE)


def _shown(response: Response, consents: HubConsents, row: HomeRow, now: float) -> ConsentOut:
    last = next(iter(consents.history(row.home.id, limit=1)), None)
    current = None if last is None else _decision(last, _today(row, now))
    shown = ConsentOut(current=current, version=0 if last is None else last.version)
    response.headers["ETag"] = etag(shown.version, shown)
    return shown


def _today(row: HomeRow, now: float) -> date:
    return local(now, row.home.zone).date()


def _erasure(row: ErasureRow) -> ErasureOut:
    due = iso(row.due_at)
    return ErasureOut(id=row.mark.id, scope=scope_names(row.data), state=row.state, due=due, rows=row.rows)


def _decision(agreed: Agreed, today: date) -> DecisionOut:
    told = agreed.decision
    return DecisionOut(
        basis=told.basis,
        scope=scope_names(told.scope),
        decided_by=told.decided_by,
        decided_on=told.decided_on,
        review_on=told.review_on,
        is_review_due=told.is_review_due(today),
        note=told.note,
        at=iso(agreed.at),
        by=agreed.by,
    )
