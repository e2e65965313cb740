"""The API under `/api/v1`: what the pages show and do, for programs. Moments are ISO 8601, UTC."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from sensor_hub.access.action import Action
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import LATEST
from sensor_hub.model.room import Room
from sensor_hub.web.answers import (
    AlertDetail,
    AlertOut,
    HomeOut,
    LedgerOut,
    alert_detail,
    alert_out,
    home_out,
    ledger_out,
)
from sensor_hub.web.chart import DAYS, Chart, read_chart, window_of
from sensor_hub.web.desk import Desk, acting_name, desk_of
from sensor_hub.web.forms import LONGEST_NOTE
from sensor_hub.web.needs import NO_ALERT, NO_HOME, needs
from sensor_hub.web.paging import USUAL, Cursor, End, Limit, Page, Place, Start, page_of, place_of
from sensor_hub.web.ports import AlertRow, Answer, ClosedMark, Handled, HomeRow, OpenMark
from sensor_hub.web.session import LONGEST_NAME

PROBLEM = {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {}}}
"""Of what `description` does not add to every call."""
api = APIRouter(prefix="/api/v1")
AtDesk = Annotated[Desk, Depends(desk_of)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class AcknowledgeIn(BaseModel):
    """`by`: who takes it; the name that the request was made with when it is left out."""

    by: Name = ""


class CloseIn(AcknowledgeIn):
    outcome: Outcome
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class RoomIn(AcknowledgeIn):
    """`by`: who says so."""

    room: Room


class ForgetIn(AcknowledgeIn):
    kind: Kind


@api.get("/alerts", dependencies=[needs(Action.SEE_ALERTS)])
def list_alerts(
    desk: AtDesk,
    closed: bool = False,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[AlertOut]:
    """Open and acknowledged alerts, most urgent first; with `closed`, the closed ones, newest first.

    One that becomes more urgent while somebody reads pages is among the first of those who begin anew.
    """
    if not closed:
        rows = desk.reads.most_urgent(limit=limit + 1, after=_open_mark(cursor) if cursor else None)
        return page_of(rows, limit, show=alert_out, place=_open_place)
    rows = desk.reads.closed_alerts(limit=limit + 1, after=_closed_mark(cursor) if cursor else None)
    return page_of(rows, limit, show=alert_out, place=_closed_place)


@api.get("/alerts/{alert}", dependencies=[needs(Action.SEE_ALERTS)])
def read_alert(desk: AtDesk, alert: str) -> AlertDetail:
    """One alert with its changes and the notices sent about it."""
    history = desk.reads.alert(alert)
    if history is None:
        raise HTTPException(404, NO_ALERT)
    return alert_detail(history)


@api.post("/alerts/{alert}/acknowledge", dependencies=[needs(Action.ANSWER_ALERTS)], responses={409: PROBLEM})
def acknowledge(request: Request, desk: AtDesk, alert: str, taken: AcknowledgeIn) -> AlertOut:
    """Takes the alert. 409 when somebody already did."""
    answer = desk.acts.acknowledge(alert, by=named(request, taken.by))
    return _after(desk, alert, answer)


@api.post("/alerts/{alert}/close", dependencies=[needs(Action.ANSWER_ALERTS)], responses={409: PROBLEM})
def close(request: Request, desk: AtDesk, alert: str, closed: CloseIn) -> AlertOut:
    """Closes the alert with what was found. 409 when somebody already did."""
    by = named(request, closed.by)
    answer = desk.acts.close(alert, by=by, outcome=closed.outcome, note=closed.note.strip())
    return _after(desk, alert, answer)


@api.get("/ledger", dependencies=[needs(Action.SEE_LEDGER)])
def read_ledger(
    desk: AtDesk,
    start: Start = 0.0,
    end: End = LATEST,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Cursor = "",
) -> Page[LedgerOut]:
    """What became of every notice, line by line in the order written."""
    (after,) = place_of(cursor, int) if cursor else (0,)
    rows = desk.reads.ledger(start=start, end=end, after=after, limit=limit + 1)
    return page_of(rows, limit, show=ledger_out, place=lambda row: (row.row,))


@api.get("/homes", dependencies=[needs(Action.SEE_HOMES)])
def list_homes(desk: AtDesk, limit: Limit = USUAL, cursor: Cursor = "") -> Page[HomeOut]:
    """Homes, by id, with what can be seen of each."""
    (after,) = place_of(cursor, str) if cursor else ("",)
    rows = desk.reads.homes_after(after, limit=limit + 1)
    return page_of(rows, limit, show=home_out, place=lambda row: (row.home.id,))


@api.get("/homes/{home}", dependencies=[needs(Action.SEE_HOMES)])
def read_home(desk: AtDesk, home: str) -> HomeOut:
    return home_out(home_row(desk, home))


@api.post("/homes/{home}/forget-outcomes", dependencies=[needs(Action.FORGET_OUTCOMES)], responses={409: PROBLEM})
def forget_outcomes(request: Request, desk: AtDesk, home: str, forgotten: ForgetIn) -> HomeOut:
    """Lets outcomes of the home's alerts of a kind move its limit no longer. 409 when nothing moves it."""
    answer = desk.acts.forget_outcomes(home, forgotten.kind, by=named(request, forgotten.by))
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_HOME)
    if answer is Answer.TAKEN:
        raise HTTPException(409, "No outcome moves this kind's limit here.")
    return home_out(home_row(desk, home))


@api.get("/homes/{home}/chart", dependencies=[needs(Action.SEE_CHARTS)])
def read_home_chart(
    desk: AtDesk,
    home: str,
    days: Annotated[int, Query(json_schema_extra={"enum": list(DAYS)})] = 1,
    until: Annotated[float | None, Query(ge=946684800, lt=4102444800, description="epoch seconds")] = None,
) -> Chart:
    """The days up to `until` (now, when it is left out) in bins; moments here are epoch seconds.

    503 where it cannot be told now what was.
    """
    if days not in DAYS:
        raise HTTPException(422, f"days: of {', '.join(map(str, DAYS))}")
    now = desk.now()
    return read_chart(desk.reads, home_row(desk, home).home, window_of(days, now if until is None else until), now=now)


def home_row(desk: Desk, home: str) -> HomeRow:
    row = desk.reads.home(home)
    if row is None:
        raise HTTPException(404, NO_HOME)
    return row


def _of_home(desk: AtDesk, home: str) -> HomeRow:
    return home_row(desk, home)


OfHome = Annotated[HomeRow, Depends(_of_home)]
"""The home of the path; 404 where it is not in sight."""


def named(request: Request, by: str) -> str:
    name = acting_name(request, by)
    if not name:
        raise HTTPException(422, "by: a name is needed")
    return name


def _after(desk: Desk, alert: str, answer: Answer) -> AlertOut:
    """The alert as it is after an act that was done."""
    history = desk.reads.alert(alert)
    if answer is Answer.UNKNOWN or history is None:
        raise HTTPException(404, NO_ALERT)
    if answer is Answer.TAKEN:
        row = history.alert
        by = row.closed_by if row.handled is Handled.CLOSED else row.acknowledged_by
        raise HTTPException(409, f"{by or 'Somebody'} already did: the alert is {row.handled.value}.")
    return alert_out(history.alert)


def _open_place(row: AlertRow) -> Place:
    return row.urgency.rank, float(row.since), row.id


def _open_mark(cursor: str) -> OpenMark:
    return OpenMark(*place_of(cursor, int, float, str))


def _closed_place(row: AlertRow) -> Place:
    return float(row.closed_at or 0), row.id


def _closed_mark(cursor: str) -> ClosedMark:
    return ClosedMark(*place_of(cursor, float, str))
