"""An expected care visit was not seen: no outside door moved in its time."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.civil import bin_of
from sensor_hub.engine.part import ALWAYS, NEVER
from sensor_hub.engine.state import VisitState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.visit import Visit

KEPT = 28
"""Visits of one name that are remembered."""
DOUBTED, LEAST_SEEN = 4, 0.5
"""From the fourth on, if less than half were seen, times or door are wrong: a page a day would say nothing."""
SEEN = 0.99
"""The share of the time in which each outside door must have been visible."""
PATIENCE = 12 * HOUR
"""So long a visit that could not be seen waits for what was kept back."""


def judge(view: View) -> Iterator[Finding]:
    """For each expected visit, whether it was missed."""
    expected = view.state.expected
    if not view.home.visits:
        yield Unfitted(Kind.VISIT_MISSED, "", "no care visit is expected here")
    for visit in view.home.visits:
        if view.exits:
            yield from _judge(view, visit, expected.setdefault(visit.name, VisitState()))
        else:
            yield Unfitted(
                Kind.VISIT_MISSED, visit.name, "no contact sensor on an outside door: nobody is seen to come"
            )


def due(view: View, said: list[Finding]) -> float:
    """When the time of the first expected visit is over; while one is told or cannot be seen, at every tick."""
    if any(isinstance(finding, Deviation | Blind) for finding in said):
        return ALWAYS
    states = view.state.expected
    waiting = (states[v.name].planned + v.tolerance for v in view.home.visits if v.name in states)
    return min(waiting, default=NEVER)


def replan(view: View) -> None:
    """The home is described anew: visits that are expected no longer, or at another time, are not waited for."""
    visits, expected = {visit.name: visit for visit in view.home.visits}, view.state.expected
    view.state.expected = {name: expected[name] for name in visits if name in expected}
    for name, state in view.state.expected.items():
        if visits[name].next_after(view.zone, max(state.planned - 1.0, 0.0)) != state.planned:
            state.planned = 0.0


def _judge(view: View, visit: Visit, state: VisitState) -> Iterator[Finding]:
    now, hidden = view.frontier, ""
    if not state.planned:
        state.planned = visit.next_after(view.zone, now)
    if now >= state.planned + visit.tolerance:
        hidden = _close(view, visit, state)
    if state.told is not None and _is_over(view, visit, state, state.told):
        state.told = None
    if hidden:
        yield Blind(Kind.VISIT_MISSED, visit.name, hidden)
    elif state.told is not None:
        yield _deviation(view, visit, state, state.told)
    elif silent := view.silent_names(view.exits):
        yield Blind(Kind.VISIT_MISSED, visit.name, f"outside doors cannot be seen: {words.listed(silent)} not heard")
    elif _is_doubted(state):
        yield Learning(
            Kind.VISIT_MISSED, visit.name, f"{_record(state)}: are its times right, and do they use this door?"
        )


def _is_over(view: View, visit: Visit, state: VisitState, told: float) -> bool:
    """Somebody came after all, or says so, or it is time for the next."""
    came = (view.state.exit_at or 0.0) > told + visit.tolerance
    came = came or view.is_in_company(told - visit.tolerance, told + visit.tolerance)
    return came or view.frontier >= min(state.planned - visit.tolerance, told + DAY)


def _close(view: View, visit: Visit, state: VisitState) -> str:
    """Judges the visit whose time is over; returns what hides it while it waits to be seen."""
    planned, now = state.planned, view.frontier
    start, end = planned - visit.tolerance, planned + visit.tolerance
    following = visit.next_after(view.zone, planned)
    if start < view.state.begun_at or view.is_absent_in(start, end) or view.absence_at(now) is not None:
        state.planned = max(following, visit.next_after(view.zone, now - visit.tolerance))
        return ""
    first, last = bin_of(start), bin_of(end)
    came = any(view.timeline.active_in(n) & view.exit_bits for n in range(first, last + 1))
    came = came or view.is_in_company(start, end)
    is_seen = view.state.heard_at >= end and _is_seen(view, first, last)
    if not came and not is_seen:
        if now < min(end + PATIENCE, following - visit.tolerance):
            return "outside doors could not be seen all the time"
    else:
        state.judged = min(state.judged + 1, KEPT)
        doubted = _is_doubted(state)
        state.seen = (state.seen << 1 | came) & (1 << KEPT) - 1
        if not came and not doubted:
            state.told = planned
    state.planned = following
    return ""


def _is_seen(view: View, first: int, last: int) -> bool:
    """Whether each of the outside doors could be seen in all of this time."""
    for door in view.exits:
        shares = view.visibility(first, last, (door,))
        if sum(shares) < SEEN * len(shares):
            return False
    return True


def _count(state: VisitState) -> int:
    return (state.seen & (1 << state.judged) - 1).bit_count()


def _is_doubted(state: VisitState) -> bool:
    return state.judged >= DOUBTED and _count(state) < LEAST_SEEN * state.judged


def _record(state: VisitState) -> str:
    return f"Seen at the door on {_count(state)} of {state.judged} times"


def _deviation(view: View, visit: Visit, state: VisitState, told: float) -> Deviation:
    now = view.frontier
    start, end = (words.clock(at, now, view.zone) for at in (told - visit.tolerance, told + visit.tolerance))
    before = state.judged - 1
    came = (
        f"Before that somebody came on {_count(state)} of {words.many(before, 'time')}"
        if before
        else "It is the first that is judged"
    )
    text = f"Visit “{visit.name}” not seen: no outside door moved between {start} and {end}, all of it seen. {came}."
    evidence: dict[str, float | int | str] = {"seen": _count(state), "expected": state.judged}
    return Deviation(Kind.VISIT_MISSED, visit.name, Urgency.SOON, told, text, evidence)
