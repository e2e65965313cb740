"""Who is not heard: a device, or the whole home."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.engine import words
from sensor_hub.engine.part import ALWAYS, MARGIN, NEVER
from sensor_hub.engine.view import View
from sensor_hub.model.finding import Blind, Deviation, Finding
from sensor_hub.model.home import Device
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import DAY, HOUR, MINUTE
from sensor_hub.model.room import ROOM_NAME

GATEWAY_REPORTS, GATEWAY_LEAST = 4, 30 * MINUTE
"""A home is silent after four of its gateway's reports are missing, and never before half an hour."""
BARE_REPORTS, BARE_LEAST = 2.5, HOUR
"""Where no device is the gateway: of the reports of the device that reports most often."""
WHOLE_HOURS = 2 * DAY
"""A silence longer than this is told in whole hours: a home that is silent for good costs little."""
SHOWS = {
    Metric.MOTION: "movement",
    Metric.PRESENCE: "presence",
    Metric.CONTACT: "the door",
    Metric.VIBRATION: "vibration",
    Metric.SMOKE: "smoke",
    Metric.WATER_LEAK: "water",
    Metric.SOS: "calls for help",
    Metric.BUTTON: "its button",
    Metric.TEMPERATURE: "temperature",
    Metric.HUMIDITY: "humidity",
    Metric.CO2: "CO2",
    Metric.NOISE: "noise",
    Metric.POWER: "power use",
    Metric.ILLUMINANCE: "light",
}
"""What is missed while a device is silent, most important first."""
DEVICE_REPORTS, DEVICE_LEAST = 2.5, 3 * HOUR
"""A device is silent after two and a half of its reports, and never before three hours, in which the home was heard."""


def home_limit(view: View) -> float:
    """For how long, in seconds, nothing at all may be heard of the home."""
    if view.gateway is not None:
        return max(GATEWAY_LEAST, GATEWAY_REPORTS * view.gateway.report_every)
    return max(BARE_LEAST, BARE_REPORTS * view.most_often)


def count_silence(view: View, passed: float) -> None:
    """Lets the silence of every device that said nothing grow by `passed` seconds, if the home itself was heard."""
    if not view.is_heard or view.sensors_silent_since is not None:
        return
    before = view.frontier - passed
    for known in view.known:
        heard_at = known.heard_at
        if heard_at is None or heard_at < before:
            known.unheard += passed


def judge_gateway(view: View, *, silence_counts: bool) -> Iterator[Finding]:
    """One alert for a home that is not heard at all, or whose gateway hears none of its sensors, whatever the cause."""
    state, now = view.state, view.frontier
    if view.declined and not view.home.devices:
        # Nothing is agreed: there is nothing to be heard.
        return
    subject = view.gateway.id if view.gateway else ""
    since, what = state.heard_at, "Nothing heard from this home"
    if now - since < home_limit(view):
        sensed_at = view.sensors_silent_since
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
    summary = f"{heard}: we cannot see it. {_usual(view)}"
    evidence = {"silent_hours": _hours(now - since)}
    yield Deviation(Kind.GATEWAY_SILENT, subject, Urgency.SOON, since, summary, evidence)


def _usual(view: View) -> str:
    if view.sensors_silent_since is not None and view.is_heard:
        sensor = min((device for device, _ in view.sensors), key=lambda device: device.report_every)
        return f"One of them should be heard {words.every(sensor.report_every)}."
    every = view.most_often if view.gateway is None else view.gateway.report_every
    return f"It should be heard {words.every(every)}."


def gateway_due(view: View, said: list[Finding]) -> float:
    """When the home may be silent; that it is not heard lately, or hears no sensor, wakes everybody."""
    if said:
        told = next((finding for finding in said if isinstance(finding, Deviation)), None)
        return ALWAYS if told is None else view.frontier + _steady(view.frontier - told.since)
    return NEVER if view.is_heard else view.state.heard_at + home_limit(view) - MARGIN


def devices_due(view: View, said: list[Finding]) -> float:
    """When the first device may have been silent for long enough."""
    now = view.frontier
    told = {finding.subject for finding in said if isinstance(finding, Deviation)}
    if said and not told:
        # While the home itself is not heard, no device is: nothing is counted, and nothing changes.
        return ALWAYS if view.is_heard else NEVER
    due = NEVER
    for device, known in zip(view.home.devices, view.known, strict=True):
        if device.id in told:
            since = _silent_since(view, device)
            due = min(due, _steady(now - since), _steady(known.unheard))
        else:
            due = min(due, _limit(device) - known.unheard)
    return now + due


def _hours(silence: float) -> float:
    """Hours of a silence, to the hundredth; after two days whole ones, as the days beside them are."""
    return words.hours(silence) if silence < WHOLE_HOURS else float(int(silence / HOUR))


def _steady(silence: float) -> float:
    """For how long, at least, what is said of a silence of so many seconds stays as it is."""
    return 0.0 if silence < WHOLE_HOURS else HOUR - silence % HOUR - MARGIN


def _limit(device: Device) -> float:
    return max(DEVICE_LEAST, DEVICE_REPORTS * device.report_every)


def judge_devices(view: View, *, silence_counts: bool) -> Iterator[Finding]:
    """One alert for each device that is not heard while others are."""
    if view.sensors_silent_since is not None:
        # One cause, one alert: that of the gateway. What was told of a device before stands.
        for device in view.home.devices:
            yield Blind(Kind.DEVICE_SILENT, device.id, "none of the home's sensors is heard")
        return
    for device in view.home.devices:
        known = view.device(device.id)
        if known.unheard < _limit(device):
            continue
        if not silence_counts:
            yield Blind(Kind.DEVICE_SILENT, device.id, "the hub itself was away")
        else:
            yield _device_silent(view, device)


def _silent_since(view: View, device: Device) -> float:
    heard_at = view.heard_here(device.id)
    return heard_at if heard_at is not None else view.stands_since(device.id)


def _device_silent(view: View, device: Device) -> Deviation:
    known, now = view.device(device.id), view.frontier
    since = _silent_since(view, device)
    what = f"The sensor in {ROOM_NAME[device.room]} ({device.id})"
    if view.heard_here(device.id) is None:
        text = f"{what} was never heard since {words.clock(since, now, view.zone)}"
    else:
        heard = words.clock(since, now, view.zone)
        text = f"{what} has said nothing since {heard} ({words.span(now - since)})"
    text += f"; it should be heard {words.every(device.report_every)}."
    missed = [name for metric, name in SHOWS.items() if metric in device.metrics]
    if missed:
        text += f" Not seen meanwhile: {words.listed(missed)}."
    evidence = {"unheard_hours": _hours(known.unheard)}
    return Deviation(Kind.DEVICE_SILENT, device.id, Urgency.SOON, since, text, evidence)
