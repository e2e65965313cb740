"""What each day was like, in a few numbers, for the twelve weeks that slow change is judged over.

Only days that could be seen, at home and mostly alone are kept: a missing day is no day of nothing.
"""

from __future__ import annotations

import struct
import zlib
from datetime import date, datetime
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_
from typing import NamedTuple

from sensor_hub.engine.civil import BINS_A_DAY, bin_of, slot_of
from sensor_hub.engine.hazard import outing_bins
from sensor_hub.engine.state import DailyState
from sensor_hub.engine.view import View, Watcher
from sensor_hub.engine.visits import count_between
from sensor_hub.model.moment import HOUR, local
from sensor_hub.model.room import WASHROOMS, Room

SEEN = 0.9
"""Of a day, by every sensor of a person: one that is missing is a room that is missing."""
WHOLE = 22 * HOUR
"""The rest of the day on which the home was fitted is no day."""
MOST_COMPANY = 2 * HOUR
"""A carer's call belongs to the day; a day with more company than this is somebody else's too."""
KEPT = 84
"""Days: four weeks to judge and the eight before them."""
PARTS = ("at night", "in the morning", "in the afternoon", "in the evening")
"""Six hours each, from local midnight."""
PLACES: tuple[tuple[str, frozenset[Room]], ...] = (
    ("the living room", frozenset({Room.LIVING})),
    ("the bedroom", frozenset({Room.BEDROOM})),
    ("the bathroom", WASHROOMS),
    ("the kitchen", frozenset({Room.KITCHEN})),
    ("the hall", frozenset({Room.HALL, Room.ENTRANCE})),
    ("other rooms", frozenset({Room.DINING, Room.STUDY, Room.OTHER})),
)
KITCHEN = 3
"""The kitchen's position in `PLACES`."""
CELLS = len(PLACES) * len(PARTS)
"""The mix of a day: quarters of an hour with movement in each place and part of the day, places first."""
MIXES = 14
"""Days whose mix waits: the week that is judged, and the next one to be learned."""
WEEK, WEEKS = 7, 10
"""Days seen that make a learned week, and how many of these are kept."""
UP = 16
"""The quarter from which movement is getting up: 04:00."""
_ROW = struct.Struct("<H8B")
_FIRST_DAY = date(1970, 1, 1).toordinal()


class Day(NamedTuple):
    """One day in numbers. `number` counts local days from 1970-01-01; `first` and `last` are quarters from midnight."""

    number: int
    active: int
    """Quarters of an hour with any movement."""
    entries: int
    """Times that a room saw somebody after a quarter in which it had not, over all rooms."""
    rooms: int
    outings: int
    first: int
    """The first movement after 04:00."""
    last: int
    kitchen: int
    """Kitchen visits, told apart by a quarter without movement there."""
    visits: int
    """Bathroom visits."""

    @property
    def span(self) -> int:
        """Quarters from getting up to the last movement."""
        return max(self.last - self.first, 0)


def days(state: DailyState) -> tuple[Day, ...]:
    """The days that are kept, in order."""
    return _days(state.rows)


@lru_cache(maxsize=4)
def _days(rows: bytes) -> tuple[Day, ...]:
    # They are looked at several times a day, and change once.
    return tuple(Day(*row) for row in _ROW.iter_unpack(rows))


def kept(state: DailyState) -> int:
    """How many days are kept."""
    return len(state.rows) // _ROW.size


def mixes(state: DailyState) -> list[bytes]:
    """The mix of each of the last days seen, in order."""
    return [state.mixes[place : place + CELLS] for place in range(0, len(state.mixes), CELLS)]


def weeks(state: DailyState) -> list[bytes]:
    """The mix of each learned week: seven days seen, added up."""
    return [state.weeks[place : place + CELLS] for place in range(0, len(state.weeks), CELLS)]


def set_layout(view: View) -> None:
    """Begins anew where a sensor was added, removed or moved: its days compare with none before."""
    layout = _layout(view)
    if view.state.daily.layout != layout:
        view.state.daily = DailyState(layout=layout)


def carry_on(days: DailyState, before: View, view: View) -> None:
    """Goes on with these days where one sensor was replaced by another of its sort in its room.

    `before` is the home with the old one.
    """
    if days.layout == _layout(before) and _rooms(before) == _rooms(view):
        days.layout = _layout(view)
        view.state.daily = days


def _layout(view: View) -> int:
    return zlib.crc32(repr(sorted((w.device.id, w.device.room.value) for w in view.watchers)).encode())


def _rooms(view: View) -> list[tuple[str, bool]]:
    return sorted((w.device.room.value, w.is_exit) for w in view.watchers)


def note_day(view: View, start: float, end: float) -> bool:
    """Keeps the day from `start` to `end` if it can be compared with others; whether it can."""
    first, last, told = bin_of(start), bin_of(end - 1), view.state.inactive_since
    if end - start < WHOLE or (told is not None and told < end) or view.is_absent_in(start, end):
        return False
    if view.company_in(start, end) > MOST_COMPANY or not is_seen(view, view.watchers, first, last):
        return False
    state, day = view.state.daily, _day(view, start, end)
    rows = sorted([*(one for one in days(state) if one.number != day.number), day])
    state.rows = b"".join(_ROW.pack(*one) for one in rows if one.number > rows[-1].number - KEPT)
    _note_mix(state, _mix(view, first, last))
    return True


def number_of(view: View, at: float) -> int:
    """The number of the local day that holds `at`."""
    return local(at, view.zone).date().toordinal() - _FIRST_DAY


def moment_of(view: View, number: int) -> float:
    """The midnight at which the local day of that number began."""
    day = date.fromordinal(number + _FIRST_DAY)
    return datetime(day.year, day.month, day.day, tzinfo=view.zone).timestamp()


def is_seen(view: View, watchers: tuple[Watcher, ...], first: int, last: int) -> bool:
    """Whether each of them could see enough of the bins from `first` to `last`."""
    needed = SEEN * (last - first + 1)
    words = view.vouched(first, last, watchers) if watchers else []
    return bool(watchers) and all(sum(bool(word & w.bit) for word in words) >= needed for w in watchers)


def entries(view: View, bits: int, first: int, last: int) -> int:
    """How often one of these sensors saw somebody after a quarter in which none of them did."""
    return _entries(view.timeline.active_between(first - 1, last), bits)


def _entries(words: list[int], bits: int) -> int:
    """The same in these quarters, the first of which only says what was before."""
    return sum(1 for before, now in pairwise(words) if now & bits and not before & bits)


def _day(view: View, start: float, end: float) -> Day:
    first, last = bin_of(start), bin_of(end - 1)
    with_before = view.timeline.active_between(first - 1, last)
    words, out = with_before[1:], outing_bins(view, first, last)
    slots = [slot_of(view.zone, first + place) for place, word in enumerate(words) if word]
    up = [slot for slot in slots if slot >= UP]
    places, seen = _place_bits(view), reduce(or_, words, 0)
    entered = {place: _entries(with_before, bits) for place, bits in places.items()}
    numbers = (
        len(slots),
        sum(entered.values()),
        sum(bool(seen & bits) for bits in places.values()),
        sum(number - 1 not in out for number in out),
        min(up, default=BINS_A_DAY),
        max(up, default=0),
        entered.get(KITCHEN, 0),
        count_between(view.state.visits, start, end),
    )
    return Day(number_of(view, start), *(min(number, 255) for number in numbers))


def _place_bits(view: View) -> dict[int, int]:
    """The bits of the sensors in each place (its position in `PLACES`) that has any, doors to the outside included."""
    found: dict[int, int] = {}
    for watcher in view.watchers:
        place = next((n for n, (_, rooms) in enumerate(PLACES) if watcher.device.room in rooms), len(PLACES) - 1)
        found[place] = found.get(place, 0) | watcher.bit
    return found


def _mix(view: View, first: int, last: int) -> bytes:
    cells, places = [0] * CELLS, _place_bits(view)
    for number, word in enumerate(view.timeline.active_between(first, last), first):
        if word:
            part = slot_of(view.zone, number) * len(PARTS) // BINS_A_DAY
            for place, bits in places.items():
                if word & bits:
                    cells[place * len(PARTS) + part] += 1
    return bytes(cells)


def _note_mix(state: DailyState, mix: bytes) -> None:
    """The newest seven days are judged; those before wait until seven are a week to learn."""
    waiting = [*mixes(state), mix]
    if len(waiting) >= MIXES:
        # Seven days of six hours are 168 quarters, and the longest of all 172: a byte holds them.
        week = bytes(sum(cells) for cells in zip(*waiting[:WEEK], strict=True))
        state.weeks = (state.weeks + week)[-CELLS * WEEKS :]
        waiting = waiting[WEEK:]
    state.mixes = b"".join(waiting)
