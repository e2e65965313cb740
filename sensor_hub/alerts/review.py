"""The week as the weekly review tells it: what was found, whether it was true, how soon people answered. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import WEEK


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An alert that was raised in the time of the review."""

    alert: str
    home: str
    kind: Kind
    urgency: Urgency
    summary: str
    since: float
    raised_at: float
    outcome: Outcome | None = None
    answered_at: float | None = None
    """When somebody first took or closed it."""
    is_open: bool = False
    """Not closed yet."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """How long of the time of the review a home could not be seen, in seconds."""

    home: str
    wholly: float
    in_part: float
    """Some kinds, and others not."""


@dataclass(frozen=True, slots=True)
class CardReminder:
    """A home whose response card is missing, or was not checked for too long (`model.card.CHECK_AFTER`)."""

    home: str
    is_kept: bool
    checked_at: float | None = None
    """None: nobody ever said that it is right."""


@dataclass(frozen=True, slots=True)
class ConsentReminder:
    """A home of which there is no record of what is agreed, or where that was to be looked at again by now."""

    home: str
    review_on: date | None = None
    """None: there is no record."""


@dataclass(frozen=True, slots=True)
class Review:
    """What happened from `start` to `end` in `homes` homes."""

    start: float
    end: float
    homes: int
    alerts: Sequence[Reviewed] = ()
    pages: int = 0
    """Alerts that were not urgent and interrupted people all the same."""
    exhausted: Sequence[str] = ()
    """Alerts of which everybody was told, and nobody answered in time; also older ones."""
    unseen: Sequence[Unseen] = ()
    """Homes that could not be seen for some of the time."""
    away: float = 0.0
    """Seconds in which the hub itself did not run, and nobody saw any home."""
    silences: Sequence[str] = ()
    """Those in force at the end, in words."""
    cards: Sequence[CardReminder] = ()
    consents: Sequence[ConsentReminder] = ()

    @property
    def pages_per_home_week(self) -> float:
        return self.pages / max(1, self.homes) / ((self.end - self.start) / WEEK)


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes of some alerts."""

    count: int
    outcomes: Counter[Outcome | None] = field(default_factory=Counter)

    @property
    def precision(self) -> float | None:
        """The share that was true of those of which somebody said whether they were; None: nobody said of any."""
        said = self.outcomes[Outcome.TRUE] + self.outcomes[Outcome.FALSE]
        return self.outcomes[Outcome.TRUE] / said if said else None


def tally(alerts: Sequence[Reviewed]) -> Tally:
    return Tally(len(alerts), Counter(alert.outcome for alert in alerts))


@dataclass(frozen=True, slots=True)
class Answering:
    """How long people took to answer alerts of one urgency, in seconds; `unanswered` ones are in neither figure."""

    answered: int
    unanswered: int
    middle: float | None
    worst: float | None


def answering(alerts: Sequence[Reviewed], urgency: Urgency) -> Answering:
    """Of those of this urgency."""
    asked = [alert for alert in alerts if alert.urgency is urgency]
    waits = [alert.answered_at - alert.raised_at for alert in asked if alert.answered_at is not None]
    return Answering(
        len(waits), len(asked) - len(waits), median(waits) if waits else None, max(waits) if waits else None
    )


def by_kind(alerts: Sequence[Reviewed]) -> list[tuple[Kind, Tally]]:
    """The most frequent first."""
    found = {kind: [alert for alert in alerts if alert.kind is kind] for kind in Kind}
    rows = [(kind, tally(those)) for kind, those in found.items() if those]
    return sorted(rows, key=lambda row: -row[1].count)


def by_home(alerts: Sequence[Reviewed]) -> list[tuple[str, int]]:
    """The homes with most alerts first."""
    return sorted(Counter(alert.home for alert in alerts).items(), key=lambda row: (-row[1], row[0]))
