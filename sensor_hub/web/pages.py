"""The pages of the duty team: alerts now, one alert, the homes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from sensor_hub.access.action import Action
from sensor_hub.access.principal import Principal
from sensor_hub.model.moment import DAY
from sensor_hub.web.alert_page import view_history
from sensor_hub.web.card_page import card_standing
from sensor_hub.web.desk import Desk, desk_of, principal_of, session_of
from sensor_hub.web.duty_page import rota_views
from sensor_hub.web.event_api import newest_cursor
from sensor_hub.web.forms import Closing, Taking, checked, closing, taking
from sensor_hub.web.navigation import navigation
from sensor_hub.web.needs import NO_ALERT, needs
from sensor_hub.web.overview import overview, view_alerts, view_home
from sensor_hub.web.ports import Answer
from sensor_hub.web.standing_in import plan_now
from sensor_hub.web.witness import will_see

pages = APIRouter(include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]
MOST_CLOSED = 20
UNREACHED_FOR = 7 * DAY
"""So long it is said that a contact was not reached; a contact that is no more must not be named for ever."""


@pages.get("/", dependencies=[needs(Action.OWN_ACCOUNT)])
def alerts_now(request: Request, desk: AtDesk, told: str = "") -> Response:
    """Whoever sees no alerts is led to the first page that is theirs."""
    who = principal_of(request)
    if not who.may(Action.SEE_ALERTS):
        return _first_page(who)
    will_see(request, Action.SEE_ALERTS)
    after = newest_cursor(request)
    now, homes = desk.now(), desk.reads.homes()
    closed = [row for row in desk.reads.closed_alerts(limit=MOST_CLOSED) if (row.closed_at or 0) > now - DAY]
    view = overview(desk.reads.open_alerts(), homes, now, is_ready=desk.reads.ready())
    closed_views = view_alerts(closed, {home.home.id: home for home in homes}, now)
    rotas = rota_views(plan_now(request, desk), now)
    unreached = desk.reads.unreached(since=now - UNREACHED_FOR)
    return desk.page(
        request, "alerts.html", after=after, view=view, closed=closed_views, told=told, unreached=unreached, rotas=rotas
    )


@pages.get("/alerts/{alert}", dependencies=[needs(Action.SEE_ALERTS)])
def one_alert(request: Request, desk: AtDesk, alert: str, told: str = "") -> Response:
    return _alert_page(request, desk, alert, told=told)


@pages.post("/alerts/{alert}/acknowledge", dependencies=[needs(Action.ANSWER_ALERTS), Depends(checked)])
def acknowledge(
    request: Request,
    desk: AtDesk,
    alert: str,
    form: Annotated[Taking, Depends(taking)],
    back: Annotated[str, Form()] = "",
) -> Response:
    if form.errors:
        return _alert_page(request, desk, alert, form=form)
    answer = desk.acts.acknowledge(alert, by=form.by)
    page = "/" if back == "alerts" and answer is Answer.DONE else f"/alerts/{alert}"
    return _told(answer, page, "acknowledged")


@pages.post("/alerts/{alert}/close", dependencies=[needs(Action.ANSWER_ALERTS), Depends(checked)])
def close(request: Request, desk: AtDesk, alert: str, form: Annotated[Closing, Depends(closing)]) -> Response:
    if form.errors or form.outcome is None:
        return _alert_page(request, desk, alert, form=form)
    answer = desk.acts.close(alert, by=form.by, outcome=form.outcome, note=form.note)
    return _told(answer, f"/alerts/{alert}", "closed")


@pages.get("/homes", dependencies=[needs(Action.SEE_HOMES)])
def homes(request: Request, desk: AtDesk) -> Response:
    now = desk.now()
    counts: dict[str, int] = {}
    for row in desk.reads.open_alerts():
        counts[row.home] = counts.get(row.home, 0) + 1
    views = [view_home(row, now) for row in desk.reads.homes()]
    return desk.page(request, "homes.html", homes=views, counts=counts)


def _first_page(who: Principal) -> Response:
    first = next(iter(navigation(who)), None)
    if first is None:
        raise HTTPException(404)
    return RedirectResponse(first.path, status_code=303)


def _told(answer: Answer, page: str, done: str) -> Response:
    """Sends the person on, to a page that says what became of the act."""
    if answer is Answer.UNKNOWN:
        raise HTTPException(404, NO_ALERT)
    told = done if answer is Answer.DONE else f"already-{done}"
    return RedirectResponse(f"{page}?told={told}", status_code=303)


def _alert_page(
    request: Request, desk: Desk, alert: str, *, told: str = "", form: Taking | Closing | None = None
) -> Response:
    after = newest_cursor(request)
    history = desk.reads.alert(alert)
    if history is None:
        raise HTTPException(404, NO_ALERT)
    home = desk.reads.home(history.alert.home)
    return desk.page(
        request,
        "alert.html",
        status=422 if form else 200,
        after=after,
        view=view_history(history, home.home if home else None, desk.now()),
        card=None if home is None else card_standing(request, desk, home.home),
        is_ready=desk.reads.ready(),
        told=told,
        errors=form.errors if form else {},
        by=form.by if form else session_of(request).name,
        form=form,
    )
