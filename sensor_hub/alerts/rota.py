"""Who is on call at a moment: arithmetic on shifts, layers and covers. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sensor_hub.alerts.wall_clock import HOLIDAY, Holidays, Hours, days_between, local_day
from sensor_hub.model.moment import WEEK

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

    def on_call(self, at: float) -> str | None:
        """Who is on call at `at`; None where nobody is."""
        who = self._scheduled(at)
        for cover in self.covers:
            if cover.start <= at < cover.end and cover.instead_of in {None, who}:
                who = cover.who
        return who

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

    def _scheduled(self, at: float) -> str | None:
        today = local_day(at, self.zone)
        for layer in reversed(self.layers):
            for day in (today, today - timedelta(days=1)):
                for shift in reversed(self._shifts(layer, day)):
                    start, end = shift.hours.span(day, self.zone)
                    if start <= at < end:
                        return shift.who(day)
        return None

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
        return spans | {edge for cover in self.covers for edge in (cover.start, cover.end)}
