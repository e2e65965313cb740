"""No sign of the resident for longer than this home's hours make plausible."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.engine import absences, outings, words
from sensor_hub.engine.civil import BIN, bin_of, clock_changed, is_night, slot_of
from sensor_hub.engine.hazard import SMOOTHING, SMOOTHING_AFTER_CLOCK_CHANGE, aged, calibrated, hazard_table
from sensor_hub.engine.part import ALWAYS, MARGIN
from sensor_hub.engine.state import HazardState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import ROOM_NAME

SURPRISE = 8.0
"""exp(−8) of normal silences last this long: with about 15 silences a day a false page in some 28 weeks."""
SHORTEST = 3 * HOUR
RELIEF, MOST_RELIEF = 1.0, 2.0
"""Each hour of a silence beyond that asks for so much less where it began by day, all together for so much less.

The longer somebody lies there the more help is needed, and natural silences of six hours that look rare are rarer than
those of three that look impossible. In a quiet home, where surprise grows slowly, a fall would be told too late.
"""
CAUTION = ((1, math.inf), (4, 3.0), (7, 1.0))
"""Until so many days are learned the surprise must be higher by so much; on the first day only the net sounds."""
DEGRADED, BLIND = 0.8, 0.5
"""Of what would be seen: below the first one more is asked, below the second nothing is said."""
LOST, LOST_SEEN = 5.0, 2 * HOUR
"""A silence already as surprising, and seen for as long, when sight of the home was lost is a care matter at once."""
INDEPENDENT, BEYOND = 6.0, 0.27
"""Surprise up to which silences come as seldom as it says, and how much of the rest counts.

In 25 recorded homes those of 6 came once in 28 days (27 said), but of 8 and 10 once in 59 and 79 (200 and 1,500 said).
"""
STAYS = 1.5
"""What was told stands until somebody is seen, or so much surprise is gone: sensors that come and go are no news."""
AFTER_CLOCK_CHANGE = 3 * DAY
ROUNDING = 1e-6
LOOKED_BACK = 2 * DAY
"""Longer than that a silence is not followed: the last net sounded a day ago."""
NET, NET_OVER_NIGHT, NET_AFTER_DOOR = 12 * HOUR, 14 * HOUR, 24 * HOUR
"""So long without any sign is told whatever was learned."""
TO_BED = (80, 24)
"""Quarters of the day, from 20:00 to 06:00: who falls silent in them may have gone to bed."""
MORNING = 16
"""The quarter, 04:00, from which on such a silence may be a lying in; what is rare before is told before."""
LATER_THAN_EVER = 4
"""Quarters after the latest known rising until which it may, as in `late_rising`."""
MORNINGS, BEFORE_KNOWN = 14, 40
"""Mornings that must be known for that; the quarter, 10:00, until which it may be while they are not."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The silence that lasts: since when, how much of it could be seen (seconds), and how unusual it is."""

    since: float
    seconds: float
    seen: float
    surprise: float
    bare: float
    """The surprise before it was calibrated, and before the door was thought of."""
    after_door: bool


class Inactivity:
    """Judges the silence since the last sign of a person."""

    def __init__(self) -> None:
        self._table: list[float] | None = None
        self._table_width = 0.0
        self._latest: Silence | None = None

    def forget_table(self) -> None:
        """The home's hours were learned anew."""
        self._table = None

    def judge(self, view: View) -> Iterator[Finding]:
        now, state = view.frontier, view.state
        if not view.watchers:
            why = "no sensor here can show movement"
            # A home that was never asked has it to be put right; what was not agreed is no fault.
            yield (Unfitted if view.declined else Blind)(Kind.INACTIVITY, "", why)
            return
        absence = view.absence_at(now)
        if absence is not None:
            yield Blind(Kind.INACTIVITY, "", view.away_words(absence))
            return
        silence = self._latest = self._silence(view)
        if silence is not None and self._is_told(view, silence):
            yield self._deviation(view, silence)
            return
        if self._has_ended(view):
            # Seen to move: what was told is over, however little can be seen now.
            return
        visible = view.visible_now()
        if silence is not None and self._is_buried(view, silence, visible):
            yield self._lost_sight(view, silence)
        elif visible < BLIND:
            silent = words.listed(view.silent_names())
            yield Blind(Kind.INACTIVITY, "", f"cannot see movement: {silent} not heard")
        elif (overruled := view.overruled_at(now)) is not None:
            yield Learning(Kind.INACTIVITY, "", absences.moving_words(overruled, now, view.zone))
        elif state.hazard.days < CAUTION[-1][0]:
            learned = f"{state.hazard.days} of {CAUTION[-1][0]} days learned"
            yield Learning(
                Kind.INACTIVITY, "", f"{learned}; {words.span(NET)} without any movement are told all the same"
            )

    def due(self, view: View, said: list[Finding]) -> float:
        """When a silence may be told at the earliest, had all of it been seen. At midnight the clock's words change."""
        now, state = view.frontier, view.state
        if any(isinstance(finding, Deviation) for finding in said):
            return ALWAYS
        if not view.watchers or view.absence_at(now) is not None:
            return state.day_ends
        since = max(state.inside_at or 0.0, state.exit_at or 0.0, state.begun_at)
        words_stand = math.inf if view.overruled_at(now) is None else state.day_ends
        if now - since < SHORTEST or self._latest is None:
            return min(since + SHORTEST - MARGIN, words_stand)
        return min(self._soonest(view, self._latest) - MARGIN, words_stand)

    def _soonest(self, view: View, silence: Silence) -> float:
        """When this silence is told if it goes on to be seen as now, or one that begins now.

        Whatever lets more of it be seen, now or afterwards, wakes everybody.
        """
        state, table, now, share = view.state, self._hours(view), view.frontier, view.visible_now()
        if clock_changed(view.zone, now, AFTER_CLOCK_CHANGE) != clock_changed(
            view.zone, now + SHORTEST, AFTER_CLOCK_CHANGE
        ):
            return ALWAYS
        net = now + (NET_AFTER_DOOR if silence.after_door else NET) - silence.seen
        latest = min(net, now + SHORTEST)
        # What outcomes ask for fades: the least of it until this is looked at again.
        asked = min(view.asked(Kind.INACTIVITY), view.asked(Kind.INACTIVITY, later=SHORTEST))
        needed = _lost(view) if share < BLIND else SURPRISE + _caution(view) + asked
        surprise, number = silence.bare, bin_of(now)
        while number * BIN < latest:
            age = number - bin_of(silence.since) - 1
            surprise += share * aged(state.hazard, table, slot_of(view.zone, number), age)
            number += 1
            seen = silence.seen + number * BIN - now
            enough = needed - (0.0 if share < BLIND else _relief(view, silence, seen))
            if surprise < enough and not silence.after_door:
                continue
            reached = calibrated(state.hazard, surprise)
            if silence.after_door:
                reached = outings.surprise_after_door(state.outings, seen, reached)
            if reached > enough - ROUNDING:
                return min(max((number - 1) * BIN, _lies_in_until(view, silence)), latest)
        return latest

    def _has_ended(self, view: View) -> bool:
        """Whether somebody was seen after the silence that was told had begun."""
        told, state = view.state.inactive_since, view.state
        return told is not None and max(state.inside_at or 0.0, state.exit_at or 0.0) > told

    def surprise(self, view: View, first: int, until: float) -> tuple[float, float]:
        """The surprise of a silence from bin `first` to `until`, and how many seconds of it could be seen."""
        last, table = bin_of(until), self._hours(view)
        surprise = seen = 0.0
        for number, share in zip(range(first, last + 1), view.visibility(first, last), strict=True):
            if share <= 0.0 or view.is_absent_in(number * BIN, number * BIN + BIN):
                continue
            part = share if number < last else share * min(1.0, (until - number * BIN) / BIN)
            surprise += part * aged(view.state.hazard, table, slot_of(view.zone, number), number - first)
            seen += part * BIN
        return surprise, seen

    def _silence(self, view: View) -> Silence | None:
        """The present silence, None while it is too short to matter."""
        state, now = view.state, view.frontier
        since = max(state.inside_at or 0.0, state.exit_at or 0.0, state.begun_at)
        since = max(since, now - LOOKED_BACK)
        if now - since < SHORTEST:
            return None
        bare, seen = self.surprise(view, bin_of(since) + 1, now)
        surprise = calibrated(state.hazard, bare)
        after_door = view.may_be_out()
        if after_door:
            surprise = outings.surprise_after_door(state.outings, seen, surprise)
        return Silence(since, now - since, seen, surprise, bare, after_door)

    def _is_told(self, view: View, silence: Silence) -> bool:
        needed = SURPRISE + _caution(view) + view.asked(Kind.INACTIVITY)
        needed += view.visible_now() < DEGRADED
        needed += clock_changed(view.zone, view.frontier, AFTER_CLOCK_CHANGE)
        needed -= _relief(view, silence, silence.seen)
        if self._stands(view):
            needed -= STAYS
        elif silence.seen < SHORTEST:
            return False
        elif view.frontier < _lies_in_until(view, silence):
            needed = math.inf
        if silence.surprise >= needed:
            return True
        if silence.after_door:
            return silence.seen >= NET_AFTER_DOOR
        over_night = is_night(view.zone, silence.since) or is_night(view.zone, silence.since + silence.seconds / 2)
        return silence.seen >= (NET_OVER_NIGHT if over_night else NET)

    def _is_buried(self, view: View, silence: Silence, visible: float) -> bool:
        """Whether an unusual silence had begun before sight was lost, or what was told of it still stands."""
        if self._stands(view):
            return silence.surprise >= _lost(view) - STAYS
        if visible >= BLIND or view.frontier < _lies_in_until(view, silence):
            return False
        return silence.surprise >= _lost(view) and silence.seen >= LOST_SEEN

    def _stands(self, view: View) -> bool:
        """Whether this silence was told already."""
        return view.state.inactive_since is not None and not self._has_ended(view)

    def _hours(self, view: View) -> list[float]:
        changed = clock_changed(view.zone, view.frontier, AFTER_CLOCK_CHANGE)
        width = SMOOTHING_AFTER_CLOCK_CHANGE if changed else SMOOTHING
        if self._table is None or self._table_width != width:
            self._table, self._table_width = hazard_table(view.state.hazard, width), width
        return self._table

    def _lost_sight(self, view: View, silence: Silence) -> Deviation:
        """Nobody had moved for long when the home went dark: that it cannot be seen must not bury it."""
        began = words.clock(silence.since, view.frontier, view.zone)
        seen, silent = words.span(silence.seen), view.silent_names()
        rare = words.once_in(rarity(view.state.hazard, silence.surprise), known=view.state.hazard.days)
        text = (
            f"No movement since {began} ({seen} of it seen), and then sight of the home was lost"
            f"{'' if silent else ' for a time'}. Even what was seen of it comes here {rare} "
            f"({words.many(view.state.hazard.days, 'day')} known); whether anybody moved since is not known."
        )
        text += words.not_heard(silent)
        evidence = self._evidence(view, silence)
        return Deviation(Kind.INACTIVITY, "", Urgency.SOON, silence.since, text, evidence)

    def _evidence(self, view: View, silence: Silence) -> dict[str, float | int | str]:
        return {
            "silent_hours": words.hours(silence.seconds),
            "seen_hours": words.hours(silence.seen),
            "surprise": round(silence.surprise, 2),
            "days_learned": view.state.hazard.days,
            "last_device": view.state.inside_device,
        }

    def _deviation(self, view: View, silence: Silence) -> Deviation:
        state, now = view.state, view.frontier
        where = next((w.device.room for w in view.watchers if w.device.id == state.inside_device), None)
        started = words.clock(silence.since, now, view.zone)
        text = [f"No movement since {started} ({words.span(silence.seconds)})"]
        if silence.after_door:
            text[0] += ", when an outside door moved: perhaps out, but away for unusually long"
        elif where is not None and state.inside_at == silence.since:
            text[0] += f", last in {ROOM_NAME[where]}"
        text[0] += "."
        if state.pet_at is not None and state.pet_at > silence.since:
            pet = words.clock(state.pet_at, now, view.zone)
            text.append(f"A lone movement at {pet}, where a pet is, was not counted.")
        overruled = view.overruled_at(now)
        if overruled is not None:
            text.append(f"Told to be {absences.moving_words(overruled, now, view.zone)}.")
        text.append(_usual(view, silence))
        if silence.seconds - silence.seen > HOUR:
            text.append(f"Of this time {words.span(silence.seconds - silence.seen)} could not be seen.")
        told = " ".join(text) + words.not_heard(view.silent_names())
        return Deviation(Kind.INACTIVITY, "", Urgency.URGENT, silence.since, told, self._evidence(view, silence))


def _caution(view: View) -> float:
    """How much more surprise is asked for until a week is learned."""
    return next((more for until, more in CAUTION if view.state.hazard.days < until), 0.0)


def _began_at_night(view: View, silence: Silence) -> bool:
    """Whether who fell silent may have gone to bed."""
    return not TO_BED[1] <= slot_of(view.zone, bin_of(silence.since)) < TO_BED[0]


def _lies_in_until(view: View, silence: Silence) -> float:
    """Until when who fell silent in the night may simply be lying in; 0.0 where that is no question.

    Of so few mornings no sum of hazards says how rare a late one is: it must be later than all of them.
    """
    if view.home.residents > 1:
        return 0.0
    now = slot_of(view.zone, bin_of(view.frontier))
    if not _began_at_night(view, silence) or not MORNING <= now < TO_BED[0]:
        return 0.0
    rises = view.state.rising.rises
    latest = BEFORE_KNOWN if len(rises) < MORNINGS else max(rises) + 1 + LATER_THAN_EVER
    return (bin_of(view.frontier) + latest - now) * BIN if now < latest else 0.0


def _relief(view: View, silence: Silence, seen: float) -> float:
    """How much less surprise is asked for once `seen` seconds of it were seen."""
    if silence.after_door or seen <= SHORTEST or _began_at_night(view, silence):
        return 0.0
    return min(RELIEF * (seen - SHORTEST) / HOUR, MOST_RELIEF)


def _lost(view: View) -> float:
    return LOST + _caution(view)


def _usual(view: View, silence: Silence) -> str:
    """What is usual in the busiest of the silent hours, the first of several, and how rare such a silence is."""
    learned = view.state.hazard
    if not learned.days:
        return "What is usual here is not known yet: so long without movement is told everywhere."
    first, last = bin_of(silence.since) // 4 + 1, bin_of(view.frontier) // 4 - 1
    hours = [slot_of(view.zone, number * 4) // 4 for number in range(first, last + 1)]
    hour = max(hours, key=lambda hour: round(learned.hour_active[hour], 6), default=None)
    often = 0 if hour is None else round(learned.days * learned.hour_active[hour] / learned.hour_days)
    rare = words.once_in(rarity(learned, silence.surprise), known=learned.days)
    if hour is None or often <= learned.days / 2:
        return f"So long a silence at this time comes here {rare} ({words.many(learned.days, 'day')} known)."
    usual = f"Usually there is movement between {hour:02}:00 and {hour + 1:02}:00 ({often} of {learned.days} days)"
    return f"{usual}; such a silence comes here {rare}."


def rarity(learned: HazardState, surprise: float) -> float:
    """In how many days a silence of so much surprise comes once here: exp(surprise) silences (facts II.13).

    Beyond `INDEPENDENT` silences are commoner than that: then by as much as was measured.
    """
    a_day = max(learned.silences / learned.hour_days, 1.0) if learned.hour_days else 1.0
    beyond = min(max(surprise - INDEPENDENT, 0.0), 30.0)
    return math.exp(min(surprise, INDEPENDENT) + BEYOND * beyond) / a_day
