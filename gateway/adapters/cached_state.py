"""Telling events from repeats in Zigbee2MQTT's merged state.

Zigbee2MQTT publishes all it knows of a device whenever one attribute changes: a report of illuminance repeats
`"occupancy": true`. A level (a temperature, presence) may be said again; an event (motion, an opened door) must not,
because a repeated 1 counts as new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import MINUTE

EVENTS = frozenset({Metric.MOTION, Metric.CONTACT, Metric.VIBRATION, Metric.SOS})
"""Whose 1 is something that happened. A button has no state that could be repeated."""
DETECTED_AGAIN = frozenset({Metric.MOTION, Metric.VIBRATION})
"""What a sensor says again while it goes on. An open door that reports once an hour was not opened again; of a call
for help that is repeated nobody should have to guess whether it was meant."""
STUCK = 30 * MINUTE
"""A motion that was not cleared for so long was lost track of: repeats of it are no detections."""
MOST_VALUES = 300
"""Of one device's state that are remembered."""

LONGEST_TEXT = 100

_BESIDE = frozenset({"last_seen", "linkquality", "elapsed", "no_occupancy_since", "update_available"})
"""Properties that change with any message and so do not say what a message is about."""
_ACTION = "action"
_SCALARS = (bool, int, float)


@dataclass(slots=True)
class CachedState:
    """What one device's last messages said."""

    seen: object = None
    """`last_seen` as it was written."""
    values: dict[str, object] = field(default_factory=dict)
    events: dict[str, tuple[float, float]] = field(default_factory=dict)
    """For each event's property its value and since when it holds."""

    def context(self, state: Mapping[str, object]) -> Context:
        """What the message `state` is about, compared with the messages before. Changes nothing."""
        seen = state.get("last_seen")
        changed: set[str] = set()
        for key, value in state.items():
            if key in self.values:
                if self.values[key] != value and _is_value(value):
                    changed.add(key)
            # Zigbee2MQTT never repeats an action, so a message with one is about it.
            elif key.startswith(_ACTION) and value not in (None, ""):
                changed.add(key)
        return Context(has_seen=seen is not None, is_newer=seen is not None and seen != self.seen, changed=changed)

    def remember(self, state: Mapping[str, object]) -> None:
        self.seen = state.get("last_seen", self.seen)
        values = self.values
        for key, value in state.items():
            if key in values:
                if values[key] != value and _is_value(value):
                    values[key] = value
            elif _is_kept(key) and len(values) < MOST_VALUES and _is_value(value):
                values[key] = value

    def event_at(self, key: str, metric: Metric, value: float, at: float, context: Context) -> float | None:
        """The moment of the event that `value` of the property `key` tells; None where it is only a repeat.

        A repeat that brings nothing at all keeps the moment it had, so that it counts once wherever it is stored.
        """
        if key not in self.events or self.events[key][0] != value:
            self.events[key] = (value, at)
            return at
        since = self.events[key][1]
        if context.changed - {key}:
            return None
        if not context.is_newer:
            return since
        if value == 0:
            return at
        if metric is Metric.SOS or (metric in DETECTED_AGAIN and since <= at <= since + STUCK):
            self.events[key] = (value, at)
            return at
        return None


class Context(NamedTuple):
    """What is new in a message: whether it has a `last_seen`, and a newer one, and the properties that changed."""

    has_seen: bool
    is_newer: bool
    changed: set[str]


def _is_kept(key: str) -> bool:
    """Whether the property is kept from one message to the next."""
    return key not in _BESIDE and not key.startswith(_ACTION)


def _is_value(value: object) -> bool:
    """Null says nothing; objects (the state of updates) and long texts are no measurements."""
    return len(value) <= LONGEST_TEXT if isinstance(value, str) else isinstance(value, _SCALARS)
