"""Telling the opening of a door from its saying again that it is open."""

from __future__ import annotations

from collections import OrderedDict

from sensor_hub.model.metric import Metric

MOST_DOORS = 1000


class Doors:
    """What each contact said last. An open door that reports once an hour was not opened again."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, float] = OrderedDict()

    def is_still_open(self, device: str, metric: Metric, value: float | str) -> bool:
        """Whether the value only repeats that the contact is open; remembers it."""
        if metric is not Metric.CONTACT or isinstance(value, str):
            return False
        before = self._last.get(device)
        self._last[device] = value
        self._last.move_to_end(device)
        if len(self._last) > MOST_DOORS:
            self._last.popitem(last=False)
        return value == 1 and before == 1
