"""Who is on call at a moment: arithmetic on shifts, layers and covers. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sensor_hub.alerts.wall_clock import HOLIDAY, Holidays, Hours, days_between, local_day
from sensor_hub.model.moment import DAY, WEEK

MOST_WEEKS = 53
"""A handover is looked for this far ahead: a layer for public holidays may be idle for most of a year."""


@dataclass(frozen=True, slots=True)
class Shift:
    """`turns` take it week by week, a week beginning on Monday: the first of them in the week of `first_week`."""

    turns: tuple[str, ...]
    hours: Hours
    first_week: date = date(1970, 1, 5)

    def who(self, day: date) -> str:
        """Whose turn it is in the shift that starts on `day`."""
        weeks = (day.toordinal() - 1) // 7 - (self.first_week.toordinal() - 1) // 7
        return self.turns[weeks % len(self.turns)]


@dataclass(frozen=True, slots=True)
class Cover:
    """`who` steps in from `start` to `end`: for `instead_of`, or for whoever it is, also for nobody."""

    who: str
    start: float
    end: float
    instead_of: str | None = None


class Span(NamedTuple):
    """From `start` until before `end` the same one is on call; None: nobody is."""

    start: float
    end: float
    who: str | None


class Stint(NamedTuple):
    """One piece of duty: (a part of) one shift, or of a cover where nobody has a shift.

    Nothing of it depends on the moment from which it is looked at, so that it can be known again.
    """

    start: float
    end: float
    who: str
    instead_of: str | None = None
    """Whose shift it is, where somebody covers it."""


class _Post(NamedTuple):
    """How a moment is staffed: by the shift that began at `begun`, and who covers it if anybody does."""

    begun: float | None
    scheduled: str | None
    who: str | None


class Handover(NamedTuple):
    at: float
    giver: str | None
    taker: str | None


@dataclass(frozen=True, slots=True)
class Rota:
    """Layers of shifts, of which a later one goes before an earlier one wherever it has somebody.

    Of two shifts of one layer at the same moment, the one that began on the later day holds, then the later in the
    list. A layer that names public holidays takes such a day for a holiday and no day of the week; for the other layers
    it is an ordinary day. Covers go before all layers, in their order: who steps in for somebody who stepped in stands
    behind that.
    """

    id: str
    zone: ZoneInfo
    layers: tuple[tuple[Shift, ...], ...]
    covers: tuple[Cover, ...] = ()
    holidays: Holidays | None = None
    tenant: str = ""
    """Whose it is; empty: the plan's own."""

    def on_call(self, at: float) -> str | None:
        """Who is on call at `at`; None where nobody is."""
        return self._post(at).who

    def everybody(self) -> frozenset[str]:
        """Whoever may be on call at some time."""
        turns = {who for layer in self.layers for shift in layer for who in shift.turns}
        return frozenset(turns | {cover.who for cover in self.covers})

    def stints(self, start: float, end: float) -> Iterator[Stint]:
        """Every stint of which some lies between `start` and `end`, whole, in order."""
        edges = sorted(self._edges(*self._whole(start, end)))
        begun, post = 0.0, _Post(None, None, None)
        for at in edges:
            then = self._post(at)
            if then == post:
                continue
            if post.who is not None and begun < end and at > start:
                yield Stint(begun, at, post.who, post.scheduled if post.scheduled != post.who else None)
            begun, post = at, then

    def spans(self, start: float, end: float) -> Iterator[Span]:
        """The time from `start` to `end`, without gap or overlap, by who is on call; neighbours differ."""
        begun, who = start, self.on_call(start)
        for at in sorted(edge for edge in self._edges(start, end) if start < edge < end):
            then = self.on_call(at)
            if then != who:
                yield Span(begun, at, who)
                begun, who = at, then
        if begun < end:
            yield Span(begun, end, who)

    def next_handover(self, at: float) -> Handover | None:
        """The first moment after `at` from which somebody else is on call; None where there is none within a year."""
        who = self.on_call(at)
        for week in range(MOST_WEEKS):
            for span in self.spans(at + week * WEEK, at + (week + 1) * WEEK):
                if span.who != who:
                    return Handover(span.start, who, span.who)
        return None

    def names(self) -> set[str]:
        """Everybody who is ever on call, or stepped in for."""
        turns = {who for layer in self.layers for shift in layer for who in shift.turns}
        covers = {who for cover in self.covers for who in (cover.who, cover.instead_of) if who is not None}
        return turns | covers

    def _post(self, at: float) -> _Post:
        begun, scheduled = self._scheduled(at)
        who = scheduled
        for cover in self.covers:
            if cover.start <= at < cover.end and cover.instead_of in {None, who}:
                who = cover.who
        return _Post(begun, scheduled, who)

    def _whole(self, start: float, end: float) -> tuple[float, float]:
        """So far before and after this time does what lies in it reach: a shift at most a day, a cover any time."""
        for cover in sorted(self.covers, key=lambda cover: -cover.end):
            if cover.start <= end and cover.end >= start:
                start = min(start, cover.start)
        for cover in sorted(self.covers, key=lambda cover: cover.start):
            if cover.start <= end and cover.end >= start:
                end = max(end, cover.end)
        return start - 2 * DAY, end + 2 * DAY

    def _scheduled(self, at: float) -> tuple[float | None, str | None]:
        """When the shift at `at` began, and whose it is."""
        today = local_day(at, self.zone)
        for layer in reversed(self.layers):
            for day in (today, today - timedelta(days=1)):
                for shift in reversed(self._shifts(layer, day)):
                    start, end = shift.hours.span(day, self.zone)
                    if start <= at < end:
                        return start, shift.who(day)
        return None, None

    def _shifts(self, layer: tuple[Shift, ...], day: date) -> list[Shift]:
        """Those of the layer that start on `day`."""
        number = day.weekday()
        if (
            self.holidays is not None
            and any(HOLIDAY in shift.hours.days for shift in layer)
            and self.holidays.is_one(day)
        ):
            number = HOLIDAY
        return [shift for shift in layer if number in shift.hours.days]

    def _edges(self, start: float, end: float) -> set[float]:
        """Moments at which somebody's time may begin or end: between two of them nothing changes."""
        before = local_day(start, self.zone) - timedelta(days=1)
        days = list(days_between(before, local_day(end, self.zone)))
        spans = {
            edge
            for layer in self.layers
            for day in days
            for shift in self._shifts(layer, day)
            for edge in shift.hours.span(day, self.zone)
        }
        # Between these days and a cover further off edges of shifts would be missing.
        covers = {edge for cover in self.covers for edge in (cover.start, cover.end) if start <= edge <= end}
        return spans | covers
