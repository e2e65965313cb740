"""The values in an object that a decoder made, whatever it calls its properties.

A value is found by its name (`property_names`), its unit and what it can be; values that can be one thing or another
are not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.adapters.property_names import LONGEST_NAME, Meaning, meaning
from gateway.adapters.states import state_of_word
from gateway.adapters.units import PLAIN, Scale, scale_of
from gateway.checks import FUTURE, Fault, judge, number, own_moment, unreadable
from sensor_hub.model.metric import BINARY, METRICS, Metric

DEEPEST = 6
MOST_LEAVES = 2000

A_LIST = "a list stands where one value was expected"
HISTORY_TIME = "a stored measurement has no possible time"
POLARITY = "the value does not say which state is open"
CHARGE = "the battery's value can be percent or volts"

_WITH_UNIT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([^\d\s.,;:()][^\d\s.,;:()]*)\s*")
_TIMES = ("timestamp", "time", "ts", "date", "datetime")
_LABELS = ("variable", "name", "metric", "label")
_SETTINGS = re.compile(r"config|param|setting|threshold|limit|calibrat|statistic", re.IGNORECASE)
_ELSEWHERE = frozenset({"soil", "water", "wind", "rain"})
"""Groups whose values are not the room's: their name belongs to each value's."""
_CELL_VOLTS = 5.0
"""A battery's whole number up to here is volts or percent; with a fraction it is volts."""
_MILLIVOLTS_FROM = 1000.0
_PERCENT_WORDS = frozenset({"percent", "percentage", "pct", "soc"})


@dataclass(frozen=True, slots=True)
class Leaf:
    meaning: Meaning
    value: object
    unit: str
    at: float


class Walk:
    """Goes through a decoded object and finds the values whose names mean a metric."""

    def __init__(self, at: float, received: float) -> None:
        self.at = at
        self.received = received
        self.faults: list[Fault] = []
        self._left = MOST_LEAVES

    def leaves(self, value: object) -> Iterator[Leaf]:
        yield from self._inside(value, self.at, "", 0)

    def _inside(self, value: object, at: float, above: str, depth: int) -> Iterator[Leaf]:
        if depth > DEEPEST:
            return
        if isinstance(value, list):
            for row in value:
                yield from self._row(row, at, depth)
        elif isinstance(value, dict):
            for key, inner in value.items():
                # Some servers write {"temperatureSensor": {"1": 21.5}}: the channel is a key of its own.
                name = f"{above}_{key}" if above and (key.isdecimal() or above.lower() in _ELSEWHERE) else key
                yield from self._named(name, inner, at, depth)

    def _named(self, name: str, value: object, at: float, depth: int) -> Iterator[Leaf]:
        self._left -= 1
        if self._left < 0:
            return
        found = meaning(name) if len(name) <= LONGEST_NAME else None
        if isinstance(value, dict) and "value" in value:
            unit, value = value.get("unit"), value["value"]
            if found is not None and not isinstance(value, dict | list):
                yield leaf_of(found, value, unit if isinstance(unit, str) else "", at)
        elif found is not None and isinstance(value, dict) and "detected" in value:
            yield leaf_of(found, value["detected"], "", at)
        elif isinstance(value, dict | list):
            if found is not None and isinstance(value, list) and not any(isinstance(row, dict) for row in value):
                self.faults.append(Fault(A_LIST, name[:60]))
            elif not _SETTINGS.search(name):
                yield from self._inside(value, at, name, depth + 1)
        elif found is not None:
            yield leaf_of(found, value, "", at)

    def _row(self, row: object, at: float, depth: int) -> Iterator[Leaf]:
        """A row of a list: a stored measurement with a time of its own, or one named value."""
        if not isinstance(row, dict):
            return
        times = [row[key] for key in _TIMES if key in row]
        if times:
            own = own_moment(times[0])
            if own is None or own > self.received + FUTURE:
                self.faults.append(Fault(HISTORY_TIME, f"{times[0]!r:.60}"))
                return
            at = own
        label = next((row[key] for key in _LABELS if isinstance(row.get(key), str)), None)
        if isinstance(label, str) and "value" in row:
            yield from self._named(label, {"value": row["value"], "unit": row.get("unit")}, at, depth)
        elif times or depth == 0:
            yield from self._inside(row, at, "", depth + 1)


def leaf_of(found: Meaning, value: object, unit: str, at: float) -> Leaf:
    """The value under its metric: many decoders call a battery's volts just `battery`."""
    amount, unit = _amount(value, unit)
    if found.metric is Metric.BATTERY and amount is not None and not found.words & _PERCENT_WORDS:
        has_volts = bool(unit) and scale_of(unit, Metric.BATTERY_VOLTAGE) is not None
        is_volts = not unit and ((0 < amount < _CELL_VOLTS and not amount.is_integer()) or amount >= _MILLIVOLTS_FROM)
        if has_volts or is_volts:
            found = replace(found, metric=Metric.BATTERY_VOLTAGE)
    return Leaf(found, value, unit, at)


def _amount(value: object, unit: str) -> tuple[float | None, str]:
    """The number that the value is, and its unit, which may be written behind it: `"22 °C"`."""
    found = number(value)
    if found is None and isinstance(value, str) and (parts := _WITH_UNIT.fullmatch(value)):
        return float(parts[1]), parts[2]
    return found, unit


def probes(device: str, leaves: list[Leaf]) -> Iterator[tuple[str, Leaf]]:
    """Each value with the id of its probe: channel n is `device.n`, a second sensor `device.2`, the rest the device."""
    taken: set[tuple[Metric, float, int]] = set()
    for leaf in sorted(leaves, key=lambda leaf: (leaf.meaning.is_second, "sensor" in leaf.meaning.words)):
        probe = max(leaf.meaning.channel or 1, 2 if leaf.meaning.is_second else 1)
        if leaf.meaning.metric is Metric.SOS or leaf.meaning.metric is Metric.BUTTON:
            probe = 1
        while (leaf.meaning.metric, leaf.at, probe) in taken:
            probe += 1
        taken.add((leaf.meaning.metric, leaf.at, probe))
        yield (device if probe == 1 else f"{device}.{probe}"), leaf


def fault_of(metric: Metric, value: float | str | None) -> Fault | None:
    return judge(metric, value) if isinstance(value, float | int) else None


def value_of(leaf: Leaf) -> float | str | Fault | None:
    """The value in the metric's unit; None where nothing is said."""
    metric = leaf.meaning.metric
    if leaf.value is None:
        return None
    if metric is Metric.BUTTON:
        return _action(leaf.value)
    return _state(leaf) if metric in BINARY else _quantity(leaf)


def _action(value: object) -> str | None:
    if isinstance(value, str) and number(value) is None:
        return value.strip()[:100] or None
    return "pressed" if value is True else None


def _state(leaf: Leaf) -> float | Fault | None:
    metric, words = leaf.meaning.metric, leaf.meaning.words
    if isinstance(leaf.value, str) and (state := state_of_word(metric, leaf.value)) is not None:
        return state
    found = float(leaf.value) if isinstance(leaf.value, bool) else number(leaf.value)
    if found is None:
        return unreadable(metric, leaf.value)
    if words == {"water"} and not isinstance(leaf.value, bool):
        return None  # a water meter's volume
    if metric is Metric.CONTACT:
        if not words & {"open", "opened", "closed"}:
            return Fault(POLARITY, f"{leaf.value!r:.60}")
        return int((found > 0) is not ("closed" in words))
    # Counts of movements since the last uplink and levels of water are states too: none or some.
    return unreadable(metric, leaf.value) if found < 0 else int(found > 0)


def _quantity(leaf: Leaf) -> float | Fault | None:
    metric = leaf.meaning.metric
    if isinstance(leaf.value, bool):
        return None  # a flag beside the quantity of that name, such as "battery": false
    found, unit = _amount(leaf.value, leaf.unit)
    if found is None:
        return unreadable(metric, leaf.value)
    if metric is Metric.BATTERY:
        return _battery(leaf, found, unit)
    if metric is Metric.BATTERY_VOLTAGE and not unit:
        return round(found / 1000, 6) if found > METRICS[metric].high or "mv" in leaf.meaning.words else found
    scale = _scale(leaf, unit)
    return None if scale is None else scale(found)


def _battery(leaf: Leaf, found: float, unit: str) -> float | Fault | None:
    """Percent. Values that can be one or the other are not guessed."""
    if unit or leaf.meaning.words & _PERCENT_WORDS:
        return found if not unit or scale_of(unit, Metric.BATTERY) else None
    return Fault(CHARGE, f"{found:g}") if 0 < found <= _CELL_VOLTS and found.is_integer() else found


def _scale(leaf: Leaf, unit: str) -> Scale | None:
    """How the value reads in our unit; None where its unit is one of something else."""
    metric, words = leaf.meaning.metric, leaf.meaning.words
    if not unit and metric is Metric.TEMPERATURE and words & {"f", "fahrenheit"}:
        unit = "°F"
    if not unit and metric is Metric.POWER:
        unit = next((word for word in ("kw", "w", "watt") if word in words), "W" if "active" in words else "?")
    return scale_of(unit, metric) if unit else PLAIN
