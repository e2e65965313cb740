"""What a device itself calls an alarm: no learning, no waiting."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.state import AlarmState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Deviation, Finding, Unfitted
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import ROOM_NAME

KIND = {Metric.SMOKE: Kind.SMOKE, Metric.WATER_LEAK: Kind.WATER_LEAK, Metric.SOS: Kind.SOS}
STANDS = {Metric.SMOKE: DAY, Metric.WATER_LEAK: 7 * DAY, Metric.SOS: HOUR}
"""An alarm that is never taken back, as a help button's is not, stands for so long."""
WHAT = {Kind.SMOKE: "Smoke", Kind.WATER_LEAK: "Water", Kind.SOS: "Somebody called for help"}


def sound(view: View, device: Device, reading: Reading, received: float) -> Deviation | None:
    """Takes in a reading of an alarm as it arrives; what must be told at once."""
    key, now = f"{device.id}/{reading.metric}", received
    standing = view.state.alarms.get(key)
    if isinstance(reading.value, str):
        return None
    if reading.value <= 0:
        if standing is not None and reading.at >= standing.at:
            del view.state.alarms[key]
        return None
    if standing is None:
        standing = view.state.alarms[key] = AlarmState(reading.at, reading.at)
    standing.at = max(standing.at, reading.at)
    return _deviation(view, device, reading.metric, standing, now)


def follow(view: View) -> None:
    """Forgets alarms that stood for as long as they do."""
    for key, standing in list(view.state.alarms.items()):
        metric = Metric(key.rpartition("/")[2])
        if view.frontier - standing.at > STANDS[metric]:
            del view.state.alarms[key]


def judge(view: View) -> Iterator[Finding]:
    """The alarms that stand, and the sorts of alarm for which there is no device."""
    now = view.frontier
    for metric, devices in view.sounders.items():
        if not devices:
            yield Unfitted(KIND[metric], "", f"no device reports {metric.value.replace('_', ' ')}")
        for device in devices:
            standing = view.state.alarms.get(f"{device.id}/{metric}")
            if standing is not None:
                yield _deviation(view, device, metric, standing, now)


def _deviation(view: View, device: Device, metric: Metric, standing: AlarmState, now: float) -> Deviation:
    kind = KIND[metric]
    text = f"{WHAT[kind]} in {ROOM_NAME[device.room]} at {words.clock(standing.since, now, view.zone)} ({device.id})."
    if now - standing.since > HOUR / 4:
        text += f" Told late: it was {words.span(now - standing.since)} before it reached us."
    return Deviation(kind, device.id, Urgency.URGENT, standing.since, text, {"device": device.id})
