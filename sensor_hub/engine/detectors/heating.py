"""No heating for days while it is cold outside and somebody is at home; or heating that gives half of what it did.

What a landlord calls a failed boiler. The degree days are those of the UK (base 15.5 °C).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from sensor_hub.engine import heat, thermal, words
from sensor_hub.engine.civil import BIN
from sensor_hub.engine.detectors.temperature import COLD
from sensor_hub.engine.part import ALWAYS, NEVER
from sensor_hub.engine.state import ThermalState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Learning, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import ROOM_NAME

OFF, FAILING = "off", "failing"
OFF_NOTICE, OFF_SOON = 2 * DAY, 3 * DAY
"""So long without heat waits for the review, and is told."""
COLD_FOR = 45 * HOUR
"""As long as the weather is remembered, two days less what a reading stands for."""
DEGREE_DAYS = 4.0
"""It is cold with so many degrees below `thermal.BASE` outdoors, on average."""
COOL, WARM_AGAIN = 18.0, 18.5
"""°C, the median of a day in the warmest lived-in room."""
HEATED_QUARTERS = 2
"""A day with fewer heated quarters of an hour was not heated (20 minutes)."""
HEATED_DAYS = 3
"""So many heated days must have been seen before their absence says anything."""
PATTERN, NEARLY, COLDER = 14, 0.75, 1.0
"""Of the last so many days this share must have been heated, and it must be so much colder (°C) than on those."""
HALF = 0.5
"""Of what heating usually gives in its best hour: less is a failing boiler."""
USUAL_DAYS, WEAK_DAYS, RECOVERED = 7, 2, 0.7
"""Failing: the last two days, each against at least a week of others; over at 70 % of what was usual."""
HEATED_FOR = 4
"""Quarters of heat a day from which on its strength says something."""
FASTER = 0.6
"""The last night's time constant against the others': a window, or the thermometer was moved."""


def _follow(view: View) -> None:
    """Begins or ends the episode, once an hour; does nothing while it cannot be told."""
    state, hour = view.state.thermal, int(view.frontier // HOUR)
    if hour == state.off_hour:
        return
    state.off_hour = hour
    why = state.off_why or _why(view)
    if not why or view.is_catching_up or _unknown(view) is not None:
        return
    warmth, outside = heat.warmth(view, state.newest), heat.mean_outdoors(view, COLD_FOR)
    if warmth is None or outside is None:
        return
    state.off_warmth, state.off_outdoors = round(warmth, 1), round(outside, 1)
    if state.off_since is not None:
        if warmth >= WARM_AGAIN or _is_over(view):
            state.off_since, state.off_why = None, ""
    elif (
        warmth < COOL and thermal.BASE - outside >= DEGREE_DAYS and _is_occupied(view) and _is_colder(view, why, warmth)
    ):
        state.off_why, state.off_since = why, view.frontier - (OFF_NOTICE if why == OFF else WEAK_DAYS * DAY)


def judge(view: View) -> Iterator[Finding]:
    """The episode that holds, or why none can be told."""
    _follow(view)
    unknown = _unknown(view)
    if view.state.thermal.off_since is not None and not isinstance(unknown, Blind | Unfitted):
        yield _deviation(view, view.state.thermal.off_since)
    elif unknown is not None:
        yield unknown


def due(view: View, said: list[Finding]) -> float:
    """The next hour, or when the night is over, or nothing is known outdoors; at every tick while something is told."""
    if any(isinstance(finding, Deviation) for finding in said):
        return ALWAYS
    if not view.thermometers:
        return NEVER
    known_until = heat.outdoors_end(view)
    if known_until is None and any(device.id not in view.quiet for device in view.outdoor_thermometers):
        return heat.due(view, said)
    # A quarter is looked at once it is over.
    ends = NEVER if known_until is None else (known_until + 1) * BIN
    return min((view.frontier // HOUR + 1) * HOUR, view.state.thermal.night_due, ends)


def _unknown(view: View) -> Finding | None:
    """Why nothing can be told of the heating; None when it can."""
    state, kind = view.state.thermal, Kind.HEATING_OFF
    absence = view.absence_at(view.frontier)
    if not view.thermometers:
        return Unfitted(kind, "", "no thermometer in a lived-in room")
    if not view.outdoor_thermometers:
        return Unfitted(kind, "", "no thermometer outdoors, so nothing says whether heating is needed")
    if absence is not None:
        return Blind(kind, "", view.away_words(absence))
    if heat.outdoors(view, state.newest) is None:
        return Blind(kind, "", "no usable temperature outdoors for three hours")
    if all(heat.tau_of(view, device) is None for device in view.thermometers):
        return Learning(kind, "", f"it has not cooled without heat in {thermal.NEEDED} nights yet")
    if len(_heated(heat.heated_days(state))) < HEATED_DAYS:
        return Learning(kind, "", f"heating has not been seen on {HEATED_DAYS} days yet")
    return None


def _heated(days: Sequence[heat.HeatedDay]) -> list[heat.HeatedDay]:
    return [day for day in days if day.quarters >= HEATED_QUARTERS]


def _is_occupied(view: View) -> bool:
    """Somebody was seen inside within the last day, where anything could see them."""
    inside_at = view.state.inside_at
    return inside_at is not None and view.frontier - inside_at < DAY


def _why(view: View) -> str:
    state = view.state.thermal
    if state.heated_at is not None and view.frontier - state.heated_at >= OFF_NOTICE:
        return OFF if heat.cold_for(state) >= OFF_NOTICE - HOUR else ""
    return FAILING if _is_failing(heat.heated_days(state)) else ""


def _before(state: ThermalState) -> list[heat.HeatedDay]:
    """The last days before heat was seen no more."""
    return [day for day in heat.heated_days(state) if state.heated_at is not None and day.end < state.heated_at + DAY][
        -PATTERN:
    ]


def _is_colder(view: View, why: str, warmth: float) -> bool:
    """Where no heat was seen: whether it was on nearly every day, and has left the home colder.

    A home that is heated gently all day long shows no rises, or few, and stays as warm.
    """
    before = _before(view.state.thermal)
    heated = _heated(before)
    if why == FAILING or not heated:
        return why == FAILING
    return len(heated) >= NEARLY * len(before) and warmth <= median(day.warmth for day in heated) - COLDER


def _is_failing(days: Sequence[heat.HeatedDay]) -> bool:
    weak = days[-WEAK_DAYS:]
    if any(day.quarters < HEATED_FOR for day in weak):
        return False
    usual = _usual_gain(days[:-WEAK_DAYS])
    return usual is not None and all(day.gain < HALF * usual for day in weak)


def _gains(days: Sequence[heat.HeatedDay]) -> list[float]:
    return [day.gain for day in days if day.quarters >= HEATED_FOR and day.gain > 0]


def _usual_gain(days: Sequence[heat.HeatedDay]) -> float | None:
    gains = _gains(days)
    return median(gains) if len(gains) >= USUAL_DAYS else None


def _is_over(view: View) -> bool:
    state = view.state.thermal
    if state.off_why == OFF:
        return state.heated_at is not None and state.off_since is not None and state.heated_at > state.off_since
    days = heat.heated_days(state)
    usual = _usual_gain(days[:-1])
    return usual is None or days[-1].gain >= RECOVERED * usual


def _deviation(view: View, since: float) -> Deviation:
    state, now, days = view.state.thermal, view.frontier, heat.heated_days(view.state.thermal)
    evidence: dict[str, float | int | str] = {
        "why": state.off_why,
        "temperature": state.off_warmth,
        "outdoors": state.off_outdoors,
    }
    if state.off_why == OFF:
        text = f"{heat.words_since(view, capital=True)}{_usual_hours(state)}"
    else:
        usual, gain = _usual_gain(days[:-1]) or 0.0, days[-1].gain
        text = f"Heating was seen, but it warmed the home by only {gain:.1f} °C an hour; usually {usual:.1f}"
        text += f" ({words.many(len(_gains(days[:-1])), 'day')})"
        evidence |= {"gain": gain, "usual_gain": usual}
    text += f". {words.degrees(state.off_warmth)} in the warmest room over the last day"
    text += f", {words.degrees(state.off_outdoors)} outside.{_cooling(view)}"
    is_long = state.off_why == FAILING or now - since >= OFF_SOON
    # One page for one cause: while the cold itself is told, this waits for the review.
    band = view.state.cold.band
    is_told = state.foreseen_since is not None or (band >= 0 and COLD.bands[band].urgency.interrupts)
    urgency = Urgency.SOON if is_long and not is_told else Urgency.NOTICE
    return Deviation(Kind.HEATING_OFF, "", urgency, since, text, evidence)


def _usual_hours(state: ThermalState) -> str:
    """`; usually about 4 h a day (on 13 of 14 days)`: of the days before, while they are remembered."""
    before = _before(state)
    heated = _heated(before)
    if not heated:
        return ""
    hours = median(day.quarters for day in heated) / 4
    return f"; usually about {hours:.0f} h a day (on {len(heated)} of {words.many(len(before), 'day')})"


def _cooling(view: View) -> str:
    """How it looks, never why."""
    for device in view.thermometers:
        nights = view.state.thermal.nights.get(device.id)
        usual = None if nights is None else thermal.time_constant(nights[:-1])
        if nights is not None and usual is not None and nights[-1] < FASTER * usual:
            return f" {ROOM_NAME[device.room].capitalize()} loses its warmth faster than it did."
    return " It cools as this home does without heat." if view.state.thermal.off_why == OFF else ""
