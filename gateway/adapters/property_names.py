"""What a property of a decoded LoRaWAN uplink measures, by the words in its name.

Vendors name the same thing in many ways: `TempC_SHT`, `air_temperature`, `sensorTemperature`. A name is taken when
every word in it is understood; one unknown word (`target`, `max`, `alarm`, `mcu`) makes it something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sensor_hub.model.metric import Metric

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CHANNELS = 99
"""A higher number in a name is no channel but a part's name (PT1000)."""
LONGEST_NAME = 100
"""Longer names are not looked up, so that the memory of names stays small."""


@dataclass(frozen=True, slots=True)
class Term:
    """A name has one word of each set of `needs`; all its other words are of `allows`."""

    metric: Metric
    needs: tuple[frozenset[str], ...]
    allows: frozenset[str]

    def fits(self, words: frozenset[str]) -> bool:
        if not all(words & need for need in self.needs):
            return False
        return words <= self.allows.union(*self.needs)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means: the metric, which probe of the device (None: its own), and the words that said so."""

    metric: Metric
    channel: int | None
    is_second: bool
    words: frozenset[str]
    is_count: bool = False
    """Whether the value counts all that ever happened; a difference of two is what happened in between."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _term(metric: Metric, needs: str, allows: str) -> Term:
    return Term(metric, tuple(_set(need) for need in needs.split("|")), _set(allows) | _ANYWHERE)


_ANYWHERE = _set("value measured current reading sensor ch channel")
_PLACES = _set("air ambient room indoor inside th sht relative")
_SECOND = _set("ext external probe ds outdoor outside outer surface floor pipe water")
"""Words for a probe beside the device's own sensor."""
_COUNTS = _set("counter total cumulative totaliser totalizer")
"""A mere `count` may be that since the last message."""
_CELL = "battery batt bat"

_TERMS = (
    _term(
        Metric.BATTERY_VOLTAGE,
        f"{_CELL} supply cell|voltage volt volts v mv",
        "disposable rechargeable main internal",
    ),
    _term(Metric.BATTERY_VOLTAGE, "vbat vbatt vdd", "mv v"),
    _term(Metric.BATTERY, _CELL, "level percent percentage pct soc in remaining capacity charge"),
    _term(Metric.TEMPERATURE, "temperature temp", f"c celsius f fahrenheit {' '.join(_PLACES | _SECOND)}"),
    _term(Metric.HUMIDITY, "humidity humi hum rh", f"percent pct {' '.join(_PLACES)}"),
    _term(Metric.ILLUMINANCE, "illuminance illumination light lux lx ill als", "ambient intensity lux lx"),
    _term(Metric.CO2, "co2", "concentration ppm level"),
    _term(Metric.NOISE, "noise sound laeq leq spl", "level avg average db dba"),
    _term(Metric.MOTION, "motion pir movement", "status state detected detection event trigger"),
    _term(Metric.MOTION, f"motion pir movement|{' '.join(_COUNTS)}", "count counts event events"),
    _term(Metric.PRESENCE, "occupancy occupied presence", "status state detected detection event room"),
    _term(Metric.CONTACT, "door contact reed magnet", "status state open opened closed switch"),
    _term(Metric.CONTACT, "window", "status state"),
    _term(
        Metric.WATER_LEAK,
        "leak leakage flood flooding waterleak water",
        "status state detected detection event",
    ),
    _term(Metric.SMOKE, "smoke", "status state detected detection event alarm detector"),
    _term(Metric.SMOKE, "fire", "status state detected"),
    _term(Metric.VIBRATION, "vibration", "status state detected detection event"),
    _term(Metric.SOS, "sos panic emergency", "flag status state event alarm button pressed"),
    _term(Metric.BUTTON, "button press", "event action pressed status state"),
    _term(Metric.POWER, "power", "active w watt watts kw"),
)


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning | None:
    """What a property of this name measures; None when it is none of our metrics or not certain."""
    words = _words(name)
    numbers = [int(word) for word in words if word.isdecimal()]
    if len(numbers) > 1 or any(number > _CHANNELS for number in numbers):
        return None
    said = frozenset(word for word in words if not word.isdecimal())
    for term in _TERMS:
        if term.fits(said):
            is_second = term.metric is Metric.TEMPERATURE and bool(said & _SECOND)
            is_count = term.metric is Metric.MOTION and bool(said & _COUNTS)
            return Meaning(term.metric, numbers[0] if numbers else None, is_second, said, is_count)
    return None


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    found: list[str] = []
    for word in words:
        if word == "2" and found and found[-1] == "co":
            found[-1] = "co2"
        else:
            found.append(word)
    return found
