"""What a value must pass before it is a reading: a number, finite, possible in a home, and at a possible time.

Nothing is clamped or repaired by a guess: a value is taken as it is or rejected with a reason.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from gateway.adapters.message import Rejected
from sensor_hub.model.metric import BINARY, METRICS, Metric, is_plausible
from sensor_hub.model.moment import parse_moment, to_millisecond

FUTURE = 300.0
"""A device's clock may be this many seconds ahead of ours."""
MILLISECONDS_FROM = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would be after the year 5000."""

NOT_A_NUMBER = "the value is not a number"
OUT_OF_RANGE = "the value is out of range"
SENTINEL = "the value is a fault code"
NOT_A_STATE = "the value is not a known state"
TIMELESS = "a retained state does not say when it was measured"
WRONG_TIME = "the time is wrong: the time of receipt was taken"

ONCE = frozenset({Metric.BUTTON, Metric.MOTION, Metric.VIBRATION, Metric.SOS})
"""What happens and is over: said by a broker that retained it, it is no news."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SENTINELS: dict[Metric, dict[float, str]] = {
    Metric.TEMPERATURE: {
        85.0: "power-on value of a DS18B20",
        -127.0: "a DS18B20 that does not answer",
        -100.0: "invalid value of Xiaomi sensors",
        327.67: "0x7FFF: no probe",
        -327.67: "0x8001: no probe",
        -327.68: "0x8000: invalid",
        655.35: "0xFFFF: invalid",
        3276.7: "0x7FFF: no probe",
        -3276.8: "0x8000: invalid",
        6553.5: "0xFFFF: invalid",
    },
    Metric.HUMIDITY: {655.35: "0xFFFF: invalid", 6553.5: "0xFFFF: invalid", 255.0: "0xFF: invalid"},
    Metric.BATTERY: {255.0: "0xFF: unknown", 200.0: "the raw half-percent scale"},
    Metric.CO2: {0.0: "no such sensor", 65535.0: "0xFFFF: invalid"},
    Metric.ILLUMINANCE: {4294967295.0: "0xFFFFFFFF: invalid"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value is no reading: `reason` from a bounded set, `detail` the case."""

    reason: str
    detail: str

    def about(self, device: str) -> Rejected:
        return Rejected(self.reason, device, self.detail)


def number(value: object) -> float | None:
    """The finite number that the value is, also when it was sent as text; None when it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        value = value.strip()
        if _NUMBER.fullmatch(value) is None:
            return None
    elif not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return math.inf
    return found


def judge(metric: Metric, value: float) -> Fault | None:
    """What is wrong with the value of the metric; None when a working sensor could say it."""
    if metric is Metric.BUTTON or is_plausible(metric, value):
        return None
    sentinel = _SENTINELS.get(metric, {}).get(value)
    if sentinel is not None:
        return Fault(SENTINEL, f"{metric} {value:g}: {sentinel}")
    info = METRICS[metric]
    return Fault(OUT_OF_RANGE, f"{metric} {value:g}, possible are {info.low:g} to {info.high:g}")


def unreadable(metric: Metric, value: object) -> Fault:
    """The fault of a value that is neither a number nor a state of the metric."""
    reason = NOT_A_STATE if metric in BINARY else NOT_A_NUMBER
    return Fault(reason, f"{metric} {value!r:.60}")


def own_moment(value: object) -> float | None:
    """The moment that a message says it is of: ISO 8601, epoch seconds or milliseconds; None when it is no moment."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= MILLISECONDS_FROM:
        value = value / 1000 if abs(value) < 1e15 else math.inf
    try:
        return parse_moment(value)
    except ValueError:
        return None


def sane_moment(value: object, received: float) -> tuple[float, Fault | None]:
    """The message's own moment, or that of receipt where it says none; a wrong one (1980, next year) is a fault too."""
    if value is None or value == "":
        return to_millisecond(received), None
    at = own_moment(value)
    if at is None or at > received + FUTURE:
        return to_millisecond(received), Fault(WRONG_TIME, f"{value!r:.60}")
    return at, None
