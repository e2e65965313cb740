"""A device that is heard but cannot be trusted: impossible, jumped, stuck or missing values, or a clock run ahead."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.channels import LEAST_LIMIT, STUCK_AFTER, silence_limit
from sensor_hub.engine.device_state import ChannelState
from sensor_hub.engine.part import ALWAYS, MARGIN, NEVER
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Deviation, Finding
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import METRICS, Metric
from sensor_hub.model.moment import HOUR
from sensor_hub.model.room import ROOM_NAME, Room

NEVER_AFTER = 24 * HOUR
"""A metric that a device was fitted for and never sent."""
CLOCK_MENDED = HOUR
OTHERS_MOVED = 0.6
"""A thermometer is stuck when others in the home moved by this many degrees meanwhile."""


def judge_sensors(view: View) -> Iterator[Finding]:
    """One alert a device, about the first of its metrics that cannot be trusted."""
    if not view.is_heard:
        return
    for device, metrics in view.measuring:
        if not view.is_alive(device):
            continue
        for metric in metrics:
            fault = _fault(view, device, metric)
            channel = view.device(device.id).channels.get(metric)
            if channel is not None:
                channel.is_told = fault is not None
            if fault is not None:
                yield fault
                break


def sensors_due(view: View, said: list[Finding]) -> float:
    """When the first series may be without a value to be believed for too long, or stuck; not while all is unheard."""
    if said:
        return ALWAYS
    if not view.is_heard:
        return NEVER
    # A value to be believed moves a limit, but to no earlier than this; others wake the detector.
    due = view.frontier + LEAST_LIMIT
    for device, metrics in view.measuring:
        if device.id in view.quiet:
            continue
        channels = view.device(device.id).channels
        for metric in metrics:
            channel = channels.get(metric)
            if channel is None:
                due = min(due, view.stands_since(device.id) + NEVER_AFTER)
                continue
            believed = channel.good_at if channel.good_at is not None else view.stands_since(device.id)
            due = min(due, believed + silence_limit(channel))
            if metric is Metric.TEMPERATURE and channel.same_since is not None:
                due = min(due, channel.same_since + STUCK_AFTER)
    return due - MARGIN


def _follow_clock(view: View) -> None:
    """Notes at the tick whether readings came from the future since the last one."""
    state, now = view.state, view.frontier
    if state.future_latest:
        state.future_since = now if state.future_since is None else state.future_since
        state.future_at, state.future_ahead = now, max(state.future_ahead, state.future_latest - now)
        state.future_latest = 0.0
    elif state.future_since is not None and now - state.future_at > CLOCK_MENDED:
        state.future_since, state.future_ahead = None, 0.0


def clock_due(view: View, _said: list[Finding]) -> float:
    """Only while readings come from the future, or came lately."""
    return NEVER if view.state.future_since is None else ALWAYS


def judge_clock(view: View) -> Iterator[Finding]:
    """A gateway whose readings come from the future."""
    _follow_clock(view)
    state = view.state
    if state.future_since is None:
        return
    gateway = view.gateway
    ahead = words.span(state.future_ahead)
    text = f"The gateway's clock runs {ahead} ahead: its readings are kept but not used."
    evidence = {"ahead_seconds": round(state.future_ahead)}
    subject = gateway.id if gateway else "gateway"
    yield Deviation(Kind.SENSOR_FAULT, subject, Urgency.SOON, state.future_since, text, evidence)


def _fault(view: View, device: Device, metric: Metric) -> Deviation | None:
    now, known = view.frontier, view.device(device.id)
    channel = known.channels.get(metric)
    if channel is None:
        if now - view.stands_since(device.id) < NEVER_AFTER:
            return None
        begun = words.clock(view.stands_since(device.id), now, view.zone)
        said = f"has never sent its {metric.value} since {begun}, though it is heard"
        return _told(view, device, metric, view.stands_since(device.id), said)
    believed = channel.good_at if channel.good_at is not None else view.stands_since(device.id)
    if view.is_catching_up and not channel.is_told and not channel.doubt:
        # What it said meanwhile may come in later than the first that is heard again.
        return None
    if now - believed > silence_limit(channel):
        return _told(view, device, metric, believed, _says(view, device, metric, channel))
    if _is_stuck(view, device, metric, channel):
        since = channel.same_since or now
        said = f"has said exactly {_value(channel, metric)} since {words.clock(since, now, view.zone)}"
        return _told(view, device, metric, since, f"{said}, while others moved")
    return None


def _says(view: View, device: Device, metric: Metric, channel: ChannelState) -> str:
    since = words.clock(channel.good_at or view.stands_since(device.id), view.frontier, view.zone)
    good = _amount(channel.good_value, metric)
    if channel.doubt == "impossible":
        last = "" if channel.good_at is None else f" (last usable: {good}, {since})"
        return f"says {_value(channel, metric)}, which cannot be{last}"
    if channel.doubt == "jumped":
        return f"jumped from {good} ({since}) to {_value(channel, metric)} and stayed there"
    return f"has sent no usable {metric.value} since {since}, though it is heard"


def _value(channel: ChannelState, metric: Metric) -> str:
    return _amount(channel.latest_value, metric)


def _amount(value: float, metric: Metric) -> str:
    """`20.4 °C`."""
    return f"{round(value, 1):g} {METRICS[metric].unit}".strip()


def _is_stuck(view: View, device: Device, metric: Metric, channel: ChannelState) -> bool:
    since = channel.same_since
    if metric is not Metric.TEMPERATURE or since is None or view.frontier - since < STUCK_AFTER:
        return False
    return any(
        other.id != device.id
        and other.room is not Room.OUTDOOR
        and view.temperatures.spread(other.id, since) > OTHERS_MOVED
        for other in view.home.devices
    )


def _told(view: View, device: Device, metric: Metric, since: float, what: str) -> Deviation:
    sensor = f"The sensor in {ROOM_NAME[device.room]} ({device.id})"
    text = f"{sensor} {what}: its {metric.value} is not used."
    channel = view.device(device.id).channels.get(metric)
    evidence: dict[str, float | int | str] = {"metric": metric.value}
    if channel is not None:
        evidence["latest"] = channel.latest_value
    return Deviation(Kind.SENSOR_FAULT, device.id, Urgency.SOON, since, text, evidence)
