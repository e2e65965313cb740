"""Out for longer, or later in the day, than ever before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean, median, stdev

from sensor_hub.engine import outings, words
from sensor_hub.engine.civil import bin_of, last_hour, next_hour, slot_of
from sensor_hub.engine.dial import LEAST_ODDS, rarer
from sensor_hub.engine.part import ALWAYS, MARGIN, NEVER
from sensor_hub.engine.state import OutingState, ReturnState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR

LIKELY_OUT = 0.6
"""The chance that a silence after a door is an outing, below which nothing is said (facts II.12)."""
NEEDED_OUTINGS, NEEDED_EVENINGS = 20, 33
"""33 evenings are worth 24 after what is forgotten; if none was late, the chance of a late one is 0.5 / 25."""
FIRM_OUTINGS = 49
"""If none of 49 lasted as long, the chance of such a one is 0.5 / 50 = 0.01 (facts II.12); of fewer it is only odd."""
RARE_LATE = 0.02
LATE = 22
"""O'clock, by which people are back (facts II.12)."""
LATE_LEAST = HOUR
"""Who went out shortly before ten is not late at ten."""
NIGHT_OUT = 2 * HOUR
"""An evening out is over by midnight; until then being late is only odd."""
FADING = 0.98
"""An evening, as in `hazard`."""
SHORTEST = 3 * HOUR
BEYOND_LONGEST = 1.25
"""Longer than ever before: by a quarter."""
TAIL = 3.09
"""Standard deviations of the logarithm: 1 outing in 1,000 lasts longer. The 1 in 100 of facts II.12 would be a page in
three months from everybody who goes out each day."""
LEAST_SPREAD = 0.3
"""Of the logarithm of how long outings last."""
DAY_BEGINS, DAY_ENDS = 5, 20
"""Who goes out at another hour may have gone to bed: only ten o'clock and `door_at_night` tell it."""
LEARNABLE, VISIBLE = 0.9, 0.8


def judge(view: View) -> Iterator[Finding]:
    """Whether the outing that lasts is one to worry about."""
    state = view.state.outing
    unfitted = _unfitted(view)
    if unfitted:
        yield Unfitted(Kind.NO_RETURN, "", unfitted)
        return
    since = _out_since(view)
    yield from _judge(view, since)
    _follow_evenings(view, state, since)


def due(view: View, said: list[Finding]) -> float:
    """When an outing may be told at the earliest; the end of an outing that is learned wakes the detector."""
    state, now = view.state.outing, view.frontier
    if said and isinstance(said[0], Unfitted):
        return NEVER
    if said:
        # The evening that was just learned may change what is waited for.
        stands = isinstance(said[0], Learning) and said[0].reason == _learning(state, view.state.outings)
        return state.ends if stands else ALWAYS
    # One that begins after this moment is told no sooner than that, or at ten.
    soonest, since = min(state.ends, now + SHORTEST - MARGIN), _door_since(view)
    if since is None:
        return soonest
    if now - since < outings.LONG_ENOUGH:
        return min(soonest, since + outings.LONG_ENOUGH - MARGIN)
    return min(soonest, state.odd_at or NEVER)


def _judge(view: View, since: float | None) -> Iterator[Finding]:
    state, out = view.state.outing, view.state.outings
    if state.told is not None and (since is None or since > state.told):
        state.told = None
    if state.told is None:
        learning = _learning(state, out)
        if learning:
            yield Learning(Kind.NO_RETURN, "", learning)
            return
        if since is None or not _is_due(view, state, since):
            return
        if view.state.inactive_since is not None:
            # The silence is told already: one cause, one alert.
            return
    start = state.told if state.told is not None else since
    hidden = _hidden(view, start or view.frontier)
    if hidden:
        yield Blind(Kind.NO_RETURN, "", hidden)
    elif start is not None:
        state.told = start
        yield _deviation(view, state, start)


def _unfitted(view: View) -> str:
    if not view.exits or not view.inside:
        return "no contact sensor on an outside door" if not view.exits else "no sensor that can show movement inside"
    return "several residents: who is out cannot be told" if view.home.residents > 1 else ""


def _learning(state: ReturnState, out: OutingState) -> str:
    known = len(out.lasted)
    if known < NEEDED_OUTINGS and state.learned < NEEDED_EVENINGS:
        return (
            f"{known} of {NEEDED_OUTINGS} outings and {state.learned} of {NEEDED_EVENINGS} evenings learned; "
            "no movement is told as such"
        )
    if outings.chance_out(out) < LIKELY_OUT:
        return "after a door moves last the resident is often in: who has gone out cannot be told"
    return ""


def _hidden(view: View, since: float) -> str:
    """What keeps an outing from being judged."""
    if view.absence_at(view.frontier) is not None or view.is_absent_in(since, view.frontier):
        return "away as planned"
    if not view.is_heard:
        return "the home is not heard"
    silent = view.silent_names(view.exits)
    if silent:
        return f"outside doors cannot be seen: {words.listed(silent)} not heard"
    shares = view.visibility(bin_of(since), bin_of(view.frontier))
    return "too little of the time since could be seen" if sum(shares) < VISIBLE * len(shares) else ""


def _out_since(view: View) -> float | None:
    """The start of the silence that lasts, if it began at a door; None while somebody is seen."""
    since = _door_since(view)
    return since if since is not None and view.frontier - since >= outings.LONG_ENOUGH else None


def _door_since(view: View) -> float | None:
    """The last sign of the resident, if it was at a door or just after it."""
    door, inside = view.state.exit_at, view.state.inside_at
    return max(door or 0.0, inside or 0.0) if view.may_be_out() else None


def _follow_evenings(view: View, state: ReturnState, since: float | None) -> None:
    """At ten in the evening learns whether the resident is out; this evening was judged by those before."""
    now = view.frontier
    if now < state.ends:
        return
    if state.ends and view.absence_at(now) is None and view.visible_now() >= LEARNABLE:
        state.evenings = state.evenings * FADING + 1.0
        state.late = state.late * FADING + (since is not None)
        state.learned += 1
    state.ends = next_hour(view.zone, now, (LATE,))


def _is_due(view: View, state: ReturnState, since: float) -> bool:
    if state.since != since:
        _plan(view, state, since)
    return state.odd_at is not None and view.frontier >= state.odd_at


def _plan(view: View, state: ReturnState, since: float) -> None:
    """Works out when an outing from `since` on becomes longer, or later, than usual."""
    hour, lasted = slot_of(view.zone, bin_of(since)) // 4, view.state.outings.lasted
    state.since, state.odd_at, state.firm_at = since, None, None
    if DAY_BEGINS <= hour < LATE and _is_late_rare(view, state):
        ten = next_hour(view.zone, since, (LATE,))
        state.odd_at, state.firm_at = max(ten, since + LATE_LEAST), ten + NIGHT_OUT
    if DAY_BEGINS <= hour < DAY_ENDS and len(lasted) >= NEEDED_OUTINGS:
        longest = since + longest_usual(lasted, view.asked(Kind.NO_RETURN))
        state.odd_at = min(longest, state.odd_at or longest)
        if len(lasted) >= FIRM_OUTINGS:
            state.firm_at = min(longest, state.firm_at or longest)


def _is_late_rare(view: View, state: ReturnState) -> bool:
    """Whether the resident is so seldom out at ten (Jeffreys' estimate of the share of evenings)."""
    rare = rarer(RARE_LATE, view.asked(Kind.NO_RETURN))
    return state.learned >= NEEDED_EVENINGS and (state.late + 0.5) / (state.evenings + 1.0) <= rare


def longest_usual(lasted: Sequence[float], asked: float = 0.0) -> float:
    """Seconds beyond which an outing is longer than ever before, and than 1 in 1,000 (log-normal).

    Where more surprise is asked for: a normal tail is about exp(−z²/2), so z² grows by twice as much.
    """
    logs = [math.log(seconds) for seconds in lasted]
    far = math.sqrt(TAIL * TAIL + 2 * max(asked, LEAST_ODDS)) if asked else TAIL
    tail = math.exp(fmean(logs) + far * max(stdev(logs), LEAST_SPREAD))
    return max(SHORTEST, BEYOND_LONGEST * max(lasted), tail)


def _is_late(view: View) -> bool:
    hour = slot_of(view.zone, bin_of(view.frontier)) // 4
    return not DAY_BEGINS <= hour < LATE


def _evenings(view: View, state: ReturnState, since: float) -> str:
    """On how many evenings before this one the resident was out so late."""
    is_counted = since < last_hour(view.zone, state.ends, LATE) <= view.frontier
    learned, late, evenings = state.learned - is_counted, state.late - is_counted, state.evenings - is_counted
    often = round(learned * max(late, 0.0) / evenings) if evenings > 0 else 0
    return f" Out at {LATE}:00 on {often} of {words.many(learned, 'evening')} before."


def _deviation(view: View, state: ReturnState, since: float) -> Deviation:
    now, out = view.frontier, view.state.outings
    lasted = out.lasted
    text = f"Not back: an outside door moved {words.at_clock(since, now, view.zone)}, and nobody was seen since"
    text += f" ({words.span(now - since)})."
    is_late = state.evenings > 0 and _is_late(view)
    if lasted and (not is_late or now - since > max(lasted)):
        usual, longest = words.span(median(lasted)), words.span(max(lasted))
        text += f" Of {len(lasted)} outings half lasted less than {usual}, the longest {longest}."
    if is_late:
        text += _evenings(view, state, since)
    inside = round(100 * (1 - outings.chance_out(out)))
    text += f" May be in all the same: {inside} in 100 silences after a door were spent at home."
    text += words.not_heard(view.silent_names())
    evidence: dict[str, float | int | str] = {
        "out_hours": words.hours(now - since),
        "outings_learned": len(lasted),
        "evenings_learned": state.learned,
    }
    urgency = Urgency.SOON if state.firm_at is not None and now >= state.firm_at else Urgency.NOTICE
    return Deviation(Kind.NO_RETURN, "", urgency, since, text, evidence)
