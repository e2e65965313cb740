"""A lived-in room about to be cold: it falls, no heating was seen, and soon it passes 16 °C.

Joins the episode of `cold`: one alert, told earlier.
"""

from __future__ import annotations

from typing import NamedTuple

from sensor_hub.engine import heat, thermal, words
from sensor_hub.engine.civil import BIN, bin_of, slot_of
from sensor_hub.engine.detectors.temperature import COLD, usual_words
from sensor_hub.engine.view import Felt, View
from sensor_hub.model.finding import Deviation, Evidence, Finding
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.room import ROOM_NAME

BELOW, LIMIT = 18.0, 16.0
"""°C: already below the one (the World Health Organization's least), about to pass the other, the band that
interrupts."""
SOON_COLD = 12 * HOUR
WITHOUT_HEAT = 12 * HOUR
UNUSUAL_FALL = 0.5
"""No more than this share of the fall may be usual at this hour, and the room must be colder than usual (by
`temperature.COLD.change`): many homes cool each night and are heated in the morning."""
MEASURED = 12
"""Quarters over which the fall is measured: three hours."""
FALLING = -0.1
"""°C/h: a room that falls more slowly is being heated, or keeps its warmth."""
OVER_AFTER = HOUR


class Outlook(NamedTuple):
    """How the room falls now, and when it passes the limit (infinity: never)."""

    fall: thermal.Fall
    crosses_at: float


def follow(view: View, felt: Felt | None) -> None:
    """Begins or ends the forecast, once a quarter of an hour; does nothing while it cannot be told."""
    state, now = view.state.thermal, view.frontier
    number = bin_of(now)
    if number == state.foreseen_bin or felt is None or view.absence_at(now) is not None:
        return
    if state.foreseen_since is None and felt.value >= BELOW:
        # Not a look: a reading later in this quarter may be colder.
        return
    state.foreseen_bin = number
    if view.state.cold.band >= 0 and COLD.bands[view.state.cold.band].urgency.interrupts:
        state.foreseen_since = state.foreseen_ends = None
        return
    outlook = _outlook(view, felt)
    if state.foreseen_since is None:
        if outlook is not None and _is_foreseen(view, felt, outlook):
            state.foreseen_since = now
    elif heat.mark_of(state, state.newest) == heat.HEATED or outlook is None or outlook.crosses_at > now + DAY:
        state.foreseen_ends = now if state.foreseen_ends is None else state.foreseen_ends
        if now - state.foreseen_ends >= OVER_AFTER:
            state.foreseen_since = state.foreseen_ends = None
    else:
        state.foreseen_ends = None


def join(view: View, felt: Felt | None, found: list[Finding]) -> list[Finding]:
    """The findings with the forecast in them, where it says more than the band that has been reached."""
    since = view.state.thermal.foreseen_since
    if since is None or felt is None:
        return found
    told = next((one for one in found if one.kind is Kind.COLD), None)
    if told is not None and not (isinstance(told, Deviation) and not told.urgency.interrupts):
        return found
    began = told.since if isinstance(told, Deviation) else since
    text, evidence = _text(view, felt)
    others = [one for one in found if one is not told]
    return [*others, Deviation(Kind.COLD, "", Urgency.SOON, began, text, evidence)]


def _outlook(view: View, felt: Felt) -> Outlook | None:
    """None while nothing says how this home cools, or how cold it is outdoors, or while the room does not fall."""
    number = view.state.thermal.newest
    outside, expected = heat.mean_outdoors(view, MEASURED * BIN), heat.mean_outdoors(view, DAY)
    falls = []
    for device in view.thermometers:
        tau, change = heat.tau_of(view, device), heat.rate(view, device, number, MEASURED)
        if device.room is felt.room and tau is not None and change is not None:
            falls.append((change, tau))
    if outside is None or expected is None or not falls:
        return None
    change, tau = max(falls)
    if change > FALLING:
        return None
    fall = thermal.Fall(felt.value, outside, expected, change)
    return Outlook(fall, view.frontier + thermal.hours_until(LIMIT, fall, tau) * HOUR)


def _is_foreseen(view: View, felt: Felt, outlook: Outlook) -> bool:
    if outlook.crosses_at > view.frontier + SOON_COLD:
        return False
    return _is_unusual(view, felt, outlook) and heat.cold_for(view.state.thermal) >= WITHOUT_HEAT


def _is_unusual(view: View, felt: Felt, outlook: Outlook) -> bool:
    state, hour = view.state, slot_of(view.zone, bin_of(view.frontier)) // 4
    before = (hour - MEASURED // 4) % 24
    if state.usual_weight[hour] <= 0 or state.usual_weight[before] <= 0:
        return False
    usual_change = state.usual_temperature[hour] - state.usual_temperature[before]
    change = outlook.fall.rate * MEASURED * BIN / HOUR
    return state.usual_temperature[hour] - felt.value >= COLD.change and usual_change >= UNUSUAL_FALL * change


def _text(view: View, felt: Felt) -> tuple[str, Evidence]:
    now, zone = view.frontier, view.zone
    hour = slot_of(zone, bin_of(now)) // 4
    evidence: dict[str, float | int | str] = {"temperature": round(felt.value, 1)}
    outlook = _outlook(view, felt)
    text = f"{words.degrees(felt.value)} in {ROOM_NAME[felt.room]}"
    outside = ""
    if outlook is not None:
        text += " and falling"
        evidence |= {"outdoors": round(outlook.fall.outdoors, 1), "rate": round(outlook.fall.rate, 2)}
        outside = f", {words.degrees(outlook.fall.outdoors)} outside"
    if outlook is not None and outlook.crosses_at < now + DAY:
        text += f", at this rate {LIMIT:g} °C about {words.clock(_to_half_hour(outlook.crosses_at), now, zone)}"
        evidence["hours_to_16"] = words.hours(outlook.crosses_at - now)
    text += f"; {heat.words_since(view)}{outside}."
    if view.state.usual_weight[hour] > 0:
        text += usual_words(view, hour)
        evidence["usual"] = round(view.state.usual_temperature[hour], 1)
    return text, evidence


def _to_half_hour(at: float) -> float:
    return round(at / (2 * BIN)) * 2 * BIN
