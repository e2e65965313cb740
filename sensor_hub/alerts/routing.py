"""Which changes of an alert are told, and who is told next while nobody takes it. Pure; every decision has a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from zoneinfo import ZoneInfo

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.alerts.grouping import gathers_until
from sensor_hub.alerts.hold import Held
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import WAIT, Case, Policy
from sensor_hub.alerts.question import may_ask
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import KINDS, Urgency


class Reason(Enum):
    """Why people are told, or are not."""

    RAISED = "a new alert that somebody must act on"
    MORE_URGENT = "the alert has become more urgent"
    GATHERED = "not urgent: it is told with others at the next quarter of an hour"
    ENDED = "the condition ended: nobody has to act"
    ENDED_UNTOLD = "the condition ended before anybody was told"
    CAN_WAIT = "it waits for the weekly review"
    SAME_URGENCY = "no more urgent than what was told before"
    TAKEN = "somebody has taken the alert"
    COVERED = "a wider alert covers it"
    UNCOVERED = "the wider alert is over, and this one still holds"
    SILENCED = "somebody asked for silence"
    UNSILENCED = "the silence is over, and the alert still holds"
    HELD = "not urgent, and all who would be told have quiet hours"
    RELEASED = "the quiet hours are over, and the alert still holds"
    OVER_BUDGET = "not urgent, and over the home's budget of the week: it is told in the daily digest"
    NOBODY = "nobody is reached by alerts of this sort"
    ASKED = "the resident is asked first"
    SEEN = "something moved in the home since the resident was asked: what is found next decides"
    ANSWERED = "a button was pressed in the home since the resident was asked: nobody has to come"
    ESCALATED = "nobody answered in time"
    PASSED = "somebody who was told has passed it on"
    UNDELIVERED = "no notice of the step before could be delivered"
    AGAIN = "no notice is known to have arrived, and nobody else can be told: they go again"
    LAPSED = "it was taken, and nothing was said of it in time"
    LAST = "nobody answered, nobody follows now, and it is not urgent: it waits for whoever looks"
    EXHAUSTED = "everybody was told and nobody answered"
    UNFOLLOWED = "nobody answered, and no policy says who follows"
    ADOPTED = "it was open before its steps were counted: they go on from here"


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
    held: tuple[Held, ...] = ()
    """Those who are told later, since they have quiet hours."""
    about: str = ""
    """What keeps it back, in words."""
    digest: tuple[str, ...] = ()
    """Contacts, teams and rotas whose daily digest has it."""


RESUMED = {
    Stage.COVERED: Reason.UNCOVERED,
    Stage.SILENCED: Reason.UNSILENCED,
    Stage.HELD: Reason.RELEASED,
    Stage.PASSED: Reason.PASSED,
}
"""Why an alert that was kept back, or passed on, is told."""


def route(change: AlertChange, before: Before, at: float) -> Route:
    """What becomes of `change` at `at`: where it is to be told, its way along a policy begins, with nobody told yet."""
    reason = _judge(change, before)
    start = Escalation(change.id, change.number)
    if reason is Reason.TAKEN:
        return Route((), reason, replace(start, turn=0))
    if reason not in {Reason.RAISED, Reason.MORE_URGENT}:
        return Route((), reason)
    due = gathers_until(change, at)
    return Route((), Reason.GATHERED if due > at else reason, replace(start, stage=Stage.GATHERING, due=due))


def follow(pending: Pending, change: AlertChange, plan: Plan, zone: ZoneInfo, at: float) -> Route:
    """Who is told next of an alert that nobody took, or whose owner let it lapse.

    `change` describes the alert as it stands; `zone`: the home's own clock.
    """
    escalation = pending.escalation
    policy = plan.policy(escalation.policy) or plan.policy_for(_case(change, zone, at))
    escalation = replace(escalation, policy="" if policy is None else policy.id, cause="")
    if pending.lapsed_of:
        return _give_back(replace(pending, escalation=escalation), policy, plan, at)
    if pending.is_undelivered and pending.may_repeat and not _has_others(escalation, policy, plan, at):
        return Route((), Reason.AGAIN)
    if escalation.stage is Stage.OWNER:
        return _end(escalation, change.urgency, plan, at)
    return _advance(escalation, policy, change, plan, (_why(pending, change), at))


def adopt(change: AlertChange, plan: Plan, zone: ZoneInfo, at: float) -> Route:
    """The way of an alert that was told before ways were kept: its first step's people have their time from now on."""
    policy = plan.policy_for(_case(change, zone, at))
    wait = WAIT if policy is None else policy.steps[0].wait
    policy_id = "" if policy is None else policy.id
    return Route((), Reason.ADOPTED, Escalation(change.id, change.number, policy_id, step=0, turn=0, due=at + wait))


def _why(pending: Pending, change: AlertChange) -> Reason:
    stage = pending.escalation.stage
    if stage is Stage.GATHERING:
        is_worse = change.state is AlertState.UPDATED and change.number == pending.escalation.number
        return Reason.MORE_URGENT if is_worse else Reason.RAISED
    return RESUMED.get(stage, Reason.UNDELIVERED if pending.is_undelivered else Reason.ESCALATED)


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
    escalation: Escalation, policy: Policy | None, change: AlertChange, plan: Plan, why: tuple[Reason, float]
) -> Route:
    """To the next step that reaches anybody at the moment `why[1]`."""
    reason, at = why
    steps = () if policy is None else policy.steps
    for number in range(escalation.step + 1, len(steps)):
        step = steps[number]
        asked = plan.residents(change.home) if step.asks_resident and may_ask(change) else ()
        contacts = asked or plan.reached(step.to, at)
        if contacts:
            moved = replace(escalation, step=number, turn=escalation.turn + 1)
            if number + 1 == len(steps) and change.urgency is not Urgency.URGENT:
                return Route(contacts, reason, replace(moved, stage=Stage.LAST, due=None))
            due = at + step.wait
            return Route(contacts, Reason.ASKED if asked else reason, replace(moved, stage=Stage.CHAIN, due=due))
    return _end(escalation, change.urgency, plan, at)


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
    exhausted = Reason.EXHAUSTED if plan.has_policies or plan.fallback else Reason.UNFOLLOWED
    return Route(plan.reached(plan.fallback, at), exhausted if was_told else Reason.NOBODY, ended)


def _give_back(pending: Pending, policy: Policy | None, plan: Plan, at: float) -> Route:
    """To who took it. Somebody who is no contact is most likely among those who were told when it was taken."""
    escalation, owner = pending.escalation, plan.person(pending.lapsed_of)
    step = None if policy is None else policy.steps[min(max(escalation.step, 0), len(policy.steps) - 1)]
    told = () if step is None else plan.reached(step.to, at)
    contacts = (owner,) if owner is not None else told or plan.reached(plan.fallback, at)
    due = at + (WAIT if step is None else step.wait)
    moved = replace(escalation, step=max(escalation.step, 0), turn=escalation.turn + 1, stage=Stage.OWNER, due=due)
    return Route(contacts, Reason.LAPSED, moved)
