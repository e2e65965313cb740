"""A home's own past under other settings: which alerts would have come or gone, or been told earlier or later."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sensor_hub.engine import counts
from sensor_hub.engine.detectors import decline, door_at_night, no_return, routine
from sensor_hub.engine.detectors.inactivity import SURPRISE
from sensor_hub.model.alert import AlertChange, AlertState, Outcome
from sensor_hub.model.entry import DialSet, Entry, OutcomeTold
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.moment import HOUR, WEEK, iso
from sensor_hub.watch.home_watch import GRID, HomeWatch

LIMITS = {
    Kind.INACTIVITY: SURPRISE,
    Kind.TOILETING_INCREASE: 2 * counts.RISE_SLACK * counts.RISE_LIMIT,
    Kind.TOILETING_DECREASE: 2 * counts.FALL_SLACK * counts.FALL_LIMIT,
    Kind.NIGHT_ACTIVITY: 2 * counts.RISE_SLACK * counts.NIGHT.rise,
    Kind.SLEEP_DISTURBANCE: 2 * counts.RISE_SLACK * counts.RISE_LIMIT,
    Kind.DOOR_AT_NIGHT: -math.log(door_at_night.OFTEN_THEN),
    Kind.NO_RETURN: -math.log(no_return.RARE_LATE),
    Kind.LOW_INTAKE: -2 * math.log(0.1),
    Kind.ROUTINE_CHANGE: routine.SURPRISE,
    Kind.ACTIVITY_DECLINE: -math.log(decline.RARE),
}
"""Each detector's own limit as surprise: what a given limit is counted from."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings to try. `false_pages` None: the dial as it was set. `limits`: surprise that a kind is given to need."""

    false_pages: float | None = None
    limits: Mapping[Kind, float] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """An alert of one run: when it was raised, when it first interrupted a person, and when it ended."""

    id: str
    kind: Kind
    subject: str
    urgency: Urgency
    since: float
    at: float
    paged_at: float | None
    ended_at: float = math.inf
    summary: str = ""

    @property
    def counted_at(self) -> float:
        """When people heard of it."""
        return self.at if self.paged_at is None else self.paged_at


@dataclass(frozen=True, slots=True)
class Pair:
    """An alert as it was and as it would have been; one of the two may be missing."""

    before: Told | None
    after: Told | None
    outcome: Outcome | None = None

    @property
    def either(self) -> Told:
        told = self.before or self.after
        assert told is not None
        return told

    @property
    def change(self) -> str:
        """`gone`, `new`, `later`, `earlier`, `same`."""
        if self.after is None:
            return "gone"
        if self.before is None:
            return "new"
        by = self.after.counted_at - self.before.counted_at
        return "same" if not by else "later" if by > 0 else "earlier"

    @property
    def hours(self) -> float | None:
        """By how much it would have been told later (earlier: negative)."""
        if self.before is None or self.after is None:
            return None
        return round((self.after.counted_at - self.before.counted_at) / HOUR, 2)


@dataclass(frozen=True, slots=True)
class Backtest:
    home: str
    weeks: float
    pairs: tuple[Pair, ...]

    def pages(self, *, after: bool) -> int:
        """How many times a person would have been interrupted."""
        told = [pair.after if after else pair.before for pair in self.pairs]
        return sum(one is not None and one.paged_at is not None for one in told)

    def outcomes(self) -> dict[tuple[Outcome, str], int]:
        """How many alerts of each recorded outcome changed in which way."""
        return dict(Counter((pair.outcome, pair.change) for pair in self.pairs if pair.outcome is not None))


def backtest(home: Home, log: Iterable[Entry], trial: Trial) -> Backtest:
    """Plays the log as it was and under the trial's settings, side by side."""
    before, after = _Run(HomeWatch.begin(home)), _Run(HomeWatch.begin(home))
    if trial.false_pages is not None:
        after.watch.engine.set_dial(trial.false_pages)
    asked = {kind: limit - LIMITS[kind] for kind, limit in trial.limits.items()}
    after.watch.engine.try_limits(asked)
    outcomes: dict[str, Outcome] = {}
    first = None
    for entry in log:
        first = entry.received if first is None else first
        before.take(before.watch.feed(entry))
        if not (isinstance(entry, DialSet) and trial.false_pages is not None):
            after.take(after.watch.feed(entry))
        if isinstance(entry, OutcomeTold) and entry.outcome is not None:
            outcomes[entry.alert] = entry.outcome
    last = before.watch.state.received
    for run in (before, after):
        run.take(run.watch.tick_past((math.floor(last / GRID) + 1) * GRID))
    pairs = [Pair(a, b, outcomes.get(a.id) if a else None) for a, b in _paired(before.told, after.told)]
    pairs.sort(key=lambda pair: (pair.either.counted_at, pair.either.kind, pair.either.subject))
    return Backtest(home.id, (last - (first or last)) / WEEK, tuple(pairs))


class _Run:
    """One run's alerts, as its changes tell of them."""

    def __init__(self, watch: HomeWatch) -> None:
        self.watch = watch
        self.told: list[Told] = []
        self._open: dict[str, Told] = {}

    def take(self, changes: Iterable[AlertChange]) -> None:
        for change in changes:
            pages = change.at if change.urgency.interrupts else None
            match change.state:
                case AlertState.RAISED:
                    told = Told(change.id, change.kind, change.subject, change.urgency, change.since, change.at, pages)
                    told.summary = change.summary
                    self._open[change.id] = told
                    self.told.append(told)
                case AlertState.UPDATED:
                    told = self._open[change.id]
                    told.urgency = change.urgency
                    told.paged_at = pages if told.paged_at is None else told.paged_at
                case AlertState.CLEARED:
                    self._open.pop(change.id).ended_at = change.at


def _paired(before: list[Told], after: list[Told]) -> Iterator[tuple[Told | None, Told | None]]:
    """Alerts of both runs that tell of the same thing: kind and subject are the same, and the times meet."""
    left = list(after)
    for told in before:
        same = next((other for other in left if _is_same(told, other)), None)
        if same is not None:
            left.remove(same)
        yield told, same
    for other in left:
        yield None, other


def _is_same(one: Told, other: Told) -> bool:
    if (one.kind, one.subject) != (other.kind, other.subject):
        return False
    return one.since < other.ended_at and other.since < one.ended_at


def backtest_row(result: Backtest) -> dict[str, object]:
    """The result as plain values, for `--json`."""
    weeks = max(result.weeks, 1e-9)
    return {
        "home": result.home,
        "weeks": round(result.weeks, 2),
        "pages_a_week": {
            "before": round(result.pages(after=False) / weeks, 3),
            "after": round(result.pages(after=True) / weeks, 3),
        },
        "alerts": [_row(pair) for pair in result.pairs],
        "outcomes": [
            {"outcome": outcome.value, "change": change, "alerts": count}
            for (outcome, change), count in sorted(result.outcomes().items())
        ],
    }


def _row(pair: Pair) -> dict[str, object]:
    told = pair.either
    return {
        "kind": told.kind.value,
        "subject": told.subject,
        "urgency": told.urgency.value,
        "since": iso(told.since),
        "before": None if pair.before is None else iso(pair.before.counted_at),
        "after": None if pair.after is None else iso(pair.after.counted_at),
        "change": pair.change,
        "hours_later": pair.hours,
        "outcome": None if pair.outcome is None else pair.outcome.value,
        "summary": told.summary,
    }
