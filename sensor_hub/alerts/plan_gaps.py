"""When a plan reaches nobody: a walk through the year ahead, over every moment at which its answer may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Case, Policy
from sensor_hub.alerts.wall_clock import days_between, local_day
from sensor_hub.model.alert import HUB, whose
from sensor_hub.model.home import Home, zone_of_most
from sensor_hub.model.kind import Audience, Urgency
from sensor_hub.model.moment import WEEK, local

AHEAD = 53 * WEEK
"""Public holidays come once a year."""
SORTS = ((Audience.CARE, Urgency.URGENT), (Audience.CARE, Urgency.SOON), (Audience.TECHNICAL, Urgency.SOON))
"""Alerts of homes that interrupt somebody; those of equipment are never urgent."""
OF_HUB = ((Audience.TECHNICAL, Urgency.URGENT),)


class Gap(NamedTuple):
    """`id` is the same for the same sort of gap. `hint`: what to do about it."""

    id: str
    what: str
    hint: str


def gaps(plan: Plan, homes: Sequence[Home], at: float, whose: Mapping[str, str] = MappingProxyType({})) -> list[Gap]:
    """Where an alert would go to nobody, or its steps end with nobody, in the year from `at`; each the first time.

    `whose`: the tenants of homes, where they are not the plan's own. Nothing is said of a tenant who has nobody at all.
    """
    found: dict[tuple[str, str], Gap] = {}
    for part, home, sorts in _cases(plan, homes, whose):
        edges = _edges(part, home, at)
        for audience, urgency in sorts:
            if audience in part.unheard():
                continue
            for edge in edges:
                gap, about = _gap(part, Case(home.id, home.zone, audience, urgency, edge)) or (None, "")
                if gap is not None:
                    found.setdefault((gap.id, about), gap)
    return list(found.values())


def _cases(
    plan: Plan, homes: Sequence[Home], whose: Mapping[str, str]
) -> Iterator[tuple[Plan, Home, Sequence[tuple[Audience, Urgency]]]]:
    """One home of all that are alike, with the plan of its tenant and the sorts of its alerts; and the hub itself."""
    theirs: dict[str, list[Home]] = {}
    for home in homes:
        theirs.setdefault(whose.get(home.id, plan.own) if plan.names_tenants else plan.own, []).append(home)
    for tenant, some in theirs.items():
        part = plan.for_homes_of(tenant)
        yield from ((part, home, SORTS) for home in _different(part, some))
    yield plan.for_hub(), Home(HUB, zone_of_most(homes), 1, ()), OF_HUB


def _gap(plan: Plan, case: Case) -> tuple[Gap, str] | None:
    """The gap, and the policy or the sort of alert that it is about."""
    when = f"{local(case.at, case.zone):%A %d %B %Y at %H:%M}"
    sort = f"{case.urgency.value} {case.audience.value} alerts"
    policy = plan.policy_for(case)
    if policy is None:
        what = f"{sort} of {whose(case.home)} go to nobody on {when}"
        return Gap("policy.none", what, "add a [[policy]] without from and to behind the others"), sort + case.home
    if not any(plan.reached(step.to, case.at) for step in policy.steps):
        what = f"policy {policy.id!r} reaches nobody on {when}"
        return Gap("policy.gap", what, "fill the gap of its rota, or add a person or team to a step"), policy.id
    if not plan.reached(policy.steps[-1].to, case.at):
        what = f"the last step of policy {policy.id!r} reaches nobody on {when}"
        return Gap("policy.last", what, "end it with a person, a team or a rota without gaps"), policy.id
    return None


def _different(plan: Plan, homes: Sequence[Home]) -> list[Home]:
    """One home of all to which the same policies apply by the same clock."""
    return list({(home.timezone, *_policies(plan, home)): home for home in reversed(homes)}.values())


def _policies(plan: Plan, home: Home) -> tuple[Policy, ...]:
    return tuple(policy for policy in plan.policies if policy.is_for(home.id))


def _edges(plan: Plan, home: Home, at: float) -> list[float]:
    policies = _policies(plan, home)
    named = {name for policy in policies for step in policy.steps for name in step.to}
    rotas = [rota for name, rota in plan.rotas.items() if name in named]
    edges = {span.start for rota in rotas for span in rota.spans(at, at + AHEAD)} | {at}
    return sorted(edges.union(_hours(policies, home, at)))


def _hours(policies: Sequence[Policy], home: Home, at: float) -> Iterator[float]:
    """When policies begin and end to apply. Their hours return every week, the clock changes within the year."""
    first = local_day(at, home.zone)
    for policy in policies:
        if policy.hours is not None:
            for day in days_between(first, first + timedelta(seconds=AHEAD)):
                yield from (edge for edge in policy.hours.span(day, home.zone) if edge >= at)
