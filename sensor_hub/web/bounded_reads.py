"""The hub's reads and acts as one person may have them: what is out of their sight is not there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sensor_hub.access.action import Action
from sensor_hub.history.port import Bin, HourRow, Of, Window
from sensor_hub.model.alert import Outcome
from sensor_hub.model.consent import DATA_OF, Agreed, Data
from sensor_hub.model.kind import Kind
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.model.stay import Stay, Stays
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.ledger_row import Ledger, LedgerRow
from sensor_hub.web.ports import (
    ALL,
    AlertHistory,
    AlertRow,
    Among,
    Answer,
    ClosedMark,
    HomeRow,
    HubActs,
    HubReads,
    OpenMark,
    UnreachedRow,
)
from sensor_hub.web.refusals import Why

AT_ONCE = 200
"""Rows are looked through by so many, at least."""
Row = TypeVar("Row")
Mark = TypeVar("Mark")


def looked_through(
    ask: Callable[[int, Mark], Sequence[Row]],
    after: Mark,
    limit: int,
    *,
    show: Callable[[Sequence[Row]], Sequence[Row]],
    place: Callable[[Row], Mark],
) -> list[Row]:
    """The first `limit` rows that somebody is shown, of those that `ask` has behind `after`, some at a time."""
    found: list[Row] = []
    at_once = max(limit, AT_ONCE)
    while True:
        rows = ask(at_once, after)
        found += show(rows)
        if len(found) >= limit or len(rows) < at_once:
            return found[:limit]
        after = place(rows[-1])


class BoundedReads:
    """See `HubReads`."""

    def __init__(self, reads: HubReads, bounds: Bounds) -> None:
        self._reads = reads
        self._bounds = bounds
        self._may = bounds.who.may

    def ready(self) -> bool:
        return self._reads.ready()

    def open_alerts(self, among: Among = ALL) -> Sequence[AlertRow]:
        return self._shown(self._reads.open_alerts(self._narrowed(among)))

    def most_urgent(self, *, limit: int, after: OpenMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        narrowed = self._narrowed(among)

        def ask(limit: int, after: OpenMark | None) -> Sequence[AlertRow]:
            return self._reads.most_urgent(limit=limit, after=after, among=narrowed)

        return looked_through(
            ask, after, limit, show=self._shown, place=lambda row: OpenMark(row.urgency.rank, row.since, row.id)
        )

    def closed_alerts(self, *, limit: int, after: ClosedMark | None = None, among: Among = ALL) -> Sequence[AlertRow]:
        narrowed = self._narrowed(among)

        def ask(limit: int, after: ClosedMark | None) -> Sequence[AlertRow]:
            return self._reads.closed_alerts(limit=limit, after=after, among=narrowed)

        return looked_through(
            ask, after, limit, show=self._shown, place=lambda row: ClosedMark(row.closed_at or 0.0, row.id)
        )

    def home_alerts(self, home: str, *, since: float) -> Sequence[AlertRow]:
        return self._shown(self._reads.home_alerts(home, since=since)) if self._bounds.hold(home) else []

    def begun_alerts(
        self, home: str, start: float, end: float, *, limit: int, kinds: Collection[Kind] | None = None
    ) -> Sequence[AlertRow]:
        asked = Kind if kinds is None else kinds
        shown = [kind for kind in asked if self._bounds.show(home, kind)]
        return self._shown(self._reads.begun_alerts(home, start, end, limit=limit, kinds=shown)) if shown else []

    def alert(self, alert: str) -> AlertHistory | None:
        history = self._reads.alert(alert)
        if history is None:
            return None
        if not self._bounds.show(history.alert.home, history.alert.kind):
            self._bounds.tell(Why.NOT_THEIRS)
            return None
        return history if self._may(Action.SEE_TELLING) else _without_people(history)

    def ledger(
        self, *, start: float, end: float, after: int, limit: int, homes: Collection[str] | None = None
    ) -> Ledger:
        theirs = self._narrowed(Among(homes)).homes

        def ask(limit: int, after: int) -> Ledger:
            return self._reads.ledger(start=start, end=end, after=after, limit=limit, homes=theirs)

        return looked_through(
            ask, after, limit, show=lambda rows: list(filter(self._shows_line, rows)), place=lambda row: row.row
        )

    def unreached(self, *, since: float) -> Sequence[UnreachedRow]:
        rows = self._reads.unreached(since=since) if self._may(Action.SEE_CONTACTS) else []
        return [row for row in rows if self._bounds.hold_contact(row.contact)]

    def homes(self, among: Collection[str] | None = None) -> Sequence[HomeRow]:
        theirs = self._bounds.homes()
        wanted = theirs if among is None else [home for home in among if self._bounds.hold(home)]
        return [self._cut(row) for row in self._reads.homes(wanted)]

    def homes_after(self, after: str, *, limit: int) -> Sequence[HomeRow]:
        if self._bounds.see_all_homes:
            return [self._cut(row) for row in self._reads.homes_after(after, limit=limit)]
        found: list[HomeRow] = []
        while len(found) < limit and (ids := self._bounds.homes_after(after, limit)):
            # Of a home that is not described any more there is no row.
            found += self._reads.homes(list(filter(self._bounds.hold, ids)))
            after = ids[-1]
        return [self._cut(row) for row in found[:limit]]

    def home(self, home: str) -> HomeRow | None:
        if not self._bounds.hold(home):
            self._bounds.tell(Why.NOT_THEIRS)
            return None
        row = self._reads.home(home)
        return None if row is None else self._cut(row)

    def batteries(self, home: str) -> Mapping[str, float]:
        return self._reads.batteries(home) if self._bounds.hold(home) else {}

    def movement(self, home: str, window: Window) -> Sequence[Bin]:
        return self._reads.movement(home, window) if self._charts(home, Data.MOVEMENT, Data.DOORS) else []

    def temperature(self, home: str, window: Window) -> Sequence[Bin]:
        return self._reads.temperature(home, window) if self._charts(home, Data.CLIMATE) else []

    def readings(self, home: str, window: Window) -> Sequence[Bin]:
        return self._reads.readings(home, window) if self._charts(home) else []

    def measured(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        if not (self._may(Action.EXPORT_READINGS) and self._bounds.hold(of.home)):
            return iter(())
        return (each for each in self._reads.measured(of, start, end) if self._agreed(of.home, each.metric))

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        if not self._charts(of.home):
            return []
        return [each for each in self._reads.hours(of, start, end) if self._agreed(of.home, each.metric)]

    def rejected(self) -> Mapping[str, int]:
        return self._reads.rejected() if self._bounds.who.tenant is None else {}

    def _narrowed(self, among: Among) -> Among:
        """For the database; what it finds beyond the bounds is left out afterwards."""
        homes = self._bounds.among() if among.homes is None else among.homes
        shown = None if self._may(Action.SEE_CARE_ALERTS) else list(filter(self._bounds.shows_kind, Kind))
        return Among(homes, shown if among.kinds is None else among.kinds)

    def _agreed(self, home: str, metric: Metric) -> bool:
        data = DATA_OF[metric]
        return self._bounds.allow(home, () if data is None else (data,))

    def _charts(self, home: str, *data: Data) -> bool:
        return self._may(Action.SEE_CHARTS) and self._bounds.hold(home) and self._bounds.allow(home, data)

    def _shown(self, rows: Sequence[AlertRow]) -> list[AlertRow]:
        shown = [row for row in rows if self._bounds.show(row.home, row.kind)]
        return shown if self._may(Action.SEE_TELLING) else [replace(row, note="") for row in shown]

    def _shows_line(self, row: LedgerRow) -> bool:
        """A notice about no alert is its contact's."""
        if not row.home:
            return self._bounds.hold_contact(row.contact)
        return self._bounds.hold(row.home) and (not row.kind or self._bounds.shows_kind(Kind(row.kind)))

    def _cut(self, row: HomeRow) -> HomeRow:
        """Without what the resident does, and what people said, where that is not for the one who asks."""
        gateway = row.gateway
        if gateway is not None and not self._may(Action.SEE_TELLING):
            gateway = replace(gateway, told_alone=())
        return replace(
            row,
            gateway=gateway,
            stays=row.stays if self._may(Action.SEE_STAYS) else Stays(),
            limits=row.limits if self._may(Action.SEE_CARE_ALERTS) else (),
            consent=row.consent if self._may(Action.SEE_CONSENTS) else _scope_alone(row.consent),
        )


def _scope_alone(agreed: Agreed | None) -> Agreed | None:
    """What may be collected, which who fits devices has to know; not who decided it, nor why."""
    if agreed is None:
        return None
    return replace(agreed, decision=replace(agreed.decision, decided_by="", note=""), by="")


def _without_people(history: AlertHistory) -> AlertHistory:
    """What was seen, and that somebody has it; not whom it was told, nor what colleagues noted for each other."""
    return AlertHistory(replace(history.alert, note=""), history.changes)


class BoundedActs:
    """See `HubActs`."""

    def __init__(self, acts: HubActs, reads: BoundedReads) -> None:
        self._acts = acts
        self._reads = reads

    def acknowledge(self, alert: str, *, by: str) -> Answer:
        return Answer.UNKNOWN if self._reads.alert(alert) is None else self._acts.acknowledge(alert, by=by)

    def pass_on(self, alert: str, *, by: str) -> Answer:
        return Answer.UNKNOWN if self._reads.alert(alert) is None else self._acts.pass_on(alert, by=by)

    def close(self, alert: str, *, by: str, outcome: Outcome, note: str = "") -> Answer:
        if self._reads.alert(alert) is None:
            return Answer.UNKNOWN
        return self._acts.close(alert, by=by, outcome=outcome, note=note)

    def place(self, home: str, device: str, room: Room, *, by: str, version: int | None = None) -> Answer:
        if self._reads.home(home) is None:
            return Answer.UNKNOWN
        return self._acts.place(home, device, room, by=by, version=version)

    def replace_device(self, home: str, device: str, by_device: str, *, by: str) -> Answer:
        if self._reads.home(home) is None:
            return Answer.UNKNOWN
        return self._acts.replace_device(home, device, by_device, by=by)

    def take_away(self, home: str, device: str, *, by: str, version: int | None = None) -> Answer:
        if self._reads.home(home) is None:
            return Answer.UNKNOWN
        return self._acts.take_away(home, device, by=by, version=version)

    def tell_stay(
        self,
        home: str,
        stay: Stay,
        span: tuple[float, float],
        *,
        by: str,
        is_new: bool,
        version: int | None = None,
    ) -> Answer:
        if self._reads.home(home) is None:
            return Answer.UNKNOWN
        return self._acts.tell_stay(home, stay, span, by=by, is_new=is_new, version=version)

    def forget_outcomes(self, home: str, kind: Kind, *, by: str) -> Answer:
        if self._reads.home(home) is None:
            return Answer.UNKNOWN
        return self._acts.forget_outcomes(home, kind, by=by)
