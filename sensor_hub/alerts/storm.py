"""Many homes that cannot be seen at once are one alert about the hub, not one for each. Pure.

It reads the alerts that the engine has raised, over all homes. Where the hub itself has lost its broker it need not
wait for them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from sensor_hub.alerts.inhibition import EARLIER
from sensor_hub.model.moment import MINUTE

WINDOW = 5 * MINUTE
"""Homes that fall silent within it fall silent together: gateways say `online` every five minutes."""
LEAST, SHARE = 5, 0.1
"""More homes than both of these (a number, and a share of the hub's homes) are a storm. A street's power cut, or a
provider's fault in one town, stays below it and is told home by home."""
LINK_LOST = 5 * MINUTE
"""Real time. A broker that is started again, or a network that is switched over, is back by then."""


class Silent(NamedTuple):
    """An alert of a home that cannot be seen, which lasts."""

    home: str
    since: float


@dataclass(frozen=True, slots=True)
class Storm:
    """The last one. `silent`: how many homes it was said to be about."""

    since: float
    raised_at: float
    silent: int
    lasts: bool


@dataclass(frozen=True, slots=True)
class Sky:
    """What there is to see: `homes` that the hub has, those of them that are `silent`, and its own link."""

    homes: int
    silent: Sequence[Silent]
    cut_at: float | None = None
    """When the hub lost its broker, if that is long enough ago to be told."""

    @property
    def limit(self) -> float:
        """A storm is of more homes than so many."""
        return max(LEAST, SHARE * self.homes)


class Weather(Enum):
    """What becomes of a storm, and why."""

    CALM = "no more homes are silent than fall silent by themselves"
    LINK = "the hub has no connection to its broker"
    MANY = "many homes fell silent at once"
    LASTS = "they are still silent"
    GROWN = "many more homes are silent than was said"
    OVER = "most of them are heard again"


class Outlook(NamedTuple):
    """`since` and `silent` are those of the storm that there is, or that begins."""

    weather: Weather
    since: float = 0.0
    silent: int = 0


def judge_storm(sky: Sky, last: Storm | None) -> Outlook:
    """Whether a storm begins, lasts or is over."""
    if last is not None and last.lasts:
        silent = sum(each.since >= last.since - EARLIER for each in sky.silent)
        # One that began with the hub's own link, and took few homes along, is over with it.
        few = sky.limit / 2 if last.silent > sky.limit else sky.limit
        if sky.cut_at is None and silent <= few:
            return Outlook(Weather.OVER, last.since, silent)
        grown = silent >= max(sky.limit, 1.5 * last.silent)
        return Outlook(Weather.GROWN if grown else Weather.LASTS, last.since, silent)
    if sky.cut_at is not None:
        return Outlook(Weather.LINK, sky.cut_at, len(sky.silent))
    # What was silent in a storm before, and still is, has been told.
    fresh = sorted(each.since for each in sky.silent if last is None or each.since > last.raised_at)
    for first, since in enumerate(fresh):
        together = bisect_left(fresh, since + WINDOW) - first
        if together > sky.limit:
            return Outlook(Weather.MANY, since, together)
    return Outlook(Weather.CALM)
