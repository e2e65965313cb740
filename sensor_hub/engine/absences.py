"""Planned absences: people's word that nobody is at home. It outranks what is inferred, until somebody lives there.

A stay that was put off or ended early leaves the resident unwatched. So a planned absence in which somebody moves about
for two hours does not hold from then on; it holds again once they have gone out by a door.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from zoneinfo import ZoneInfo

from sensor_hub.engine import words
from sensor_hub.engine.civil import BIN, bin_of
from sensor_hub.engine.forgetting import is_kept
from sensor_hub.engine.outings import begins_at_door
from sensor_hub.engine.state import AbsenceState, EngineState
from sensor_hub.engine.timeline import Timeline
from sensor_hub.model.home import Absence
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.stay import OPEN

RETURN_GRACE = 12 * HOUR
"""After a planned absence nobody is expected to be seen until they are, or this time has passed."""
WINDOW, ACTIVE, ENDS, ROOMS = 8, 4, 2, 2
"""Two hours (facts II.12): with movement in four of the eight quarters, one of the first two and one of the last two
among them, in two rooms. A cleaner or a neighbour with the flowers does not stay so long."""
GONE = 2
"""Quarters of silence after a door, and they have gone out."""
LAST_HOUR, LEAVING = HOUR, 15 * MINUTE
"""An outside door that moves in the last hour of a told visit, or so long after its end, is the visitor's, who leaves:
care visits last no longer. In a longer one they may have gone out together."""
CONFIRMED_FOR = 14 * DAY
"""An absence of which nobody has said anything for longer is asked about."""


def take_word(state: EngineState, absence: Absence, *, is_planned: bool = False) -> None:
    """The last word about the absence that begins then: it takes the place of what was told of it before.

    `is_planned`: it stands so in the home's description. One that ends where it begins is withdrawn. One that was told,
    and by a later word is over already, has no `RETURN_GRACE`: they are said to be back.
    """
    known_from = 0.0 if absence.received is None else absence.received
    added = AbsenceState(absence.start, absence.end, known_from, is_planned=is_planned, told_at=known_from)
    if is_planned and not is_kept(added, state.frontier):
        return
    before = [one for one in state.absences if one.start == absence.start and not one.is_replaced]
    if is_planned:
        before = [one for one in before if not one.is_planned]
    if before and absence.end <= known_from:
        added.returned_at = absence.end
        added.moving_since = before[-1].moving_since
    # Known without a gap: the time before would be taken for silence.
    added.known_from = min([known_from, *(one.known_from for one in before)])
    for one in before:
        one.is_replaced = True
    state.absences = [one for one in state.absences if one.is_planned or not one.is_replaced]
    if absence.end > absence.start and is_kept(added, state.frontier):
        state.absences.append(added)


def plan(state: EngineState, planned: Iterable[Absence]) -> None:
    """The absences of the home's description are these and no others; those told otherwise stay.

    What was forgotten stays so: it would begin again as one from which nobody has returned.
    """
    wanted = {(absence.start, absence.end): absence for absence in planned}
    state.absences = [one for one in state.absences if not one.is_planned or (one.start, one.end) in wanted]
    known = {(absence.start, absence.end) for absence in state.absences if absence.is_planned}
    for times, absence in wanted.items():
        if times not in known:
            take_word(state, absence, is_planned=True)


def turns(absence: AbsenceState) -> tuple[float, ...]:
    """When it may begin or cease to count, or other words are due."""
    if absence.is_replaced:
        return ()
    told = _told_at(absence)
    return absence.known_from, absence.start, absence.end, _back(absence), told + CONFIRMED_FOR


def covers(absence: AbsenceState, at: float, frontier: float) -> bool:
    """Whether nobody is at home at `at` by people's word, as far as it is known at `frontier`."""
    is_known = absence.known_from <= frontier and not absence.is_replaced
    return is_known and absence.start <= at < max(absence.end, _back(absence))


def holds(absence: AbsenceState, at: float) -> bool:
    """Whether nothing seen speaks against it at `at`."""
    return absence.moving_since is None or at < absence.moving_since


def ends(absence: AbsenceState) -> float:
    """When it was over, as people said or as was seen."""
    return absence.end if absence.moving_since is None else min(absence.end, absence.moving_since)


def follow(absence: AbsenceState, state: EngineState, timeline: Timeline, rooms: Collection[int]) -> bool:
    """Looks whether somebody lives there; whether that has changed. `rooms`: the bits of each room's sensors.

    Only quarters that are over count, so that it says the same at every moment of one.
    """
    now = bin_of(state.frontier)
    first = max(now - WINDOW, bin_of(absence.start - 1) + 1)
    seen = [(n, word) for n in range(first, now) if (word := timeline.active_in(n) & sum(rooms))]
    before = absence.moving_since
    if before is None and _lives(seen, now, rooms):
        absence.moving_since = seen[0][0] * BIN
    elif before is not None and _has_left(state, now):
        absence.moving_since = None
    return absence.moving_since != before


def away_words(state: EngineState, absence: AbsenceState, zone: ZoneInfo) -> str:
    """Why nothing is judged while it holds."""
    now = state.frontier
    text = _planned_words(absence, now, zone)
    told = max(_told_at(one) for one in state.absences if covers(one, now, now))
    if now - told < CONFIRMED_FOR or now >= absence.end:
        return text
    return f"{text}, and nothing was said of it for {words.span(CONFIRMED_FOR)}: please confirm that it still holds"


def moving_words(absence: AbsenceState, now: float, zone: ZoneInfo) -> str:
    """Why it does not hold."""
    since = now if absence.moving_since is None else absence.moving_since
    planned, began = _planned_words(absence, now, zone), words.clock(since, now, zone)
    return f"{planned}, but somebody has moved about inside since {began}: watched as at home"


def _planned_words(absence: AbsenceState, now: float, zone: ZoneInfo) -> str:
    if absence.end == OPEN:
        return f"away since {words.clock(absence.start, now, zone)}, until somebody says otherwise"
    return f"away until {words.clock(absence.end, now, zone)} as planned"


def _told_at(absence: AbsenceState) -> float:
    return max(absence.start, absence.known_from, absence.told_at)


def _back(absence: AbsenceState) -> float:
    return absence.end + RETURN_GRACE if absence.returned_at is None else absence.returned_at


def _lives(seen: list[tuple[int, int]], now: int, rooms: Collection[int]) -> bool:
    if len(seen) < ACTIVE or seen[0][0] >= now - WINDOW + ENDS or seen[-1][0] < now - ENDS:
        return False
    return sum(any(word & bits for _, word in seen) for bits in rooms) >= ROOMS


def _has_left(state: EngineState, now: int) -> bool:
    last = max(state.inside_at or 0.0, state.exit_at or 0.0)
    return begins_at_door(state.exit_at, state.inside_at) and bin_of(last) < now - GONE


class Whereabouts:
    """Who is at home and in company, as people said and as far as it is known at the frontier."""

    state: EngineState
    zone: ZoneInfo
    frontier: float

    def absence_at(self, at: float) -> AbsenceState | None:
        """The planned absence that covers `at` and holds, as far as it is known at the frontier."""
        if not self.state.absences:
            return None
        return next((one for one in self._covering(at) if holds(one, at)), None)

    def overruled_at(self, at: float) -> AbsenceState | None:
        """The planned absence that would cover `at`, had nobody been seen to live there."""
        return next((one for one in self._covering(at) if not holds(one, at)), None)

    def _covering(self, at: float) -> Iterator[AbsenceState]:
        return (one for one in self.state.absences if covers(one, at, self.frontier))

    def away_words(self, absence: AbsenceState) -> str:
        """Why nothing is judged in this absence."""
        return away_words(self.state, absence, self.zone)

    def may_be_out(self) -> bool:
        """Whether the silence that lasts, or that was just ended, may be a going out: it began at a door, and not at
        one by which a visitor left."""
        state = self.state
        door = state.exit_at
        return door is not None and begins_at_door(door, state.inside_at) and not self.is_visitors(door, door)

    def is_visitors(self, first: float, last: float) -> bool:
        """Whether an outside door that moved from `first` to `last` was a visitor's, who left, as people said."""
        return any(
            max(began, ended - LAST_HOUR) <= last and first <= ended + LEAVING
            for began, ended in self.state.visits_told
        )

    def is_in_company(self, start: float, end: float) -> bool:
        """Whether somebody was with the resident in any part of the stretch, as people said."""
        return any(began < end and start < ended for began, ended in self.state.visits_told)

    def company_in(self, start: float, end: float) -> float:
        """For how many seconds of the stretch somebody was with the resident, as people said."""
        company, until = 0.0, start
        for began, ended in sorted(self.state.visits_told):
            company += max(min(end, ended) - max(until, began), 0.0)
            until = max(until, ended)
        return company

    def is_absent_in(self, start: float, end: float) -> bool:
        """Whether any part of the stretch lies in a planned absence."""
        planned = self.state.absences
        return bool(planned) and any(
            self.frontier >= absence.known_from
            and not absence.is_replaced
            and absence.start < end
            and start < ends(absence)
            for absence in planned
        )
