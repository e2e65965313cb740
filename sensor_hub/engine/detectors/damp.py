"""Surfaces wet enough for mould, over days: judged on the wall's surface, not in the air of the room.

"To avoid mould growth the relative humidity at the surface should not exceed 80 % for several days" (BS 5250:2002).
Without a thermometer outdoors the air of the room itself is judged, which finds less.
"""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import moisture
from sensor_hub.engine.state import DampState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Deviation, Finding, Unfitted
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR
from sensor_hub.model.room import ROOM_NAME

HOURS = 72
"""The mean of so many hours is judged; at least `NEEDED` of them must be known."""
NEEDED = 36
UNKNOWN = 255
WET, DRY = 80.0, 75.0
"""Mean relative humidity (%) at the surface from which an episode holds, and below which it is over."""
MOULD, VISIBLE_MOULD = 1.0, 2.0
FRESH = 3 * HOUR


def _follow(view: View) -> None:
    """Closes the hours that are over: one value of each room's surface an hour."""
    hour, rooms = int(view.frontier // HOUR), view.state.damp
    outdoors = _outdoors(view)
    for device in view.hygrometers:
        damp = rooms.get(device.id)
        if damp is None:
            damp = rooms[device.id] = DampState()
        if hour == damp.hour:
            continue
        passed = min(hour - damp.hour, HOURS) if damp.hour else 1
        damp.hour = hour
        value = _surface(view, device, outdoors)
        latest = UNKNOWN if value is None else min(round(value[1]), 100)
        damp.surface = (damp.surface + bytes([UNKNOWN]) * (passed - 1) + bytes([latest]))[-HOURS:]
        if value is not None:
            temperature, humidity = value
            damp.mould = round(moisture.grown(damp.mould, temperature, humidity, 1.0, damp.dry_hours), 5)
            is_dry = humidity < moisture.critical_humidity(temperature)
            damp.dry_hours = damp.dry_hours + 1.0 if is_dry else 0.0
        _settle(view, damp)


def judge(view: View) -> Iterator[Finding]:
    """One alert for each hygrometer's room."""
    _follow(view)
    if not view.hygrometers:
        yield Unfitted(Kind.DAMP, "", "no hygrometer with a thermometer indoors")
    for device in view.hygrometers:
        damp = view.state.damp.get(device.id)
        if damp is not None and damp.since is not None:
            yield _deviation(view, device, damp)


def due(view: View, _said: list[Finding]) -> float:
    """When the hour is over; and at midnight, from which on a day is told with the clock."""
    return min((view.frontier // HOUR + 1) * HOUR, view.state.day_ends)


def _settle(view: View, damp: DampState) -> None:
    mean = _mean(damp)
    if mean is None:
        return
    if damp.since is None and (mean >= WET or damp.mould >= MOULD):
        damp.since = view.frontier
    elif damp.since is not None and mean < DRY and damp.mould < MOULD:
        damp.since = None


def _mean(damp: DampState) -> float | None:
    unknown = damp.surface.count(UNKNOWN)
    known = len(damp.surface) - unknown
    return (sum(damp.surface) - UNKNOWN * unknown) / known if known >= NEEDED else None


def _outdoors(view: View) -> float | None:
    values = (_fresh(view, device, Metric.TEMPERATURE) for device in view.outdoor_thermometers)
    return next((value for value in values if value is not None), None)


def _surface(view: View, device: Device, outdoors: float | None) -> tuple[float, float] | None:
    """Temperature and humidity at the wall's surface; None while they cannot be told."""
    temperature, humidity = _fresh(view, device, Metric.TEMPERATURE), _fresh(view, device, Metric.HUMIDITY)
    if temperature is None or humidity is None:
        return None
    if outdoors is None or outdoors >= temperature:
        return temperature, humidity
    cold = moisture.surface_temperature(temperature, outdoors)
    return cold, moisture.surface_humidity(temperature, humidity, outdoors)


def _fresh(view: View, device: Device, metric: Metric) -> float | None:
    channel = view.device(device.id).channels.get(metric)
    if channel is None or channel.good_at is None or view.frontier - channel.good_at > FRESH:
        return None
    return channel.good_value


def _deviation(view: View, device: Device, damp: DampState) -> Deviation:
    mean, since = _mean(damp), damp.since if damp.since is not None else view.frontier
    known = sum(value != UNKNOWN for value in damp.surface)
    what = f"{'Walls' if view.outdoor_thermometers else 'Air'} in {ROOM_NAME[device.room]}"
    seen = f"over the last {HOURS} h" if known == HOURS else f"({known} of the last {HOURS} h seen)"
    text = f"{what}: damp" if mean is None else f"{what}: {mean:.0f} % humidity on average"
    text += f" {seen}; mould can grow from {WET:.0f} %."
    if damp.mould >= MOULD:
        text += f" It has been damp for so long that mould may have begun (mould index {damp.mould:.1f} of 6)."
    urgency = Urgency.SOON if damp.mould >= VISIBLE_MOULD else Urgency.NOTICE
    evidence: dict[str, float | int | str] = {"mould_index": round(damp.mould, 2)}
    if mean is not None:
        evidence["surface_humidity"] = round(mean)
    return Deviation(Kind.DAMP, device.id, urgency, since, text, evidence)
