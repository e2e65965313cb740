"""Lived-in rooms below a band for its duration.

Bands: 18 °C World Health Organization, Housing and Health Guidelines, 2018; 16, 12 and 9 °C Collins, "Low indoor
temperatures and morbidity in the elderly", 1986.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.engine import words
from sensor_hub.engine.civil import BIN, bin_of, slot_of
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.room import Room


@dataclass(frozen=True, slots=True)
class Band:
    below: float
    lasting: float
    urgency: Urgency


BANDS = (
    Band(18.0, 6 * HOUR, Urgency.NOTICE),
    Band(18.0, 3 * HOUR, Urgency.SOON),
    Band(16.0, 2 * HOUR, Urgency.SOON),
    Band(12.0, 30 * MINUTE, Urgency.URGENT),
    Band(9.0, 15 * MINUTE, Urgency.URGENT),
)
"""From mild to grave. Below 18 °C many homes are all winter: that waits for the review, and is told (the second band)
only where it is a change, `CHANGE` below what is usual here at that hour."""
CHANGED = 1
CHANGE = 1.5
WARMER, WARM_FOR = 0.5, HOUR
"""An episode ends half a degree above its band, for an hour."""
CARRIED = 8
"""A thermometer's value stands for two hours."""
USUAL_FADING = 0.93
"""A day: half is forgotten in ten days."""
STRANGE_WEIGHT = 0.25
"""An hour that is off by a `CHANGE` is learned at a quarter: a slow cooling must not become usual."""


class Cold:
    """Judges the temperature where the resident is, or else the warmest lived-in room."""

    def feel(self, view: View) -> float | None:
        """What the resident feels now, °C; None when that cannot be told."""
        return self._felt(view, bin_of(view.frontier))

    def follow(self, view: View, felt: float | None) -> None:
        """Begins, worsens or ends the episode by what is felt now; does nothing while that cannot be told."""
        state = view.state
        if felt is None or view.absence_at(view.frontier) is not None:
            return
        band = self._band(view, felt)
        if band >= 0:
            state.cold_warm_since = None
            if band > state.cold_band:
                state.cold_band = band
                state.cold_band_since = self._began(view, BANDS[band].below)
            if state.cold_since is None:
                state.cold_since = state.cold_band_since
        elif state.cold_since is not None and self._is_over(view, felt):
            state.cold_since, state.cold_warm_since, state.cold_band = None, None, -1

    def judge(self, view: View, felt: float | None) -> Iterator[Finding]:
        """The episode that holds, or why none can be told."""
        now = view.frontier
        absence = view.absence_at(now)
        if not view.thermometers:
            yield Blind(Kind.COLD, "", "no thermometer in a lived-in room")
        elif absence is not None:
            yield Blind(Kind.COLD, "", f"away until {words.clock(absence.end, now, view.zone)} as planned")
        elif felt is None:
            names = words.listed([device.id for device in view.thermometers])
            yield Blind(Kind.COLD, "", f"no usable temperature from {names} for two hours")
        elif view.state.cold_since is not None:
            yield self._deviation(view, felt, view.state.cold_since)

    def learn(self, view: View, felt: float | None) -> None:
        """Learns what is usual at this hour, once an hour, and not while it is cold or nobody is there."""
        state, hour_number = view.state, bin_of(view.frontier) // 4
        if felt is None or hour_number == state.hour_learned or state.cold_since is not None:
            return
        if view.absence_at(view.frontier) is not None:
            return
        state.hour_learned = hour_number
        hour = slot_of(view.zone, hour_number * 4) // 4
        weight, usual = state.usual_weight[hour] * USUAL_FADING, state.usual_temperature[hour]
        counts = STRANGE_WEIGHT if weight >= 2.0 and abs(felt - usual) > CHANGE else 1.0
        state.usual_temperature[hour] = round((usual * weight + felt * counts) / (weight + counts), 4)
        state.usual_weight[hour] = weight + counts

    def _felt(self, view: View, number: int) -> float | None:
        """The temperature of the room with the last movement within two hours, else of the warmest lived-in room."""
        values: dict[Room, float] = {}
        for device in view.thermometers:
            value = view.temperatures.value(device.id, number, CARRIED)
            if value is not None:
                values[device.room] = max(value, values.get(device.room, value))
        if not values:
            return None
        for step in range(number, number - CARRIED, -1):
            active = view.timeline.active_in(step)
            if active:
                here = {w.device.room for w in view.watchers if active & w.bit} & values.keys()
                if here:
                    return max(values[room] for room in here)
        return max(values.values())

    def _band(self, view: View, felt: float) -> int:
        """The gravest band that has held for its duration, -1 for none."""
        found, last = -1, bin_of(view.frontier)
        if felt >= BANDS[0].below:
            return found
        for index, band in enumerate(BANDS):
            bins = max(int(band.lasting // BIN), 1)
            values = [self._felt(view, number) for number in range(last - bins, last + 1)]
            known = [value for value in values if value is not None]
            if len(known) * 4 < len(values) * 3 or max(known) >= band.below:
                continue
            if index != CHANGED or self._is_change(view, sum(known) / len(known)):
                found = index
        return found

    def _is_change(self, view: View, mean: float) -> bool:
        hour = slot_of(view.zone, bin_of(view.frontier)) // 4
        weights, usual = view.state.usual_weight, view.state.usual_temperature
        near = [h % 24 for h in range(hour - 3, hour + 1) if weights[h % 24] > 0]
        return len(near) == 4 and sum(usual[h] for h in near) / 4 - mean >= CHANGE

    def _is_over(self, view: View, felt: float) -> bool:
        state, now = view.state, view.frontier
        if felt < BANDS[max(state.cold_band, 0)].below + WARMER:
            state.cold_warm_since = None
            return False
        if state.cold_warm_since is None:
            state.cold_warm_since = now
        return now - state.cold_warm_since >= WARM_FOR

    def _began(self, view: View, below: float) -> float:
        """When the temperature last fell below the band, as far back as two days are kept."""
        number = bin_of(view.frontier)
        while number > view.temperatures.newest - 180:
            value = self._felt(view, number - 1)
            if value is None or value >= below:
                break
            number -= 1
        return max(number * BIN, view.state.begun_at)

    def _deviation(self, view: View, felt: float, since: float) -> Deviation:
        state, now = view.state, view.frontier
        band = BANDS[max(state.cold_band, 0)]
        hour = slot_of(view.zone, bin_of(now)) // 4
        started, lasted = words.clock(state.cold_band_since, now, view.zone), words.span(now - state.cold_band_since)
        text = f"{words.degrees(felt)} in the lived-in rooms, below {band.below:g} °C since {started} ({lasted})."
        evidence: dict[str, float | int | str] = {"temperature": round(felt, 1), "below": band.below}
        if state.usual_weight[hour] > 0:
            usual = state.usual_temperature[hour]
            text += f" Usually {words.degrees(usual)} at this hour."
            evidence["usual"] = round(usual, 1)
        return Deviation(Kind.COLD, "", band.urgency, since, text, evidence)
