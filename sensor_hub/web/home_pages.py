"""The pages of one home, and what people do there: place devices, tell of absences and visits, undo what was taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.history.port import HistoryError
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.room import Room
from sensor_hub.web.card_page import card_standing
from sensor_hub.web.chart import DAYS, read_chart, window_of
from sensor_hub.web.chart_table import Table, coverage_table, movement_table, temperature_table
from sensor_hub.web.desk import Desk, desk_of, principal_of, session_of
from sensor_hub.web.event_api import newest_cursor
from sensor_hub.web.forms import Standing, StayTyped, checked, standing, stay_typed
from sensor_hub.web.home_page import (
    agreed_words,
    coverage_groups,
    device_lines,
    gateway_lines,
    gone_lines,
    limit_lines,
    unplaced_lines,
)
from sensor_hub.web.home_time import typed_words
from sensor_hub.web.needs import NO_HOME, needs
from sensor_hub.web.overview import view_alerts, view_home
from sensor_hub.web.ports import Answer, HomeRow
from sensor_hub.web.problems import UNSHOWN
from sensor_hub.web.stays import HomeClock, TypedError, clash_words, read_end, read_name, read_start, stay_lines
from sensor_hub.web.wording import room_words

home_pages = APIRouter(prefix="/homes/{home}", include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]
Typed = Annotated[StayTyped, Depends(stay_typed)]
DEVICE_STALE = "Somebody said since where this device stands, or that it is gone: look at it below, then say it again"
STAY_STALE = "Somebody said otherwise of it since: look at how it is told now, then change that"
NOTHING: Mapping[str, str] = MappingProxyType({})


@home_pages.get("", dependencies=[needs(Action.SEE_HOMES)])
def one_home(request: Request, desk: AtDesk, home: str, days: int = 1, told: str = "") -> Response:
    if days not in DAYS:
        raise HTTPException(404, f"A chart shows {', '.join(map(str, DAYS))} days.")
    return show_home(request, desk, home, days=days, told=told)


@home_pages.post("/place", dependencies=[needs(Action.PLACE_DEVICES), Depends(checked)])
def place(request: Request, desk: AtDesk, home: str, form: Annotated[Standing, Depends(standing)]) -> Response:
    if form.room is None:
        return show_home(request, desk, home, errors=form.errors)
    answer = desk.acts.place(home, form.device, form.room, by=session_of(request).name, version=form.version)
    if answer is Answer.STALE:
        return show_home(request, desk, home, errors={f"room-{form.device}": DEVICE_STALE})
    if answer is Answer.FULL:
        raise HTTPException(409, "This home has as many devices as it may. The device was not placed.")
    return _done(answer, home, "placed")


@home_pages.post("/forget-outcomes", dependencies=[needs(Action.FORGET_OUTCOMES), Depends(checked)])
def forget_outcomes(request: Request, desk: AtDesk, home: str, kind: Annotated[Kind, Form()]) -> Response:
    """The button beside what outcomes have moved."""
    return _done(desk.acts.forget_outcomes(home, kind, by=session_of(request).name), home, "forgotten")


@home_pages.post("/stays", dependencies=[needs(Action.TELL_STAYS), Depends(checked)])
def tell_stay(request: Request, desk: AtDesk, home: str, typed: Typed) -> Response:
    """The form of a new absence or visit."""
    row, now = _row(desk, home), desk.now()
    clock = HomeClock(row.home.zone, now)
    try:
        start = read_start(typed.start, clock)
        span = start, read_end(typed.end, typed.stay, start, clock)
    except TypedError as error:
        return show_home(request, desk, home, errors={f"{typed.stay}-{error.field}": _capital(error)}, typed=typed)
    answer = desk.acts.tell_stay(home, typed.stay, span, by=session_of(request).name, is_new=True)
    if answer is Answer.OVERLAPS:
        clash = _capital(clash_words(_row(desk, home), typed.stay, span, now, is_new=True))
        return show_home(request, desk, home, errors={f"{typed.stay}-start": clash}, typed=typed)
    return _done(answer, home, "stay")


@home_pages.post("/stays/end", dependencies=[needs(Action.TELL_STAYS), Depends(checked)])
def tell_end(request: Request, desk: AtDesk, home: str, typed: Typed) -> Response:
    """The form of another end, or of the same to say that it holds on."""
    row, now = _row(desk, home), desk.now()
    clock = HomeClock(row.home.zone, now)
    start, field = _named(typed, clock)
    try:
        span = start, read_end(typed.end, typed.stay, start, clock)
    except TypedError as error:
        return show_home(request, desk, home, errors={field: _capital(error)}, typed=typed)
    by, version = session_of(request).name, typed.version
    answer = desk.acts.tell_stay(home, typed.stay, span, by=by, is_new=False, version=version)
    if answer is Answer.STALE:
        return show_home(request, desk, home, errors={field: STAY_STALE})
    if answer is Answer.OVERLAPS:
        clash = _capital(clash_words(_row(desk, home), typed.stay, span, now, is_new=False))
        return show_home(request, desk, home, errors={field: clash}, typed=typed)
    return _done(answer, home, "stay-end")


@home_pages.post("/stays/over", dependencies=[needs(Action.TELL_STAYS), Depends(checked)])
def end_stay(request: Request, desk: AtDesk, home: str, typed: Typed) -> Response:
    """The button that ends one now, or withdraws one that has not begun."""
    start, field = _named(typed, HomeClock(_row(desk, home).home.zone, desk.now()))
    span, by = (start, desk.now() // MINUTE * MINUTE), session_of(request).name
    answer = desk.acts.tell_stay(home, typed.stay, span, by=by, is_new=False, version=typed.version)
    if answer is Answer.STALE:
        return show_home(request, desk, home, errors={field: STAY_STALE})
    return _done(answer, home, "stay-over")


def _named(typed: StayTyped, clock: HomeClock) -> tuple[float, str]:
    """The beginning of the stay that a form is about, and the id of its field."""
    try:
        start = read_name(typed.start, clock)
    except TypedError as error:
        raise HTTPException(
            422, "This form names no absence or visit. Go back, reload the page and try again."
        ) from error
    return start, f"{typed.stay}-{start:.0f}"


def _capital(text: object) -> str:
    words = str(text)
    return words[0].upper() + words[1:]


def _done(answer: Answer, home: str, told: str) -> Response:
    """Sends the person back to the page, which says what became of the act."""
    if answer is Answer.UNKNOWN:
        unknown = "That one is not told any more. Reload the home’s page." if told.startswith("stay-") else NO_HOME
        raise HTTPException(404, unknown)
    return RedirectResponse(f"/homes/{home}?told={told}", status_code=303)


def _row(desk: Desk, home: str) -> HomeRow:
    row = desk.reads.home(home)
    if row is None:
        raise HTTPException(404, NO_HOME)
    return row


def show_home(
    request: Request,
    desk: Desk,
    home: str,
    *,
    days: int = 1,
    told: str = "",
    errors: Mapping[str, str] = NOTHING,
    typed: StayTyped | None = None,
) -> Response:
    """The home's page; with `errors`, by field, as the answer to a form that cannot be followed."""
    after = newest_cursor(request)
    row, now = _row(desk, home), desk.now()
    charted = principal_of(request).may(Action.SEE_CHARTS)
    return desk.page(
        request,
        "home.html",
        after=after,
        status=422 if errors else 200,
        told=told,
        errors=errors,
        rooms=[(room.value, room_words(room)) for room in Room],
        home=view_home(row, now),
        card=card_standing(request, desk, row.home),
        keeps_people=request.app.state.people is not None,
        is_ready=desk.reads.ready(),
        stays=stay_lines(row, now),
        agreed=agreed_words(row, now),
        typed=typed,
        typed_now=typed_words(now, row.home.zone),
        days=days,
        choices=list(DAYS),
        watched_for=coverage_groups(row),
        limits=limit_lines(row),
        devices=device_lines(row, now),
        unplaced=unplaced_lines(row, now),
        gone=gone_lines(row, now),
        gateway=gateway_lines(row, now),
        alerts=view_alerts(desk.reads.home_alerts(home, since=window_of(days, now).start), {home: row}, now),
        tables=_tables(desk, row.home, days, now) if charted else None,
        unshown=UNSHOWN,
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the drawings show, in numbers."""

    movement: Table
    temperature: Table
    coverage: Table


def _tables(desk: Desk, home: Home, days: int, now: float) -> _Tables | None:
    """None where it cannot be told now what was: an empty table would say that nothing was."""
    try:
        chart = read_chart(desk.reads, home, window_of(days, now), now=now)
    except HistoryError:
        return None
    return _Tables(
        movement_table(chart, home, days), temperature_table(chart, home, days), coverage_table(chart, home, now)
    )
