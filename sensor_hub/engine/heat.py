"""Whether this home was being heated: a mark for each quarter of an hour of the last two days, and the days before.

A room is heated from when it gains 0.4 °C/h more than its own nights without heat explain, until that is below 0.1.
While those nights are not known, or nothing says how cold it is outdoors: from a rise of 0.3 °C in half an hour, while
it rises. What could also be the sun, a mild day, an airing that ended or cooking is marked so: evidence of neither.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import median
from typing import NamedTuple

from sensor_hub.engine import thermal, words
from sensor_hub.engine.civil import BIN, BINS_A_DAY, bin_of, next_hour, slot_of
from sensor_hub.engine.numbers import numbers
from sensor_hub.engine.part import NEVER
from sensor_hub.engine.state import ThermalState
from sensor_hub.engine.temperatures import SIZE
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Finding
from sensor_hub.model.home import Device
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR

UNKNOWN, COLD, HEATED, DOUBTFUL = range(4)
"""Marks of a quarter of an hour: not seen; no heat; heat; warmer, but perhaps not by heating."""
CARRIED, CARRIED_OUTDOORS = 8, 12
"""Quarters for which a value indoors, and outdoors, stands."""
STARTS, STAYS = 0.4, 0.1
"""°C/h of supply (`thermal.supply`) over half an hour that heating begins with, and goes on with."""
RISE_STARTS, RISE_STAYS = 0.6, 0.1
"""°C/h of rise, where the supply cannot be told."""
AIRING = 1.5
"""°C lost within a quarter: a window; what comes back in the hour after it is no heating."""
COOKING = 8.0
"""Percent of humidity gained within half an hour in the kitchen, likewise."""
DOUBTED_FOR = 4
SUNNY = range(9 * 4, 17 * 4)
"""Quarters of the day in which one room alone may be warmed by the sun."""
NIGHT_FROM, NIGHT_TO = 22, 6
FIRST_HOUR = 4
"""Quarters at the beginning of a decay that are not fitted: the air falls fast first, then the walls follow."""
SHORTEST = 16
"""Quarters of a decay that is fitted: four hours."""
NO_RISE = 0.1
"""°C that a falling room may rise."""
BEST = 4
"""The strength of a day's heating is that of its best quarters: a thermostat rests once it is warm."""
DAYS = 28
KNOWN = 0.8
"""A day of which less is known is not kept."""


class HeatedDay(NamedTuple):
    """A day up to `end`: for how many quarters of an hour it was heated, what the best of them gave (°C/h), and the
    median temperature of the warmest room (°C)."""

    end: float
    quarters: float
    gain: float
    warmth: float


def heated_days(state: ThermalState) -> tuple[HeatedDay, ...]:
    """The days kept, oldest first."""
    return _days_in(state.heated_days.tobytes())


@lru_cache(maxsize=4)
def _days_in(kept: bytes) -> tuple[HeatedDay, ...]:
    # They are looked at each hour, and change once a day.
    row, size = memoryview(kept).cast("d").tolist(), len(HeatedDay._fields)
    return tuple(HeatedDay(*row[place : place + size]) for place in range(0, len(row), size))


def follow(view: View) -> tuple[()]:
    """Marks the quarters that are over, and closes the night and the day. Says nothing itself."""
    if not view.thermometers:
        return ()
    state, last = view.state.thermal, bin_of(view.frontier) - 1
    if view.has_caught_up:
        state.newest, state.doubted_until = max(last - SIZE + FIRST_HOUR, 0), 0
    for number in range(max(state.newest + 1, last - SIZE + FIRST_HOUR), last + 1):
        _note_cooking(view, number)
        mark = _mark(view, number)
        state.marks[number % SIZE] = mark
        state.newest = number
        if mark == HEATED:
            state.heated_at = (number + 1) * BIN
    if state.night_due <= view.frontier and not view.is_catching_up:
        if view.frontier - state.night_due < DAY / 2:
            _close_night(view, state.night_due)
            _close_day(view, state.night_due)
        state.night_due = next_hour(view.zone, view.frontier, (NIGHT_TO,))
    return ()


def due(view: View, _said: list[Finding]) -> float:
    """When the next quarter is over."""
    if not view.thermometers:
        return NEVER
    return (view.state.thermal.newest + 2) * BIN


def mark_of(state: ThermalState, number: int) -> int:
    """The mark of a quarter of the last two days; `UNKNOWN` outside them."""
    return state.marks[number % SIZE] if state.newest - SIZE < number <= state.newest else UNKNOWN


def cold_for(state: ThermalState) -> float:
    """For how many seconds, up to two days, no heat was seen though at least nine tenths of the time were."""
    cold, found = 0, 0
    for count, number in enumerate(range(state.newest, state.newest - SIZE + FIRST_HOUR, -1), 1):
        mark = state.marks[number % SIZE]
        if mark in {HEATED, DOUBTFUL}:
            break
        cold += mark == COLD
        if cold >= 0.9 * count:
            found = count
    return found * BIN


def tau_of(view: View, device: Device) -> float | None:
    """τ of this thermometer's room, or that of the home's others together; None while neither is known."""
    taus = view.state.thermal.taus
    return taus.get(device.id) or (median(taus.values()) if taus else None)


def outdoors(view: View, number: int) -> float | None:
    """°C outdoors in that quarter; None where it cannot be told."""
    for device in view.outdoor_thermometers:
        value = view.temperatures.value(device.id, number, CARRIED_OUTDOORS)
        if value is not None:
            return value
    return None


def mean_outdoors(view: View, lasting: float) -> float | None:
    """°C outdoors on average over the last so many seconds; None if less than three quarters of them are known."""
    last = view.state.thermal.newest
    quarters = range(last - int(lasting // BIN) + 1, last + 1, 2)
    known = [value for number in quarters if (value := outdoors(view, number)) is not None]
    return sum(known, 0.0) / len(known) if len(known) * 4 >= len(quarters) * 3 else None


def outdoors_end(view: View) -> int | None:
    """The first quarter in which nothing is known outdoors any more, had nothing new come; None: nothing is now."""
    number, ends = view.state.thermal.newest, 0
    for device in view.outdoor_thermometers:
        value, known_in = view.temperatures.value_and_bin(device.id, number, CARRIED_OUTDOORS)
        if value is not None:
            ends = max(ends, known_in + CARRIED_OUTDOORS + 1)
    return ends or None


def rate(view: View, device: Device, number: int, quarters: int) -> float | None:
    """°C/h over so many quarters up to that one."""
    now = view.temperatures.value(device.id, number, CARRIED)
    before = view.temperatures.value(device.id, number - quarters, CARRIED)
    return None if now is None or before is None else _rate(before, now, quarters)


def supply(view: View, device: Device, number: int, tau: float) -> float | None:
    """What heated the room in the half hour up to that quarter, °C/h."""
    outside, rises = outdoors(view, number), rate(view, device, number, 2)
    value = view.temperatures.value(device.id, number, CARRIED)
    if outside is None or rises is None or value is None:
        return None
    return _supply(rises, value, outside, tau)


def _rate(before: float, now: float, quarters: int) -> float:
    return (now - before) / (quarters * BIN / HOUR)


def _supply(rises: float, value: float, outside: float, tau: float) -> float:
    """The supply in the half hour in which the room rose so to this value."""
    return thermal.supply(rises, value - rises / 4, outside, tau)


def warmth(view: View, last: int) -> float | None:
    """The median of the day up to that quarter in the warmest lived-in room; None if it is not known well enough."""
    found = []
    for device in view.thermometers:
        quarters = range(last - BINS_A_DAY + 1, last + 1)
        values = [view.temperatures.value(device.id, number, CARRIED) for number in quarters]
        known = [value for value in values if value is not None]
        if len(known) < KNOWN * BINS_A_DAY:
            return None
        found.append(median(known))
    return round(max(found), 2)


def words_since(view: View, *, capital: bool = False) -> str:
    """`no heating seen since Tue 14 Jan 14:00`."""
    at, start = view.state.thermal.heated_at, "No" if capital else "no"
    if at is None:
        return f"{start} heating seen yet"
    return f"{start} heating seen since {words.clock(at, view.frontier, view.zone)}"


def _mark(view: View, number: int) -> int:
    """The mark that a quarter deserves, given the one before."""
    state, goes_on = view.state.thermal, mark_of(view.state.thermal, number - 1) == HEATED
    temperature = view.temperatures.value
    if temperature(view.thermometers[0].id, number, CARRIED) is None:
        return UNKNOWN
    heated, doubtful, outside = 0, number < state.doubted_until, outdoors(view, number)
    for device in view.thermometers:
        now, before = temperature(device.id, number, CARRIED), temperature(device.id, number - 2, CARRIED)
        if now is None or before is None:
            return UNKNOWN
        rises, own = _rate(before, now, 2), state.taus.get(device.id)
        if own is None or outside is None:
            heated += rises >= (RISE_STAYS if goes_on else RISE_STARTS)
        else:
            heated += _supply(rises, now, outside, own) >= (STAYS if goes_on else STARTS)
        last = temperature(device.id, number - 1, CARRIED)
        if last is not None and _rate(last, now, 1) * BIN / HOUR < -AIRING:
            state.doubted_until = number + 1 + DOUBTED_FOR
    if not heated:
        return COLD
    doubtful = doubtful or (outside is not None and outside >= thermal.BASE)
    alone = heated == 1 < len(view.thermometers) and slot_of(view.zone, number) in SUNNY
    return DOUBTFUL if doubtful or alone else HEATED


def _note_cooking(view: View, number: int) -> None:
    state = view.state.thermal
    for device in view.kitchen_hygrometers:
        channel = view.device(device.id).channels.get(Metric.HUMIDITY)
        if channel is None:
            continue
        humidity = state.kitchen_humidity
        humidity.append(channel.good_value)
        del humidity[:-3]
        if humidity[-1] - humidity[0] > COOKING:
            state.doubted_until = number + 1 + DOUBTED_FOR
        return


def _close_night(view: View, end: float) -> None:
    """Fits the night that ended at `end`, each room for itself."""
    state, last = view.state.thermal, bin_of(end) - 1
    span = (NIGHT_TO - NIGHT_FROM) % 24 * 4
    for device in view.thermometers:
        decay = _decay(view, device, range(last - span + 1, last + 1))
        tau = None if decay is None else thermal.fit(decay)
        if tau is not None:
            state.nights[device.id] = numbers([*state.nights.get(device.id, ()), tau][-thermal.NIGHTS :])
    here = {device.id for device in view.thermometers}
    state.nights = {name: nights for name, nights in state.nights.items() if name in here}
    fitted = {name: thermal.time_constant(nights) for name, nights in state.nights.items()}
    state.taus = {name: tau for name, tau in fitted.items() if tau is not None}


def _decay(view: View, device: Device, night: range) -> thermal.Decay | None:
    """The longest fall of the night without its first hour; None if that is shorter than four hours."""
    falling: list[int] = []
    longest: list[int] = []
    lowest = 0.0
    for number in night:
        value = view.temperatures.value(device.id, number, 0)
        if value is None:
            continue
        if falling and value > lowest + NO_RISE:
            falling = []
        lowest = min(lowest, value) if falling else value
        falling.append(number)
        if not longest or falling[-1] - falling[0] > longest[-1] - longest[0]:
            longest = list(falling)
    fitted = [number for number in longest if number >= longest[0] + FIRST_HOUR]
    outside = [value for number in fitted if (value := outdoors(view, number)) is not None]
    if not fitted or fitted[-1] - fitted[0] < SHORTEST or len(fitted) * 2 < SHORTEST or len(outside) < len(fitted):
        return None
    values = [view.temperatures.value(device.id, number, 0) or 0.0 for number in fitted]
    return thermal.Decay([number * BIN / HOUR for number in fitted], values, sum(outside, 0.0) / len(outside))


def _close_day(view: View, end: float) -> None:
    """Keeps what heating the day up to `end` had, if it could be seen."""
    state, last = view.state.thermal, bin_of(end) - 1
    marks = [mark_of(state, number) for number in range(last - 95, last + 1)]
    known, warm = sum(mark != UNKNOWN for mark in marks), warmth(view, last)
    if known < KNOWN * len(marks) or warm is None or view.is_absent_in(end - DAY, end):
        return
    heated = [last - 95 + place for place, mark in enumerate(marks) if mark == HEATED]
    gains = sorted((max(gains) for number in heated if (gains := _gains(view, number))), reverse=True)[:BEST]
    gain = round(sum(gains, 0.0) / len(gains), 3) if gains else 0.0
    kept = [*state.heated_days, *HeatedDay(end, len(heated), gain, warm)]
    state.heated_days = numbers(kept[-DAYS * len(HeatedDay._fields) :])


def _gains(view: View, number: int) -> list[float]:
    """What each room whose τ is known was supplied in that quarter, °C/h."""
    taus = view.state.thermal.taus
    found = [supply(view, device, number, taus[device.id]) for device in view.thermometers if device.id in taus]
    return [gain for gain in found if gain is not None]
