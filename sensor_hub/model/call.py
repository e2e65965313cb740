"""Help buttons that say so only by the action's name, as most Zigbee ones do (`emergency`, `panic`, `sos`)."""

from __future__ import annotations

import re

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

_CALLS = frozenset({"emergency", "panic", "sos", "help"})
_NO_CALLS = frozenset({"clear", "cleared", "cancel", "cancelled", "canceled", "off", "end", "ended", "test", "reset"})
_WORD = re.compile(r"[a-z]+")


def is_call(action: str) -> bool:
    """Whether a button's action calls for help: `sos_single` does, `emergency_cleared` does not."""
    words = set(_WORD.findall(action.lower()))
    return not words.isdisjoint(_CALLS) and words.isdisjoint(_NO_CALLS)


def as_alarm(reading: Reading) -> Reading:
    """A button that called for help as the `sos` that it means; any other reading as it is."""
    if reading.metric is Metric.BUTTON and isinstance(reading.value, str) and is_call(reading.value):
        return Reading(reading.at, reading.device, Metric.SOS, 1.0)
    return reading
