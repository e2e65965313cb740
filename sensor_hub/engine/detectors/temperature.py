"""Lived-in rooms beyond a band for its duration: too cold, or too hot.

Cold: 18 °C World Health Organization, Housing and Health Guidelines, 2018; 16, 12 and 9 °C Collins, "Low indoor
temperatures and morbidity in the elderly", 1986. Heat: 26 °C the cool room of the UK Health Security Agency's guidance
for care homes; 32 °C by day WHO.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sensor_hub.engine import words
from sensor_hub.engine.civil import BIN, bin_of, slot_of
from sensor_hub.engine.part import ALWAYS, NEVER
from sensor_hub.engine.state import BandState
from sensor_hub.engine.view import Felt, View
from sensor_hub.model.finding import Blind, Deviation, Finding, Unfitted
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import ROOM_NAME, Room


@dataclass(frozen=True, slots=True)
class Band:
    """Beyond `limit` (°C) for `lasting` (seconds); `is_change`: only where that is not usual here."""

    limit: float
    lasting: float
    urgency: Urgency
    is_change: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One direction: `sign` −1 is below the limits, 1 above. Bands go from mild to grave.

    `change`: so many °C from what is usual here at this hour are a change; summer days differ more than heated rooms.
    """

    kind: Kind
    sign: int
    change: float
    bands: tuple[Band, ...]
    beyond: str


# Below 18 °C many homes are all winter: that waits for the review, and is told only where it is a change.
COLD = Side(
    Kind.COLD,
    -1,
    1.5,
    (
        Band(18.0, 6 * HOUR, Urgency.NOTICE),
        Band(18.0, 3 * HOUR, Urgency.SOON, is_change=True),
        Band(16.0, 2 * HOUR, Urgency.SOON),
        Band(12.0, 30 * MINUTE, Urgency.URGENT),
        Band(9.0, 15 * MINUTE, Urgency.URGENT),
    ),
    "below",
)
HEAT = Side(
    Kind.OVERHEATING,
    1,
    3.0,
    (
        Band(26.0, 6 * HOUR, Urgency.NOTICE),
        Band(26.0, 4 * HOUR, Urgency.SOON, is_change=True),
        Band(28.0, 2 * HOUR, Urgency.SOON),
        Band(32.0, HOUR, Urgency.URGENT),
    ),
    "above",
)
AGAIN = 7 * DAY
"""A change that was told so lately is no news: mornings as cool as yesterday's wait for the review."""
STRANGE = 1.5
"""°C from what is usual at this hour: such an hour is learned at a quarter."""
COOLEST, WARMEST = COLD.bands[0].limit, HEAT.bands[0].limit
"""A thermometer between these can be part of no episode."""
BACK, BACK_FOR = 0.5, HOUR
"""An episode ends half a degree inside its band, for an hour."""
MOST_KEPT = 64
CARRIED = 8
"""A thermometer's value stands for two hours."""
USUAL_FADING = 0.93
"""A day: half is forgotten in ten days."""
MOST_DAYS = 20
"""Days whose weights can be told from those of many more."""
STRANGE_WEIGHT = 0.25
"""A slow cooling must not become usual."""


def feel(view: View) -> Felt | None:
    """What the resident feels now; None when that cannot be told."""
    return _felt(view, bin_of(view.frontier))


def follow(view: View, side: Side, episode: BandState, felt: Felt | None) -> None:
    """Begins, worsens or ends the episode by what is felt now; does nothing while that cannot be told."""
    if felt is None or view.absence_at(view.frontier) is not None:
        return
    band = _band(view, side, felt.value)
    if band >= 0:
        episode.back_since = None
        if side.bands[band].is_change and _is_known(view, episode):
            band = 0
        if band > episode.band:
            episode.band = band
            if side.bands[band].is_change:
                episode.change_told_at = view.frontier
            episode.band_since = _began(view, side, side.bands[band].limit)
        if episode.since is None:
            episode.since = episode.band_since
    elif episode.since is not None and _is_over(view, side, episode, felt.value):
        episode.since, episode.back_since, episode.band = None, None, -1


def _is_known(view: View, episode: BandState) -> bool:
    """Whether an earlier episode's change was told within the week; this one's own stands."""
    told = episode.change_told_at
    return told is not None and view.frontier - told < AGAIN and episode.band <= 0


def judge(view: View, side: Side, episode: BandState, felt: Felt | None) -> Iterator[Finding]:
    """The episode that holds, or why none can be told."""
    now = view.frontier
    absence = view.absence_at(now)
    if not view.thermometers:
        yield Unfitted(side.kind, "", "no thermometer in a lived-in room")
    elif absence is not None:
        yield Blind(side.kind, "", view.away_words(absence))
    elif felt is None:
        names = words.listed([device.id for device in view.thermometers])
        yield Blind(side.kind, "", f"no usable temperature from {names} for two hours")
    elif episode.since is not None:
        yield _deviation(view, side, episode, felt)


def learn(view: View, felt: Felt | None) -> None:
    """Learns what is usual at this hour, once an hour, but not in an episode nor while nobody is there."""
    state, hour_number = view.state, bin_of(view.frontier) // 4
    if felt is None or hour_number == state.hour_learned:
        return
    in_episode = any(since is not None for since in (state.cold.since, state.heat.since, state.thermal.foreseen_since))
    if in_episode or view.absence_at(view.frontier) is not None:
        return
    state.hour_learned = hour_number
    hour = slot_of(view.zone, hour_number * 4) // 4
    weight, usual = state.usual_weight[hour] * USUAL_FADING, state.usual_temperature[hour]
    counts = STRANGE_WEIGHT if weight >= 2.0 and abs(felt.value - usual) > STRANGE else 1.0
    state.usual_temperature[hour] = round((usual * weight + felt.value * counts) / (weight + counts), 4)
    state.usual_weight[hour] = weight + counts


def due(view: View, said: list[Finding]) -> float:
    """When an hour may be learned, or no value is known any more; one that is not mild wakes the detector."""
    state, number = view.state, bin_of(view.frontier)
    if any(isinstance(finding, Deviation) for finding in said) or view.absence_at(view.frontier) is not None:
        return ALWAYS
    if not view.is_felt:
        # Unfitted, or blind: woken by the next value.
        return NEVER
    if state.cold.since is not None or state.heat.since is not None:
        return ALWAYS
    ends = number
    for device in view.thermometers:
        value, known_in = view.temperatures.value_and_bin(device.id, number, CARRIED)
        if value is not None and not COOLEST <= value <= WARMEST:
            return ALWAYS
        ends = max(ends, known_in + CARRIED + 1)
    return min(ends * BIN, (view.frontier // HOUR + 1) * HOUR)


def _felt(view: View, number: int) -> Felt | None:
    """`_felt_in`, kept for bins that are over."""
    if number >= bin_of(view.frontier):
        return _felt_in(view, number)
    kept = view.felt
    if number not in kept:
        if len(kept) > MOST_KEPT:
            kept.clear()
        kept[number] = _felt_in(view, number)
    return kept[number]


def _felt_in(view: View, number: int) -> Felt | None:
    """That of the room with the last movement within two hours, else of the warmest lived-in room."""
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
            here = [Felt(value, room) for room, value in values.items() if active & view.room_bits[room]]
            if here:
                return max(here)
    return max(Felt(value, room) for room, value in values.items())


def _is_beyond(side: Side, value: float, limit: float) -> bool:
    return (value - limit) * side.sign > 0


def _band(view: View, side: Side, felt: float) -> int:
    """The gravest band that has held for its duration, -1 for none."""
    found, last = -1, bin_of(view.frontier)
    if not _is_beyond(side, felt, side.bands[0].limit):
        return found
    for index, band in enumerate(side.bands):
        if not _is_beyond(side, felt, band.limit):
            break
        first = last - max(int(band.lasting // BIN), 1)
        known = [*_known_beyond(view, side, band.limit, range(first, last)), felt]
        if len(known) * 4 < (last - first + 1) * 3:
            continue
        if not band.is_change or _is_change(view, side, sum(known, 0.0) / len(known)):
            found = index
    return found


def _known_beyond(view: View, side: Side, limit: float, bins: range) -> list[float]:
    """What was felt in these bins; nothing if it was not beyond the limit in all those in which it is known."""
    known, kept = list[float](), view.felt
    # The latest first: it is the one that tells most often that there is no need to look further.
    for number in reversed(bins):
        felt = kept[number] if number in kept else _felt(view, number)
        if felt is None:
            continue
        if not _is_beyond(side, felt.value, limit):
            return []
        known.append(felt.value)
    return known[::-1]


def _is_change(view: View, side: Side, mean: float) -> bool:
    hour = slot_of(view.zone, bin_of(view.frontier)) // 4
    weights, usual = view.state.usual_weight, view.state.usual_temperature
    near = [h % 24 for h in range(hour - 3, hour + 1) if weights[h % 24] > 0]
    return len(near) == 4 and (mean - sum([usual[h] for h in near], 0.0) / 4) * side.sign >= side.change


def _is_over(view: View, side: Side, episode: BandState, felt: float) -> bool:
    now = view.frontier
    if (felt - side.bands[max(episode.band, 0)].limit) * side.sign > -BACK:
        episode.back_since = None
        return False
    if episode.back_since is None:
        episode.back_since = now
    return now - episode.back_since >= BACK_FOR


def _began(view: View, side: Side, limit: float) -> float:
    """When the temperature last went beyond the band, as far back as two days are kept."""
    number = bin_of(view.frontier)
    while number > view.temperatures.newest - 180:
        felt = _felt(view, number - 1)
        if felt is None or not _is_beyond(side, felt.value, limit):
            break
        number -= 1
    return max(number * BIN, view.state.begun_at)


def usual_words(view: View, hour: int) -> str:
    """` Usually 20.4 °C at this hour (12 days).`: those days whose weights together are what was learned."""
    days = round(math.log1p(-min(view.state.usual_weight[hour] * (1 - USUAL_FADING), 0.99)) / math.log(USUAL_FADING))
    known = f"{MOST_DAYS} days or more" if days >= MOST_DAYS else words.many(max(days, 1), "day")
    return f" Usually {words.degrees(view.state.usual_temperature[hour])} at this hour ({known})."


def _unknown(view: View) -> str:
    """Which thermometers say nothing that can be used now."""
    number = bin_of(view.frontier)
    names = [d.id for d in view.thermometers if view.temperatures.value(d.id, number, CARRIED) is None]
    return f" No usable temperature from {words.listed(names)}." if names else ""


def _deviation(view: View, side: Side, episode: BandState, felt: Felt) -> Deviation:
    state, now = view.state, view.frontier
    band = side.bands[max(episode.band, 0)]
    hour = slot_of(view.zone, bin_of(now)) // 4
    started, lasted = words.clock(episode.band_since, now, view.zone), words.span(now - episode.band_since)
    text = f"{words.degrees(felt.value)} in {ROOM_NAME[felt.room]}"
    if _is_beyond(side, felt.value, band.limit):
        text += f", {side.beyond} {band.limit:g} °C since {started} ({lasted})."
    else:
        over, way = words.degrees(band.limit - side.sign * BACK), "less" if side.sign > 0 else "more"
        text += f". {side.beyond.capitalize()} {band.limit:g} °C since {started}; an hour at {over} or {way} ends this."
    evidence: dict[str, float | int | str] = {"temperature": round(felt.value, 1), side.beyond: band.limit}
    if state.usual_weight[hour] > 0:
        text += usual_words(view, hour)
        evidence["usual"] = round(state.usual_temperature[hour], 1)
    text += _unknown(view)
    return Deviation(side.kind, "", band.urgency, episode.since or now, text, evidence)
