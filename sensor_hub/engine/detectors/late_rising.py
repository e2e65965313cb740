"""Not up when this person is nearly always up."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.civil import BIN, bin_of, last_hour, next_hour, slot_of
from sensor_hub.engine.part import NEVER
from sensor_hub.engine.state import RisingState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.room import ROOM_NAME, WASHROOMS, Room

EARLIEST = 4
"""O'clock: what is seen before belongs to the night."""
RESTING = WASHROOMS | {Room.BEDROOM}
KEPT, NEEDED, FIRM = 28, 7, 28
"""Days learned from, those needed to say anything, and those needed for more than a line in the review.

Of n mornings the next is the latest once in n + 1: after two weeks that is every other week.
"""
AFTER_LATE, AFTER_USUAL, AFTER_LATEST = 3, 6, 4
"""Quarters after the 95th percentile, after the median, and after the latest of all, before it is late (facts II.5)."""
STIRRING = 30 * MINUTE
"""Who moved so lately may be getting up just now."""
MOST_SPREAD = 8
"""Quarters from the median to the 95th percentile: who gets up more irregularly is not judged."""
LEARNABLE, VISIBLE = 0.9, 0.8
"""The share of the time since 4 o'clock that must have been seen, to learn from a day and to tell."""


def judge(view: View) -> Iterator[Finding]:
    """Whether the resident is late today."""
    state, unfitted = view.state.rising, _unfitted(view)
    if unfitted:
        yield Unfitted(Kind.LATE_RISING, "", unfitted)
        return
    _follow(view, state)
    if len(state.rises) < NEEDED:
        yield Learning(Kind.LATE_RISING, "", f"{len(state.rises)} of {NEEDED} mornings learned")
    elif not state.limit:
        yield Learning(Kind.LATE_RISING, "", "gets up at too different times to say when it is late")
    elif not state.is_up and view.frontier >= _moment(state, state.limit):
        yield from _late(view, state)


def due(view: View, said: list[Finding]) -> float:
    """When today's limit is reached, or the day is over; while it is late and nobody is up, at every tick."""
    state = view.state.rising
    if said and isinstance(said[0], Unfitted):
        return NEVER
    return state.ends if state.is_up or not state.limit else min(state.ends, _moment(state, state.limit))


def _unfitted(view: View) -> str:
    if not view.inside:
        return "no sensor here can show movement"
    return "several residents: who is up cannot be told" if view.home.residents > 1 else ""


def _late(view: View, state: RisingState) -> Iterator[Finding]:
    """It is late, and nobody was up when this was last asked."""
    now, inside = view.frontier, view.state.inside_at
    state.is_up = _first_up(view, bin_of(state.began), bin_of(now)) is not None
    if state.is_up:
        state.told = False
        return
    if view.is_absent_in(state.began, now) or view.absence_at(now) is not None:
        yield Blind(Kind.LATE_RISING, "", "away as planned")
    elif not _is_visible(view, state):
        yield Blind(Kind.LATE_RISING, "", "too little of the morning could be seen")
    elif not state.told and view.may_be_out():
        yield Blind(Kind.LATE_RISING, "", "an outside door moved last: perhaps out")
    elif state.told or (view.state.inactive_since is None and now - (inside or 0.0) >= STIRRING):
        # A silence that is being told already is one cause and one alert.
        state.told = True
        yield _deviation(view, state)


def _follow(view: View, state: RisingState) -> None:
    """Learns the day that is over, and sets the limit of the one that begins."""
    if view.frontier < state.ends:
        return
    if state.ends:
        _learn(view, state)
    state.began = last_hour(view.zone, view.frontier + 1.0, EARLIEST)
    state.ends = next_hour(view.zone, view.frontier, (EARLIEST,))
    state.limit, state.is_up, state.told = _limit(state.rises), False, False
    # A silence that began in the night is told by the latest known rising.
    view.wake("inactivity")


def _learn(view: View, state: RisingState) -> None:
    """Learns when the resident was first up; a late day counts as just late, so that a new routine becomes usual."""
    first = bin_of(state.began)
    up = _first_up(view, first, bin_of(state.ends - 1))
    if up is None or state.began < view.state.begun_at:
        return
    end = (up + 1) * BIN
    if view.is_absent_in(state.began, end) or view.is_in_company(state.began, end):
        return
    if _could_be_seen(view, state.began, end - 1, LEARNABLE):
        slot = slot_of(view.zone, up)
        state.rises = bytes([*state.rises, min(slot, state.limit or slot)])[-KEPT:]


def _is_visible(view: View, state: RisingState) -> bool:
    """Whether the home was heard since it is late, and the resident would have been seen until now."""
    is_heard = view.state.heard_at >= _moment(state, state.limit) and view.is_heard
    return is_heard and view.visible_now() >= VISIBLE and _could_be_seen(view, state.began, view.frontier, VISIBLE)


def _could_be_seen(view: View, start: float, end: float, needed: float) -> bool:
    shares = view.visibility(bin_of(start), bin_of(end))
    return sum(shares) >= needed * len(shares)


def _first_up(view: View, first: int, last: int) -> int | None:
    """The bin at which somebody was first seen to be up for more than a visit to the bathroom; None: in none.

    Three bins are looked at together: up is who was seen in all of them, or in two rooms.
    """
    known, earlier, before = sum(watcher.bit for watcher in view.watchers), 0, 0
    for number, word in enumerate(view.timeline.active_between(first, last), first):
        active = word & known
        if active:
            if earlier and before:
                return number
            if _is_about(view, earlier | before | active):
                return number
        earlier, before = before, active
    return None


def _is_about(view: View, seen: int) -> bool:
    """Whether these bits are of two rooms at least, and not only of bedroom and bathroom."""
    rooms = [room for room, bits in view.room_bits.items() if seen & bits]
    return len(rooms) > 1 and not RESTING.issuperset(rooms)


def _quantile(rises: list[int], share: float) -> int:
    """Of sorted `rises`, the least that at least this share does not exceed."""
    return rises[max(0, -int(-share * len(rises) // 1) - 1)]


def _limit(learned: bytes) -> int:
    """The quarter of the day from which on it is late; 0 where that cannot be said."""
    rises = sorted(learned)
    if len(rises) < NEEDED:
        return 0
    usual, late = _quantile(rises, 0.5), _quantile(rises, 0.95)
    if late - usual > MOST_SPREAD:
        return 0
    return 1 + max(late + AFTER_LATE, usual + AFTER_USUAL, rises[-1] + AFTER_LATEST)


def _moment(state: RisingState, slot: int) -> float:
    return state.began + (slot - EARLIEST * 4) * BIN


def _deviation(view: View, state: RisingState) -> Deviation:
    rises, now = sorted(state.rises), view.frontier
    usual, late = (_clock(_quantile(rises, share)) for share in (0.5, 0.95))
    days = len(rises)
    text = (
        f"Not up at {words.clock(now, now, view.zone)}: usually up by {usual}, nearly always by {late}, and hardly ever"
    )
    text += f" as late as this ({words.many(days, 'morning')})."
    last, where = view.state.inside_at, _last_room(view)
    if last is not None and where:
        text += f" Last movement: {words.clock(last, now, view.zone)} in {where}."
    text += words.not_heard(view.silent_names())
    evidence: dict[str, float | int | str] = {"usually_up_by": usual, "nearly_always_by": late, "days_learned": days}
    urgency = Urgency.SOON if days >= FIRM else Urgency.NOTICE
    return Deviation(Kind.LATE_RISING, "", urgency, _moment(state, state.limit), text, evidence)


def _last_room(view: View) -> str:
    name = view.state.inside_device
    return next((ROOM_NAME[w.device.room] for w in view.inside if w.device.id == name), "")


def _clock(slot: int) -> str:
    """The end of a quarter of the day."""
    return f"{(slot + 1) // 4:02}:{(slot + 1) % 4 * 15:02}"
