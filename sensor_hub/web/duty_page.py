"""Who is on call now and who follows, one's own shifts, and the address of one's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from sensor_hub.access.action import Action
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.duty import Duty, duties
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota
from sensor_hub.alerts.stand_in import names_for
from sensor_hub.alerts.wall_clock import local_day
from sensor_hub.model.moment import DAY
from sensor_hub.web.calendar_feed import CalendarDoor
from sensor_hub.web.desk import Desk, desk_of, session_of
from sensor_hub.web.forms import checked
from sensor_hub.web.needs import needs
from sensor_hub.web.standing_in import plan_now, standing_in
from sensor_hub.web.wording import moment_words

duty_pages = APIRouter(prefix="/shift", include_in_schema=False)
AtDesk = Annotated[Desk, Depends(desk_of)]
SHOWN_FOR = 28 * DAY
MOST_SHOWN = 14
MOST_STAND_INS = 50


@dataclass(frozen=True, slots=True)
class RotaView:
    """A rota now, by its own clock."""

    id: str
    who: str
    """`nobody` where nobody is."""
    people: Sequence[str]
    """Of a team, its members."""
    until: str
    """Empty where nothing changes within a year."""
    then: str


@dataclass(frozen=True, slots=True)
class ShiftView:
    rota: str
    when: str
    """`08:00 to 20:00 tomorrow`."""
    instead_of: str
    is_now: bool


def rota_views(plan: Plan, now: float) -> list[RotaView]:
    """All rotas, as they stand in the settings."""
    return [_rota_view(rota, plan, now) for rota in plan.rotas.values()]


def _rota_view(rota: Rota, plan: Plan, now: float) -> RotaView:
    who, following = rota.on_call(now), rota.next_handover(now)
    return RotaView(
        rota.id,
        who or "nobody",
        plan.teams.get(who or "", ()),
        "" if following is None else moment_words(following.at, now, rota.zone),
        "" if following is None else following.taker or "nobody",
    )


@dataclass(frozen=True, slots=True)
class StandInForm:
    """As it was sent; times by the rota's clock."""

    rota: str = ""
    who: str = ""
    start: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class StandInView:
    id: str
    rota: str
    who: str
    when: str
    is_now: bool


@duty_pages.get("", dependencies=[needs(Action.SEE_ROTAS)])
def my_shift(request: Request, desk: AtDesk, told: str = "") -> Response:
    return shift_page(request, desk, told=told)


@duty_pages.post("/calendar", dependencies=[needs(Action.RENEW_CALENDAR), Depends(checked)])
def new_address(request: Request, desk: AtDesk) -> Response:
    """Shown once, in the answer itself: of what is kept it cannot be made again."""
    door: CalendarDoor | None = getattr(request.app.state, "calendar_door", None)
    me = _me(request, desk)
    if me is None or door is None:
        raise HTTPException(404, "Only a contact of this hub has a calendar.")
    return shift_page(request, desk, address=door.calendars.renew(me.id))


def _me(request: Request, desk: Desk) -> Contact | None:
    return desk.plan.person(session_of(request).name)


def shift_page(
    request: Request,
    desk: Desk,
    *,
    address: str = "",
    told: str = "",
    form: StandInForm = StandInForm(),
    errors: Mapping[str, str] | None = None,
) -> Response:
    me, now, plan = _me(request, desk), desk.now(), plan_now(request, desk)
    found = [] if me is None else duties(plan, me.id, now, now + SHOWN_FOR)
    return desk.page(
        request,
        "shift.html",
        status=422 if errors else 200,
        rotas=rota_views(plan, now),
        me=me,
        shifts=[_shift_view(duty, now) for duty in found[:MOST_SHOWN]],
        address=address,
        told=told,
        form=form,
        errors=errors or {},
        stand_ins=_stand_ins(request, plan, now),
        people=sorted({name for rota in plan.rotas.values() for name in names_for(plan, rota)}),
        takes_stand_ins=standing_in(request) is not None and bool(plan.rotas),
    )


def _stand_ins(request: Request, plan: Plan, now: float) -> list[StandInView]:
    """Those that stand, by when they begin."""
    kept = standing_in(request)
    standing = (
        [] if kept is None else [each for each in kept.after(now) if each.stands(now) and each.rota in plan.rotas]
    )
    return [
        StandInView(
            each.id,
            each.rota,
            each.who,
            _span_words(each.start, each.until, now, plan.rotas[each.rota].zone),
            each.start <= now,
        )
        for each in sorted(standing, key=lambda each: (each.start, each.id))[:MOST_STAND_INS]
    ]


def _span_words(start: float, until: float, now: float, zone: ZoneInfo) -> str:
    first, last = (moment_words(at, now, zone) for at in (start, until))
    if local_day(start, zone) == local_day(until, zone):
        first = first.partition(" ")[0]
    return f"{first} to {last}"


def _shift_view(duty: Duty, now: float) -> ShiftView:
    zone, stint = duty.rota.zone, duty.stint
    when = _span_words(stint.start, stint.end, now, zone)
    return ShiftView(duty.rota.id, when, stint.instead_of or "", stint.start <= now)
