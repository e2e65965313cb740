"""The path of an alert that is due: inhibit → silence → answer → escalate → hold → budget, then group and record.

Each stage is a small pure file beside this one. The first that keeps the alert back ends the path with its reason. To
add a stage is to add it to `decide`. Grouping is over all alerts that are due at once; recording is `watch.telling`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from sensor_hub.alerts.budget import is_over
from sensor_hub.alerts.escalation import Pending, Stage
from sensor_hub.alerts.hold import awake
from sensor_hub.alerts.inhibition import Causes, covering
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.question import PATIENCE, Sign
from sensor_hub.alerts.routing import Reason, Route, follow
from sensor_hub.alerts.silence import Silence, silencing
from sensor_hub.model.alert import AlertChange

UNBUDGETED = frozenset({Reason.ASKED, Reason.NOBODY, Reason.AGAIN, Reason.LAPSED})
"""Tellings that interrupt nobody anew, or that go to who hears of what reaches nobody else."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is looked at beside the alert itself, the same for all that are due at once."""

    at: float
    plan: Plan
    causes: Causes = field(default_factory=Causes)
    silences: Sequence[Silence] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """An alert whose next move is due: `change` describes it as it stands."""

    pending: Pending
    change: AlertChange
    zone: ZoneInfo
    """The home's own clock."""
    rooms: Mapping[str, str] = field(default_factory=dict)
    """Where the home's devices stand."""
    sign: Sign = Sign.NONE
    """Of the resident since they were asked; none where the last step asked nobody."""
    pages: int | None = None
    """Of how many of the home's alerts people were told in this week; None: the alert is not counted, or was before."""


def decide(due: Due, around: Around) -> Route:
    """What becomes of the alert now, and why."""
    kept = inhibit(due, around) or silence(due, around) or answer(due, around)
    return kept or budget(due, hold(due, escalate(due, around), around), around)


def inhibit(due: Due, around: Around) -> Route | None:
    """Kept back while a wider alert covers it."""
    cause = None if due.pending.lapsed_of else covering(due.change, around.causes)
    if cause is None:
        return None
    kept = replace(due.pending.escalation, stage=Stage.COVERED, due=None, cause=cause)
    return Route((), Reason.COVERED, kept)


def silence(due: Due, around: Around) -> Route | None:
    """Kept back while somebody's silence holds; not what somebody has taken, who is to answer for it."""
    found = None if due.pending.lapsed_of else silencing(due.change, around.silences, due.rooms, around.at)
    if found is None:
        return None
    kept = replace(due.pending.escalation, stage=Stage.SILENCED, due=None, cause=found.id)
    return Route((), Reason.SILENCED, kept, about=f"{found.who}: {found.why}")


def answer(due: Due, around: Around) -> Route | None:
    """Kept back where the resident was asked, and has shown that they are there."""
    escalation = due.pending.escalation
    if due.sign is Sign.BUTTON:
        return Route((), Reason.ANSWERED, replace(escalation, stage=Stage.LAST, due=None))
    if due.sign is Sign.MOVEMENT and escalation.stage is Stage.CHAIN:
        return Route((), Reason.SEEN, replace(escalation, stage=Stage.SEEN, due=around.at + PATIENCE))
    return None


def escalate(due: Due, around: Around) -> Route:
    """Who is told next."""
    return follow(due.pending, due.change, around.plan, due.zone, around.at)


def hold(due: Due, route: Route, around: Around) -> Route:
    """Those with quiet hours are told later. Where these are all, the step waits for the first of them."""
    now, later = awake(route.contacts, due.change.urgency, around.at)
    if not later:
        return route
    if now:
        return replace(route, contacts=tuple(now), held=tuple(later))
    until = min(each.until for each in later)
    kept = replace(due.pending.escalation, stage=Stage.HELD, due=until)
    return Route((), Reason.HELD, kept, about=", ".join(each.contact.id for each in later))


def budget(due: Due, route: Route, around: Around) -> Route:
    """What is not urgent and over the home's share of interruptions waits for the daily digest."""
    most, moved = around.plan.rounds.pages_per_home_week, route.escalation
    if due.pages is None or moved is None or not route.contacts or route.reason in UNBUDGETED:
        return route
    policy = around.plan.policy(moved.policy)
    if policy is None or not is_over(due.change, due.pages, most):
        return route
    kept = replace(due.pending.escalation, stage=Stage.DIGEST, due=None)
    about = f"{due.pages} this week, at most {most}"
    return Route((), Reason.OVER_BUDGET, kept, about=about, digest=policy.steps[moved.step].to)
