"""Rotas, shifts and stand-ins as the API answers them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.rota import Rota, Stint
from sensor_hub.alerts.stand_in import StandIn
from sensor_hub.model.moment import iso

ROTA: JsonDict = {
    "id": "nights",
    "tenant": "local",
    "timezone": "Europe/London",
    "holidays": "GB",
    "on_call": "ann",
    "people": ["ann"],
    "until": "2026-11-25T08:00:00Z",
    "then": "office",
    "then_people": ["office"],
}
SHIFT: JsonDict = {
    "rota": "nights",
    "who": "ann",
    "people": ["ann"],
    "instead_of": None,
    "from": "2026-11-24T20:00:00Z",
    "until": "2026-11-25T08:00:00Z",
}
STAND_IN: JsonDict = {
    "id": "9f2c41d0",
    "rota": "nights",
    "who": "bea",
    "instead_of": "",
    "from": "2026-11-24T17:00:00Z",
    "until": "2026-11-25T08:00:00Z",
    "by": "Ann Lee",
    "made_at": "2026-11-24T16:58:03Z",
    "ended_at": None,
    "ended_by": "",
}
Instant = Annotated[str, Field(description="ISO 8601, UTC")]


class RotaOut(BaseModel):
    """Who is on call now, with who stands in; null where nobody is. `until`, `then`: the next hand-over; null: none
    within a year. `people`: contacts, also where a team is on call."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROTA]})
    id: str
    tenant: str
    timezone: str
    holidays: str | None
    on_call: str | None
    people: list[str]
    until: str | None
    then: str | None
    then_people: list[str]


class ShiftOut(BaseModel):
    """`instead_of`: whose shift it is, where somebody covers it or stands in."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [SHIFT]})
    rota: str
    who: str
    people: list[str]
    instead_of: str | None
    start: Annotated[Instant, Field(alias="from")]
    until: Instant


class StandInOut(BaseModel):
    """`instead_of` empty: whoever it would be, also nobody. `ended_at`: when somebody ended it before its time."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [STAND_IN]})
    id: str
    rota: str
    who: str
    instead_of: str
    start: Annotated[Instant, Field(alias="from")]
    until: Instant
    by: str
    made_at: str
    ended_at: str | None
    ended_by: str


def rota_out(rota: Rota, plan: Plan, now: float) -> RotaOut:
    who, following = rota.on_call(now), rota.next_handover(now)
    then = None if following is None else following.taker
    return RotaOut(
        id=rota.id,
        tenant=rota.tenant or plan.own,
        timezone=rota.zone.key,
        holidays=None if rota.holidays is None else rota.holidays.country,
        on_call=who,
        people=_people(plan, who),
        until=None if following is None else iso(following.at),
        then=then,
        then_people=_people(plan, then),
    )


def shift_out(rota: str, stint: Stint, plan: Plan) -> ShiftOut:
    start, until = iso(stint.start), iso(stint.end)
    people = _people(plan, stint.who)
    return ShiftOut(
        rota=rota, who=stint.who, people=people, instead_of=stint.instead_of or None, start=start, until=until
    )


def stand_in_out(each: StandIn) -> StandInOut:
    return StandInOut(
        id=each.id,
        rota=each.rota,
        who=each.who,
        instead_of=each.instead_of,
        start=iso(each.start),
        until=iso(each.until),
        by=each.by,
        made_at=iso(each.made_at),
        ended_at=None if each.ended_at is None else iso(each.ended_at),
        ended_by=each.ended_by,
    )


def _people(plan: Plan, who: str | None) -> list[str]:
    return [] if who is None else list(plan.teams.get(who, (who,)))
