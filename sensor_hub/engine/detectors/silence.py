"""Who is not heard: a device, or the whole home."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.room import ROOM_NAME

GATEWAY_REPORTS, GATEWAY_LEAST = 4, 30 * MINUTE
"""A home is silent after four of its gateway's reports are missing, and never before half an hour."""
BARE_REPORTS, BARE_LEAST = 2.5, HOUR
"""Where no device is the gateway: of the reports of the device that reports most often."""
HEARD_LEAST = 15 * MINUTE
FEW = 3
SENSORS_REPORTS, SENSORS_LEAST = 1.5, HOUR
"""So long may none of at least `FEW` sensors be heard: of the reports of the one that reports most often."""
DEVICE_REPORTS, DEVICE_LEAST = 2.5, 3 * HOUR
"""A device is silent after two and a half of its reports, and never before three hours, in which the home was heard."""


def home_limit(view: View) -> float:
    """For how long, in seconds, nothing at all may be heard of the home."""
    gateway = view.home.gateway()
    if gateway is not None:
        return max(GATEWAY_LEAST, GATEWAY_REPORTS * gateway.report_every)
    return max(BARE_LEAST, BARE_REPORTS * _most_often(view))


def is_home_heard(view: View) -> bool:
    """Whether the home was heard lately: only then does the silence of one device say something about the device."""
    gateway = view.home.gateway()
    often = gateway.report_every if gateway is not None else _most_often(view)
    return view.frontier - view.state.heard_at <= max(HEARD_LEAST, often)


def _most_often(view: View) -> float:
    return min((device.report_every for device in view.home.devices), default=HOUR)


def count_silence(view: View, passed: float) -> None:
    """Lets the silence of every device that said nothing grow by `passed` seconds, if the home itself was heard."""
    if not is_home_heard(view) or sensors_silent_since(view) is not None:
        return
    for device in view.home.devices:
        known = view.device(device.id)
        if known.heard_at is None or known.heard_at < view.frontier - passed:
            known.unheard += passed


def judge_gateway(view: View, *, silence_counts: bool) -> Iterator[Finding]:
    """One alert for a home that is not heard at all, or whose gateway hears none of its sensors, whatever the cause."""
    state, now = view.state, view.frontier
    gateway = view.home.gateway()
    subject = gateway.id if gateway else ""
    since, what = state.heard_at, "Nothing heard from this home"
    if now - since < home_limit(view):
        sensed_at = sensors_silent_since(view)
        if sensed_at is None:
            return
        since, what = sensed_at, "The gateway is heard, but none of its sensors"
    if not silence_counts:
        yield Blind(Kind.GATEWAY_SILENT, subject, "the hub itself was away")
        return
    started = words.clock(since, now, view.zone)
    heard = f"{what} since {started} ({words.span(now - since)})"
    if state.heard_at <= state.begun_at:
        heard = f"Nothing was ever heard from this home, watched since {started}"
    summary = f"{heard}: we cannot see it."
    evidence = {"silent_hours": words.hours(now - since)}
    yield Deviation(Kind.GATEWAY_SILENT, subject, Urgency.SOON, since, summary, evidence)


def sensors_silent_since(view: View) -> float | None:
    """Since when the gateway, which is heard, hears none of its sensors: its radio fails, not each of them.

    None where it hears them, or where they are too few to tell.
    """
    sensors = [device for device in view.home.devices if Metric.ONLINE not in device.metrics]
    if len(sensors) < FEW or view.home.gateway() is None:
        return None
    heard = [view.device(device.id).heard_at for device in sensors]
    latest = max((at for at in heard if at is not None), default=view.state.begun_at)
    often = min(device.report_every for device in sensors)
    return latest if view.frontier - latest >= max(SENSORS_LEAST, SENSORS_REPORTS * often) else None


def judge_devices(view: View, *, silence_counts: bool) -> Iterator[Finding]:
    """One alert for each device that is not heard while others are."""
    if sensors_silent_since(view) is not None:
        # One cause, one alert: that of the gateway. What was told of a device before stands.
        for device in view.home.devices:
            yield Blind(Kind.DEVICE_SILENT, device.id, "none of the home's sensors is heard")
        return
    for device in view.home.devices:
        known = view.device(device.id)
        if known.unheard < max(DEVICE_LEAST, DEVICE_REPORTS * device.report_every):
            continue
        if not silence_counts:
            yield Blind(Kind.DEVICE_SILENT, device.id, "the hub itself was away")
        else:
            yield _device_silent(view, device)


def _device_silent(view: View, device: Device) -> Deviation:
    known, now = view.device(device.id), view.frontier
    since = known.heard_at if known.heard_at is not None else view.state.begun_at
    what = f"The sensor in {ROOM_NAME[device.room]} ({device.id})"
    if known.heard_at is None:
        text = f"{what} was never heard since {words.clock(since, now, view.zone)}."
    else:
        heard = words.clock(since, now, view.zone)
        text = f"{what} has said nothing since {heard} ({words.span(now - since)})."
    evidence = {"unheard_hours": words.hours(known.unheard)}
    return Deviation(Kind.DEVICE_SILENT, device.id, Urgency.SOON, since, text, evidence)
