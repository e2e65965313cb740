"""An outside door moved at night, and nobody was seen inside after it."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.civil import BIN, bin_of, last_hour, next_hour, slot_of
from sensor_hub.engine.dial import rarer
from sensor_hub.engine.numbers import numbers
from sensor_hub.engine.part import ALWAYS, MARGIN, NEVER
from sensor_hub.engine.state import NightDoorState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.room import THRESHOLD

BEGINS, ENDS = 23, 5
"""O'clock: the night in which nobody is expected to go out."""
HOURS = 6
WAIT = 10 * MINUTE
"""So long after the door moved last somebody must be seen inside: who steps out and comes back is not looked for."""
ON_THE_WAY = MINUTE
"""A movement in hall or entrance so soon after the door may still be the way out."""
NEEDED = 7
"""Nights learned; until then only an earlier night on which a door moved about that hour keeps one from being told."""
OFTEN_THEN, OFTEN = 1 / 30, 0.1
"""Usual: about that hour once a month, or at some hour of one night in ten."""
AROUND = 1
"""Hours before and after that count as about that hour."""
FADING = 0.98
"""A night, as in `hazard`."""
TOLD_WEIGHT = 0.25
"""A night on which it was told counts for less: wandering must not become usual, a carer's hours may (facts II.11)."""
LEARNABLE, VISIBLE = 0.9, 0.8


def judge(view: View) -> Iterator[Finding]:
    """Whether somebody went out and has not come back, as far as can be seen."""
    if not view.exits or not view.inside:
        missing = "contact sensor on an outside door" if not view.exits else "sensor that can show movement inside"
        yield Unfitted(Kind.DOOR_AT_NIGHT, "", f"no {missing}")
        return
    state = view.state.night_door
    if view.frontier >= state.ends:
        _begin_night(view, state)
    if state.told is not None and _seen_inside_after(view, state.told):
        state.told = None
    if view.absence_at(view.frontier) is not None:
        yield Blind(Kind.DOOR_AT_NIGHT, "", "away as planned")
        return
    if state.told is None:
        hidden = _decide(view, state)
        if hidden and state.told is None:
            yield Blind(Kind.DOOR_AT_NIGHT, "", hidden)
        elif state.told is None and all(_is_usual(view, state, hour) for hour in range(HOURS)):
            often = f"{round(state.learned * state.moved / state.nights)} of {state.learned} nights"
            yield Learning(Kind.DOOR_AT_NIGHT, "", f"outside doors moved on {often} here: one more says nothing")
    if state.told is not None:
        yield _deviation(view, state, state.told)


def due(view: View, said: list[Finding]) -> float:
    """When the night is over, or the door that moved last was long enough ago; a door that moves wakes the detector."""
    if said and isinstance(said[0], Unfitted):
        return NEVER
    state, door = view.state.night_door, view.state.exit_at or 0.0
    if state.told is not None:
        return ALWAYS
    return min(state.ends, door + WAIT - MARGIN) if door >= state.began and door > state.decided else state.ends


def _decide(view: View, state: NightDoorState) -> str:
    """Looks at a door that moved and was not looked at yet; returns what keeps it from being judged."""
    door, now = view.state.exit_at or 0.0, view.frontier
    silent = view.silent_names(view.exits)
    hidden = f"outside doors cannot be seen: {words.listed(silent)} not heard" if silent else ""
    if door <= state.decided or door < state.began or now - door < WAIT:
        return hidden
    if not _is_at_night(view, door) or _seen_inside_after(view, door) or _is_expected(view, door):
        state.decided = door
    elif view.state.heard_at < door + WAIT:
        return "the home was not heard since an outside door moved"
    elif view.visible_now(view.inside) < VISIBLE:
        return f"cannot see inside: {words.listed(view.silent_names(view.inside))} not heard"
    else:
        state.decided = door
        if not _is_usual(view, state, _hour(view, door)):
            state.told, state.told_tonight = door, True
    return hidden


def _is_at_night(view: View, at: float) -> bool:
    hour = slot_of(view.zone, bin_of(at)) // 4
    return hour >= BEGINS or hour < ENDS


def _hour(view: View, at: float) -> int:
    """Of the night, counted from its beginning."""
    return (slot_of(view.zone, bin_of(at)) // 4 - BEGINS) % 24


def _seen_inside_after(view: View, door: float) -> bool:
    """Whether somebody was seen inside after the door moved, other than on the way out."""
    at = view.state.inside_at or 0.0
    if at <= door:
        return False
    rooms = {watcher.device.id: watcher.device.room for watcher in view.inside}
    return at > door + ON_THE_WAY or rooms.get(view.state.inside_device) not in THRESHOLD


def _is_expected(view: View, door: float) -> bool:
    """Whether people are known to come and go then."""
    if view.is_in_company(door - HOUR / 4, door + HOUR / 4):
        return True
    return any(visit.is_around(view.zone, door) for visit in view.home.visits)


def _about(state: NightDoorState, hour: int) -> float:
    return sum(state.hours[max(hour - AROUND, 0) : hour + AROUND + 1])


def _is_usual(view: View, state: NightDoorState, hour: int) -> bool:
    """Whether doors move about this hour, or in the night at all, so often that one more says nothing."""
    if state.learned < NEEDED:
        return _about(state, hour) > 0.0
    share = rarer(1.0, view.asked(Kind.DOOR_AT_NIGHT)) * state.nights
    return _about(state, hour) >= OFTEN_THEN * share or state.moved >= OFTEN * share


def _begin_night(view: View, state: NightDoorState) -> None:
    """Learns the night that is over, and turns to the next (or the one that lasts)."""
    if state.ends and state.began >= view.state.begun_at:
        _learn(view, state)
    state.ends = next_hour(view.zone, view.frontier, (ENDS,))
    state.began = last_hour(view.zone, state.ends, BEGINS)
    state.told_tonight = False


def _learn(view: View, state: NightDoorState) -> None:
    first, last = bin_of(state.began), bin_of(state.ends - 1)
    shares = view.visibility(first, last, view.exits)
    others = view.is_absent_in(state.began, state.ends) or view.is_in_company(state.began, state.ends)
    if others or sum(shares) < LEARNABLE * len(shares):
        return
    moved = {_hour(view, n * BIN) for n in range(first, last + 1) if view.timeline.active_in(n) & view.exit_bits}
    weight = TOLD_WEIGHT if state.told_tonight else 1.0
    state.nights = state.nights * FADING + 1.0
    state.moved = state.moved * FADING + (weight if moved else 0.0)
    state.hours = numbers(known * FADING + (weight if hour in moved else 0.0) for hour, known in enumerate(state.hours))
    state.learned += 1


def _deviation(view: View, state: NightDoorState, door: float) -> Deviation:
    now = view.frontier
    names = [w.device.id for w in view.exits if view.timeline.active_in(bin_of(door)) & w.bit]
    which = f"An outside door ({', '.join(names)})" if names else "An outside door"
    text = f"{which} moved {words.at_clock(door, now, view.zone)}, and nobody was seen inside since"
    text += f" ({words.span(now - door)})."
    hour, nights = _hour(view, door), state.learned
    if nights >= NEEDED:
        often = round(nights * _about(state, hour) / state.nights)
        text += f" Usually none does: outside doors moved about that hour on {often} of {nights} nights."
    else:
        known = f"Only {words.many(nights, 'night')} known" if nights else "No night is known yet"
        text += f" {known}, so it is told whatever is usual here."
    text += words.not_heard(view.silent_names())
    evidence: dict[str, float | int | str] = {"door": ", ".join(names), "nights_learned": nights}
    return Deviation(Kind.DOOR_AT_NIGHT, "", Urgency.URGENT, door, text, evidence)
