"""Policies in the API: whom an alert goes to, step after step. They are changed in the settings."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from sensor_hub.access.action import Action
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, Step
from sensor_hub.alerts.wall_clock import Hours
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.visit import DAYS
from sensor_hub.web.api import AtDesk
from sensor_hub.web.needs import needs
from sensor_hub.web.paging import USUAL, Cursor, Limit, cursor_of, place_of
from sensor_hub.web.standing_in import plan_now

policy_api = APIRouter(prefix="/api/v1/policies")
NO_POLICY = "There is no such policy."
HOURS: JsonDict = {"start": "09:00", "end": "17:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
STEP: JsonDict = {"to": ["nights"], "people": ["ann"], "asks_resident": False, "wait_minutes": 10.0}
POLICY: JsonDict = {
    "id": "care",
    "tenant": "local",
    "place": 1,
    "homes": ["*"],
    "alerts": ["care"],
    "urgency": ["urgent", "soon"],
    "hours": HOURS,
    "steps": [STEP],
}


class HoursOut(BaseModel):
    """From `start` to `end` on each of `days`, by the home's clock; of the next day where `end` is not later."""

    model_config = ConfigDict(json_schema_extra={"examples": [HOURS]})
    start: str
    end: str
    days: list[str]


class StepOut(BaseModel):
    """`to`: contacts, teams and rotas; `people`: whom that reaches now. They have `wait_minutes` to answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [STEP]})
    to: list[str]
    people: list[str]
    asks_resident: bool
    wait_minutes: float


class PolicyOut(BaseModel):
    """`place`: the first that suits an alert is its policy. `homes`: patterns of ids. `hours` null: at any time."""

    model_config = ConfigDict(json_schema_extra={"examples": [POLICY]})
    id: str
    tenant: str
    place: int
    homes: list[str]
    alerts: list[Audience]
    urgency: list[Urgency]
    hours: HoursOut | None
    steps: list[StepOut]


class PolicyPage(BaseModel):
    """`fallback`: contacts who hear of an urgent alert that nobody took. `acknowledged_for_minutes`: so long after
    it was taken, an urgent one without an outcome returns. `is_described`: whether the settings have policies; if not,
    an alert goes at once to all who receive its sort."""

    items: list[PolicyOut]
    following: str | None = None
    fallback: list[str]
    acknowledged_for_minutes: float
    is_described: bool


@policy_api.get("", dependencies=[needs(Action.SEE_POLICIES)])
def list_policies(request: Request, desk: AtDesk, limit: Limit = USUAL, cursor: Cursor = "") -> PolicyPage:
    """Those of one's tenant, in their order."""
    (after,) = place_of(cursor, int) if cursor else (0,)
    plan, now = plan_now(request, desk), desk.now()
    found = [(place, each) for place, each in enumerate(plan.policies, 1) if place > after]
    return PolicyPage(
        items=[_policy(place, each, plan, now) for place, each in found[:limit]],
        following=cursor_of(found[limit - 1][0]) if len(found) > limit else None,
        fallback=list(plan.fallback),
        acknowledged_for_minutes=plan.acknowledged_for / MINUTE,
        is_described=plan.has_policies,
    )


@policy_api.get("/{policy}", dependencies=[needs(Action.SEE_POLICIES)])
def read_policy(request: Request, desk: AtDesk, policy: str) -> PolicyOut:
    """Its steps, and whom each reaches now."""
    plan = plan_now(request, desk)
    for place, each in enumerate(plan.policies, 1):
        if each.id == policy:
            return _policy(place, each, plan, desk.now())
    raise HTTPException(404, NO_POLICY)


def _policy(place: int, policy: Policy, plan: Plan, now: float) -> PolicyOut:
    return PolicyOut(
        id=policy.id,
        tenant=policy.tenant or plan.own,
        place=place,
        homes=list(policy.homes),
        alerts=sorted(policy.audiences),
        urgency=sorted(policy.urgencies, key=lambda each: -each.rank),
        hours=None if policy.hours is None else _hours(policy.hours),
        steps=[_step(step, plan, now) for step in policy.steps],
    )


def _step(step: Step, plan: Plan, now: float) -> StepOut:
    people = [contact.id for contact in plan.reached(step.to, now)]
    return StepOut(to=list(step.to), people=people, asks_resident=step.asks_resident, wait_minutes=step.wait / MINUTE)


def _hours(hours: Hours) -> HoursOut:
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.start, hours.end))
    return HoursOut(start=start, end=end, days=[DAYS[day] for day in sorted(hours.days)])
