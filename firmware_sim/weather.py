"""The weather of the south of England: season, hours of the day, and days that are warmer or colder than usual."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from sensor_hub.model.moment import DAY, HOUR

YEAR_MEAN, SEASON = 10.8, 6.6
"""°C: mean of the year and half the difference between July and January, London (Met Office 1991 to 2020)."""
COLDEST_DAY = 22
PERSISTENCE, DAY_SPREAD = 0.75, 2.6
"""Share of a day's departure that the next keeps, and the departures' standard deviation in °C."""
COLDEST_HOUR = 5.0


@dataclass(frozen=True, slots=True)
class Weather:
    """`departures` are °C above the usual, one a day from `start` on; `swing` is half the range of a day, °C."""

    start: float
    departures: tuple[float, ...]
    swing: float = 2.8
    always: float | None = None
    """°C the mean stays at, in place of the season's."""

    def temperature(self, at: float) -> float:
        """°C outdoors at `at`."""
        day = (at - self.start) / DAY
        first = min(max(int(day), 0), len(self.departures) - 2)
        share = min(max(day - first, 0.0), 1.0)
        departure = self.departures[first] * (1 - share) + self.departures[first + 1] * share
        hours = (at % DAY) / HOUR
        return self._mean(at) + departure - self.swing * math.cos((hours - COLDEST_HOUR) / 24 * 2 * math.pi)

    def humidity(self, at: float) -> float:
        """%RH outdoors: wetter by night."""
        hours = (at % DAY) / HOUR
        return 82.0 + 9.0 * math.cos((hours - COLDEST_HOUR) / 24 * 2 * math.pi)

    def _mean(self, at: float) -> float:
        if self.always is not None:
            return self.always
        day = datetime.fromtimestamp(at, UTC).timetuple().tm_yday
        return YEAR_MEAN - SEASON * math.cos((day - COLDEST_DAY) / 365.25 * 2 * math.pi)


def draw_weather(rng: Random, start: float, days: int, always: float | None) -> Weather:
    """A run of days whose departures from the usual follow each other; milder ones where the mean is given."""
    spread = DAY_SPREAD if always is None else 1.0
    departures = [rng.gauss(0.0, spread)]
    for _ in range(days + 1):
        step = rng.gauss(0.0, spread * math.sqrt(1 - PERSISTENCE**2))
        departures.append(PERSISTENCE * departures[-1] + step)
    return Weather(start, tuple(departures), always=always)
