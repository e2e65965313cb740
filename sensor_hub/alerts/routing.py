"""Who is told of which change of an alert, and who follows while nobody takes it. Pure; every decision has a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import WAIT, Case, Policy
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import KINDS, Urgency


class Reason(Enum):
    """Why people are told, or are not."""

    RAISED = "a new alert that somebody must act on"
    MORE_URGENT = "the alert has become more urgent"
    ENDED = "the condition ended: nobody has to act"
    CAN_WAIT = "it waits for the weekly review"
    SAME_URGENCY = "no more urgent than what was told before"
    TAKEN = "somebody has taken the alert"
    NOBODY = "nobody is reached by alerts of this sort"
    ESCALATED = "nobody answered in time"
    UNDELIVERED = "no notice of the step before could be delivered"
    AGAIN = "no notice is known to have arrived, and nobody else can be told: they go again"
    LAPSED = "it was taken, and nothing was said of it in time"
    LAST = "nobody answered, nobody follows now, and it is not urgent: it waits for whoever looks"
    EXHAUSTED = "everybody was told and nobody answered"


@dataclass(frozen=True, slots=True)
class Before:
    """The alert before a change: its urgency (None: it was not open), and whether somebody had taken it."""

    urgency: Urgency | None
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    contacts: tuple[Contact, ...]
    reason: Reason
    escalation: Escalation | None = None
    """Where the alert is on its way from now on; None: as it was."""


def route(change: AlertChange, before: Before, plan: Plan, zone: ZoneInfo, at: float) -> Route:
    """The contacts that hear of `change` at `at`; `zone`: the home's own clock."""
    reason = _judge(change, before)
    if reason not in {Reason.RAISED, Reason.MORE_URGENT, Reason.TAKEN}:
        return Route((), reason)
    policy = plan.policy_for(_case(change, zone, at))
    start = Escalation(change.id, change.number, "" if policy is None else policy.id)
    if reason is Reason.TAKEN:
        return Route((), reason, replace(start, turn=0))
    return _advance(start, policy, change.urgency, plan, (reason, at))


def follow(pending: Pending, change: AlertChange, plan: Plan, zone: ZoneInfo, at: float) -> Route:
    """The next move of an alert that nobody took, or whose owner let it lapse; `change` describes it as it stands."""
    escalation = pending.escalation
    policy = plan.policy(escalation.policy) or plan.policy_for(_case(change, zone, at))
    if pending.lapsed_of:
        return _give_back(pending, policy, plan, at)
    if pending.is_undelivered and pending.may_repeat and not _has_others(escalation, policy, plan, at):
        return Route((), Reason.AGAIN)
    if escalation.stage is Stage.OWNER:
        return _end(escalation, change.urgency, plan, at)
    reason = Reason.UNDELIVERED if pending.is_undelivered else Reason.ESCALATED
    return _advance(escalation, policy, change.urgency, plan, (reason, at))


def _judge(change: AlertChange, before: Before) -> Reason:
    if change.state is AlertState.CLEARED:
        return Reason.ENDED
    if not change.urgency.interrupts:
        return Reason.CAN_WAIT
    if change.state is AlertState.UPDATED and before.urgency is not None and change.urgency.rank <= before.urgency.rank:
        return Reason.SAME_URGENCY
    if before.is_taken:
        return Reason.TAKEN
    return Reason.RAISED if change.state is AlertState.RAISED else Reason.MORE_URGENT


def _case(change: AlertChange, zone: ZoneInfo, at: float) -> Case:
    return Case(change.home, zone, KINDS[change.kind].audience, change.urgency, at)


def _advance(
    escalation: Escalation, policy: Policy | None, urgency: Urgency, plan: Plan, why: tuple[Reason, float]
) -> Route:
    """To the next step that reaches anybody at the moment `why[1]`."""
    reason, at = why
    steps = () if policy is None else policy.steps
    for number in range(escalation.step + 1, len(steps)):
        contacts = plan.reached(steps[number].to, at)
        if contacts:
            moved = replace(escalation, step=number, turn=escalation.turn + 1)
            if number + 1 == len(steps) and urgency is not Urgency.URGENT:
                return Route(contacts, reason, replace(moved, stage=Stage.LAST, due=None))
            return Route(contacts, reason, replace(moved, stage=Stage.CHAIN, due=at + steps[number].wait))
    return _end(escalation, urgency, plan, at)


def _has_others(escalation: Escalation, policy: Policy | None, plan: Plan, at: float) -> bool:
    """Whether anybody would be told next."""
    if escalation.stage is Stage.EXHAUSTED:
        return False
    steps = () if policy is None or escalation.stage is Stage.OWNER else policy.steps[escalation.step + 1 :]
    return any(plan.reached(names, at) for names in (*(step.to for step in steps), plan.fallback))


def _end(escalation: Escalation, urgency: Urgency, plan: Plan, at: float) -> Route:
    """No step is left. The urgent goes to the fallback; so does what reached nobody at all."""
    is_urgent, was_told = urgency is Urgency.URGENT, escalation.step >= 0
    stage = Stage.EXHAUSTED if is_urgent else Stage.LAST
    ended = replace(escalation, turn=escalation.turn + 1, stage=stage, due=None)
    if was_told and not is_urgent:
        return Route((), Reason.LAST, ended)
    return Route(plan.reached(plan.fallback, at), Reason.EXHAUSTED if was_told else Reason.NOBODY, ended)


def _give_back(pending: Pending, policy: Policy | None, plan: Plan, at: float) -> Route:
    """To who took it. Somebody who is no contact is most likely among those who were told when it was taken."""
    escalation, owner = pending.escalation, plan.person(pending.lapsed_of)
    step = None if policy is None else policy.steps[min(max(escalation.step, 0), len(policy.steps) - 1)]
    told = () if step is None else plan.reached(step.to, at)
    contacts = (owner,) if owner is not None else told or plan.reached(plan.fallback, at)
    due = at + (WAIT if step is None else step.wait)
    moved = replace(escalation, step=max(escalation.step, 0), turn=escalation.turn + 1, stage=Stage.OWNER, due=due)
    return Route(contacts, Reason.LAPSED, moved)
