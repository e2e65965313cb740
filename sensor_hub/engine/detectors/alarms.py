"""What a device itself calls an alarm: no learning, no waiting."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.part import MARGIN, NEVER
from sensor_hub.engine.state import AlarmState
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding, Unfitted
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import ROOM_NAME

KIND = {Metric.SMOKE: Kind.SMOKE, Metric.WATER_LEAK: Kind.WATER_LEAK, Metric.SOS: Kind.SOS}
STANDS = {Metric.SMOKE: DAY, Metric.WATER_LEAK: 7 * DAY, Metric.SOS: DAY}
"""An alarm that is never taken back, as a help button's is not, stands for so long, or until people close it."""
AGAIN = MINUTE
"""A help button pressed again after this is a new call."""
MOST_CALLERS = 64
WHAT = {Kind.SMOKE: "Smoke", Kind.WATER_LEAK: "Water", Kind.SOS: "Somebody called for help"}


def sound(view: View, reading: Reading, received: float) -> Deviation | None:
    """Takes in a reading of an alarm as it arrives; what must be told at once."""
    key, state = f"{reading.device}/{reading.metric}", view.state
    standing = state.alarms.get(key)
    if isinstance(reading.value, str):
        return None
    if reading.value <= 0:
        state.alarms_ended[key] = max(reading.at, state.alarms_ended.get(key, 0.0))
        if standing is not None and reading.at >= standing.at:
            del state.alarms[key]
        return None
    if reading.metric is Metric.SOS:
        state.callers = [*(one for one in state.callers if one != reading.device), reading.device][-MOST_CALLERS:]
    called_again = reading.metric is Metric.SOS and standing is not None and reading.at - standing.at > AGAIN
    if standing is None or called_again:
        standing = AlarmState(reading.at, reading.at, received)
    standing.at, standing.received = max(standing.at, reading.at), received
    if reading.at > state.alarms_ended.get(key, 0.0):
        state.alarms[key] = standing
    # One that was taken back before it arrived is told all the same, but does not stand.
    return _deviation(view, reading.device, reading.metric, standing)


def end(view: View, kind: Kind, device: str) -> None:
    """People have dealt with the alarm: it stands no longer."""
    metric = next((metric for metric, its in KIND.items() if its is kind), None)
    view.state.alarms.pop(f"{device}/{metric}", None)


def _follow(view: View) -> None:
    """Forgets alarms that stood for as long as they do."""
    for key, standing in list(view.state.alarms.items()):
        metric = Metric(key.rpartition("/")[2])
        if view.frontier - standing.received > STANDS[metric]:
            del view.state.alarms[key]


def due(view: View, _said: list[Finding]) -> float:
    """When the first alarm has stood for long enough; one that begins or ends wakes the detector."""
    ends = (alarm.received + STANDS[Metric(key.rpartition("/")[2])] for key, alarm in view.state.alarms.items())
    return min(ends, default=NEVER) - MARGIN


def judge(view: View) -> Iterator[Finding]:
    """The alarms that stand; and where none could be given, since its device is not heard or there is none."""
    _follow(view)
    for key, standing in view.state.alarms.items():
        device, _, metric = key.rpartition("/")
        yield _deviation(view, device, Metric(metric), standing)
    for metric, described in view.sounders.items():
        devices = [*described, *_callers(view)] if metric is Metric.SOS else described
        if not devices:
            yield Unfitted(KIND[metric], "", _unfitted(view, metric))
        for one in devices:
            if f"{one.id}/{metric}" not in view.state.alarms and not view.is_alive(one):
                yield Blind(KIND[metric], one.id, f"{one.id} not heard")


def _callers(view: View) -> list[Device]:
    """Buttons that are no help buttons by what they are said to report, but have called for help."""
    return [one for one in view.home.devices if one.id in view.state.callers and Metric.SOS not in one.metrics]


def _unfitted(view: View, metric: Metric) -> str:
    buttons = [one.id for one in view.home.devices if Metric.BUTTON in one.metrics]
    if metric is Metric.SOS and buttons:
        # It may as well switch a lamp.
        return f"{words.listed(buttons)} has not called for help yet: press it once, it counts from then on"
    return f"no device reports {metric.value.replace('_', ' ')}"


def _deviation(view: View, device: str, metric: Metric, standing: AlarmState) -> Deviation:
    kind, told = KIND[metric], standing.received
    room = next((ROOM_NAME[one.room] for one in view.home.devices if one.id == device), "an unknown room")
    text = f"{WHAT[kind]} in {room} {words.at_clock(standing.since, told, view.zone)} ({device})."
    if told - standing.since > HOUR / 4:
        text += f" Told late: it was {words.span(told - standing.since)} before it reached us."
    return Deviation(kind, device, Urgency.URGENT, standing.since, text, {"device": device})
