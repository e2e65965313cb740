from __future__ import annotations

from dataclasses import replace

import pytest

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.alerts.link import BY_LINK
from sensor_hub.alerts.plan import Plan
from sensor_hub.alerts.policy import Policy, policies_of
from sensor_hub.alerts.routing import Before, Reason, Route, follow, route
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import Audience, Kind, Urgency
from sensor_hub.model.moment import MINUTE
from tests.alerts.changes import AT, change
from tests.alerts.plans import PEOPLE, plan, rota, steps
from tests.homes import LONDON, moment

CARE = Contact("care", "console://", receives=frozenset({Audience.CARE}))
FITTER = Contact("fitter", "console://", receives=frozenset({Audience.TECHNICAL}))
BOTH = Contact("both", "console://")
NEW = Before(None)
FALL = change(Kind.INACTIVITY, Urgency.URGENT)
CHAIN = replace(plan(Policy("care", steps("ann", "bea", "cid"))), fallback=("office",))


def simple(*contacts: Contact) -> Plan:
    return Plan(contacts, policies_of(contacts))


def told(change: AlertChange, before: Before, of: Plan, at: float = AT) -> tuple[list[str], Reason]:
    return summary(begun(change, before, of, at))


def begun(change: AlertChange, before: Before, of: Plan, at: float) -> Route:
    """What is decided of a new change when its time has come."""
    decided = route(change, before, at)
    if decided.escalation is None or decided.escalation.stage is not Stage.GATHERING:
        return decided
    return follow(Pending(decided.escalation), change, of, LONDON, at)


def summary(decided: Route) -> tuple[list[str], Reason]:
    return [contact.id for contact in decided.contacts], decided.reason


def test_a_new_alert_goes_to_those_who_receive_its_sort() -> None:
    everybody = simple(CARE, FITTER, BOTH)
    assert told(change(Kind.COLD), NEW, everybody) == (["care", "both"], Reason.RAISED)
    assert told(change(Kind.DEVICE_SILENT), NEW, everybody) == (["fitter", "both"], Reason.RAISED)


@pytest.mark.parametrize(
    ("urgency_before", "urgency", "reason"),
    [
        (Urgency.NOTICE, Urgency.SOON, Reason.MORE_URGENT),
        (Urgency.SOON, Urgency.URGENT, Reason.MORE_URGENT),
        (Urgency.SOON, Urgency.SOON, Reason.SAME_URGENCY),
        (Urgency.URGENT, Urgency.SOON, Reason.SAME_URGENCY),
        (Urgency.NOTICE, Urgency.NOTICE, Reason.CAN_WAIT),
    ],
)
def test_an_update_is_told_only_where_it_has_become_more_urgent(
    urgency_before: Urgency, urgency: Urgency, reason: Reason
) -> None:
    updated = replace(change(Kind.COLD), number=2, state=AlertState.UPDATED, urgency=urgency)
    assert told(updated, Before(urgency_before), simple(BOTH))[1] is reason


def test_what_can_wait_and_what_ended_interrupt_nobody() -> None:
    assert told(replace(change(Kind.COLD), urgency=Urgency.NOTICE), NEW, simple(BOTH)) == ([], Reason.CAN_WAIT)
    ended = replace(change(Kind.COLD), state=AlertState.CLEARED)
    assert told(ended, Before(Urgency.SOON), simple(BOTH)) == ([], Reason.ENDED)


def test_that_nobody_is_reached_is_a_reason_of_its_own_and_told_to_the_fallback() -> None:
    assert told(change(Kind.DEVICE_SILENT), NEW, simple(CARE)) == ([], Reason.NOBODY)
    away = replace(plan(Policy("care", steps("days")), rotas=(rota(("ann", "09:45", "17:00"), name="days"),)))
    assert told(FALL, NEW, away) == ([], Reason.NOBODY)
    assert told(FALL, NEW, replace(away, fallback=("office",))) == (["office"], Reason.NOBODY)
    assert told(FALL, NEW, away, at=moment("2026-01-05 09:45")) == (["ann"], Reason.RAISED)


def test_one_that_somebody_has_taken_is_told_to_nobody() -> None:
    worse = replace(FALL, state=AlertState.UPDATED)
    assert told(worse, Before(Urgency.SOON, is_taken=True), CHAIN) == ([], Reason.TAKEN)


def walk(of: Plan, alert: AlertChange) -> list[tuple[list[str], Reason, float]]:
    """Every move while nobody answers, with the minutes after the alert."""
    decided, at, moves = begun(alert, NEW, of, AT), AT, []
    while True:
        moves.append((*summary(decided), (at - AT) / MINUTE))
        if decided.escalation is None or decided.escalation.due is None:
            return moves
        at = decided.escalation.due
        decided = follow(Pending(decided.escalation), alert, of, LONDON, at)


def test_an_urgent_alert_goes_from_step_to_step_and_then_to_the_fallback() -> None:
    assert walk(CHAIN, FALL) == [
        (["ann"], Reason.RAISED, 0),
        (["bea"], Reason.ESCALATED, 10),
        (["cid"], Reason.ESCALATED, 20),
        (["office"], Reason.EXHAUSTED, 30),
    ]


def test_one_that_is_not_urgent_ends_with_its_last_step() -> None:
    cold = change(Kind.COLD)
    assert walk(CHAIN, cold)[1:] == [(["bea"], Reason.ESCALATED, 10), (["cid"], Reason.ESCALATED, 20)]
    away = plan(Policy("care", steps("ann", "days")), rotas=(rota(("bea", "09:00", "09:45"), name="days"),))
    assert walk(away, cold) == [(["ann"], Reason.RAISED, 0), ([], Reason.LAST, 10)]


def test_a_rota_is_asked_at_the_moment_of_sending_and_a_step_without_anybody_is_passed() -> None:
    hands = rota(("ann", "09:00", "09:45"), ("bea", "09:45", "09:55"), name="hands")
    twice = plan(Policy("care", steps("hands", "hands", "hands", "cid")), rotas=(hands,))
    assert walk(twice, FALL) == [
        (["ann"], Reason.RAISED, 0),
        (["bea"], Reason.ESCALATED, 10),
        (["cid"], Reason.ESCALATED, 20),
        ([], Reason.EXHAUSTED, 30),
    ]


def test_without_a_policy_all_are_told_at_once_and_it_is_exhausted_when_none_answers() -> None:
    assert walk(simple(CARE, BOTH), FALL) == [(["care", "both"], Reason.RAISED, 0), ([], Reason.UNFOLLOWED, 15)]


def lapsed(by: str, step: int = 1) -> Pending:
    return Pending(Escalation(FALL.id, 1, "care", step=step, turn=step), by)


def test_what_its_owner_let_lapse_returns_to_the_owner_and_not_to_the_chain() -> None:
    named = replace(CHAIN, contacts=(*PEOPLE[:4], replace(PEOPLE[4], name="Dr Office")))
    for by, contact in (("Ann", "ann"), (f"ann{BY_LINK}", "ann"), (" dr office ", "office"), ("somebody", "bea")):
        assert summary(follow(lapsed(by), FALL, named, LONDON, AT)) == ([contact], Reason.LAPSED)
    again = follow(lapsed("ann"), FALL, CHAIN, LONDON, AT).escalation
    assert again is not None
    assert (again.stage, again.due, again.turn) == (Stage.OWNER, AT + 10 * MINUTE, 2)
    assert summary(follow(Pending(again), FALL, CHAIN, LONDON, AT)) == (["office"], Reason.EXHAUSTED)


def test_a_policy_that_is_set_no_longer_is_chosen_anew_and_a_shorter_one_ends() -> None:
    other = replace(CHAIN, policies=(Policy("other", steps("cid")),))
    assert summary(follow(Pending(Escalation(FALL.id, 1, "care", 0, 0)), FALL, other, LONDON, AT)) == (
        ["office"],
        Reason.EXHAUSTED,
    )
    none = replace(CHAIN, policies=())
    assert summary(follow(lapsed("somebody"), FALL, none, LONDON, AT)) == (["office"], Reason.LAPSED)
