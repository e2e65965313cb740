"""What people's outcomes teach about silences: a real fall is never learned as usual, a false alarm is learned whole.

Without an outcome a silence is learned as it always was: when its day is over, unless it is still being told then.
"""

from __future__ import annotations

from dataclasses import dataclass

from sensor_hub.engine import outings
from sensor_hub.engine.civil import bin_of
from sensor_hub.engine.hazard import FADING, TAIL, TAIL_CAP, relearn_silence
from sensor_hub.engine.state import EngineState, ToldSilence
from sensor_hub.engine.view import View
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind

KEPT = 8
"""Silences that were told: an outcome may come days later."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What people found when they looked at an alert of a kind whose condition began at `since`; said at `at`."""

    alert: str
    kind: Kind
    since: float
    outcome: Outcome
    at: float


def begin_telling(state: EngineState, since: float) -> None:
    """A silence begins to be told."""
    state.silences_told = [*state.silences_told, ToldSilence(since)][-KEPT:]


def end_silence(state: EngineState, at: float) -> ToldSilence | None:
    """Somebody was seen at `at`: the told silence that this ends, if one lasted."""
    for silence in state.silences_told:
        if silence.until is None and at > silence.since:
            silence.until = at
            return silence
    return None


def is_real(state: EngineState, start: float, end: float) -> bool:
    """Whether any of the stretch lies in a silence that people found to be real."""
    return any(
        silence.outcome is Outcome.TRUE and silence.since < end and (silence.until is None or start < silence.until)
        for silence in state.silences_told
    )


def is_accepted(state: EngineState, since: float) -> bool:
    """Whether people called the silence that began then a false alarm."""
    return any(one.since == since and one.outcome is Outcome.FALSE for one in state.silences_told)


def leave_out(state: EngineState, since: float, until: float) -> None:
    """The silence that began at `since` is being told: up to `until` it is not learned."""
    for silence in state.silences_told:
        if silence.since == since:
            silence.left_until = until


def learn_outcome(view: View, lesson: Lesson) -> None:
    """Learns a silence that was left out, or takes back one that was learned. The first outcome counts."""
    state = view.state
    told = next((one for one in state.silences_told if one.since == lesson.since), None)
    if told is None:
        return
    before, told.outcome = told.outcome, lesson.outcome
    if before is not None or lesson.outcome is Outcome.UNKNOWN:
        return
    began = bin_of(told.since)
    left = max(bin_of(told.left_until or 0.0), began + 1)
    over = bin_of(min(state.day_began, told.until or state.day_began))
    if lesson.outcome is Outcome.FALSE:
        relearn_silence(view, began, (began + 1, min(left, over) - 1), 1.0)
    else:
        relearn_silence(view, began, (left, over - 1), -1.0)
    _relearn_end(state, told, lesson.outcome)


def _relearn_end(state: EngineState, told: ToldSilence, outcome: Outcome) -> None:
    """The same for how the silence ended, if that was learned."""
    if told.surprise is not None and told.surprise > TAIL:
        learned, faded = state.hazard, FADING ** (state.hazard.days - told.days)
        capped = min(told.surprise - TAIL, TAIL_CAP)
        if outcome is Outcome.FALSE:
            learned.tail_sum += faded * (told.surprise - TAIL - capped)
        else:
            learned.tail_count = max(learned.tail_count - faded, 0.0)
            learned.tail_sum = max(learned.tail_sum - faded * capped, 0.0)
    elif told.is_outing is not None and told.until is not None and outcome is Outcome.TRUE:
        outings.forget_silence(state.outings, told.until - told.since, ended_at_door=told.is_outing)
