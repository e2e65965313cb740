"""What is stored, as the pages ask for it: see `web.ports.HubReads`."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sensor_hub.desk.home_rows import HomeRows
from sensor_hub.history.port import Bin, History, HourRow, Measure, Of, Window
from sensor_hub.model.alert import Outcome
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import from_ms
from sensor_hub.storage.ledger_reads import LedgerLine
from sensor_hub.storage.log_history import LogHistory
from sensor_hub.storage.registry import AlertRecord, NoticeRecord, Within
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web import ports
from sensor_hub.web.ledger_row import Ledger, LedgerRow
from sensor_hub.web.ports import DeliveryState

DELIVERY_STATE = {
    "waiting": DeliveryState.WAITING,
    "sending": DeliveryState.SENDING,
    "delivered": DeliveryState.DELIVERED,
    "arrived": DeliveryState.ARRIVED,
    "failed": DeliveryState.GIVEN_UP,
    "unknown": DeliveryState.UNKNOWN,
    "withheld": DeliveryState.DROPPED,
}
TEMPERATURE = frozenset({Metric.TEMPERATURE})


class StoredReads:
    """Reads the database from any thread, and what charts show from the history: without one, the log's own table."""

    def __init__(
        self,
        stores: SqlStores,
        homes: Sequence[Home],
        is_working: Callable[[], bool],
        history: History | None = None,
    ) -> None:
        self.stores = stores
        self.history = history or LogHistory(stores.database)
        self._described = {home.id: home for home in sorted(homes, key=lambda home: home.id)}
        self._ids = list(self._described)
        self.is_working = is_working
        self._home_rows = HomeRows(stores)

    @property
    def described(self) -> dict[str, Home]:
        """The homes by their ids, without those that were erased meanwhile."""
        return {home.id: home for home in self._standing(self._ids)}

    def ready(self) -> bool:
        return self.is_working() and self.stores.memory.last_tick() is not None

    def open_alerts(self, among: ports.Among = ports.ALL) -> Sequence[ports.AlertRow]:
        return [_alert(row) for row in self.stores.registry.open_alerts(Within(*among))]

    def most_urgent(
        self, *, limit: int, after: ports.OpenMark | None = None, among: ports.Among = ports.ALL
    ) -> Sequence[ports.AlertRow]:
        return [_alert(row) for row in self.stores.registry.most_urgent(limit, after, Within(*among))]

    def closed_alerts(
        self, *, limit: int, after: ports.ClosedMark | None = None, among: ports.Among = ports.ALL
    ) -> Sequence[ports.AlertRow]:
        return [_alert(row) for row in self.stores.registry.closed_alerts(limit, after, Within(*among))]

    def home_alerts(self, home: str, *, since: float) -> Sequence[ports.AlertRow]:
        return [_alert(row) for row in self.stores.registry.home_alerts(home, since)]

    def begun_alerts(
        self, home: str, start: float, end: float, *, limit: int, kinds: Collection[Kind] | None = None
    ) -> Sequence[ports.AlertRow]:
        found = self.stores.registry.begun(Within([home], kinds), start, end, limit)
        return [_alert(row) for row in found]

    def alert(self, alert: str) -> ports.AlertHistory | None:
        row = self.stores.registry.alert(alert)
        if row is None:
            return None
        deliveries = [_delivery(notice) for notice in self.stores.registry.notices(alert)]
        decisions = [ports.DecisionRow(*told) for told in self.stores.registry.decisions(alert)]
        changes = self.stores.alerts.changes_of_alert(alert)
        ledger = [_line(line) for line in self.stores.ledger.of_alert(alert)]
        passed = [ports.DecisionRow(at, who, "") for at, who in self.stores.registry.passed_on(alert)]
        return ports.AlertHistory(_alert(row), changes, deliveries, decisions, ledger, passed)

    def ledger(
        self, *, start: float, end: float, after: int, limit: int, homes: Collection[str] | None = None
    ) -> Ledger:
        lines = self.stores.ledger.lines(start, end, after=after, limit=limit, homes=homes)
        return [_line(line) for line in lines]

    def unreached(self, *, since: float) -> Sequence[ports.UnreachedRow]:
        given_up = [ports.UnreachedRow(*each) for each in self.stores.registry.unreached(since)]
        told = {row.contact for row in given_up}
        return given_up + [
            ports.UnreachedRow(broken.contact, broken.since, broken.why, broken.label)
            for broken in self.stores.channels.broken()
            if broken.contact not in told
        ]

    def homes(self, among: Collection[str] | None = None) -> Sequence[ports.HomeRow]:
        ids = self._ids if among is None else sorted(self._described.keys() & among)
        return self._home_rows.of(list(self._standing(ids)))

    def homes_after(self, after: str, *, limit: int) -> Sequence[ports.HomeRow]:
        behind = islice(self._ids, bisect_right(self._ids, after), None)
        return self._home_rows.of(list(islice(self._standing(behind), limit)))

    def home(self, home: str) -> ports.HomeRow | None:
        described = self._described.get(home)
        if described is None or self.stores.erasures.is_erased(home):
            return None
        return self._home_rows.of([described])[0]

    def _standing(self, ids: Iterable[str]) -> Iterator[Home]:
        """Those that were not erased meanwhile."""
        erased = self.stores.erasures.is_erased
        return (self._described[id_] for id_ in ids if not erased(id_))

    def batteries(self, home: str) -> Mapping[str, float]:
        return self.stores.registry.batteries(home)

    def movement(self, home: str, window: Window) -> Sequence[Bin]:
        return self.history.bins(Of(home, metrics=frozenset(ACTIVITY)), window, Measure.ONES)

    def temperature(self, home: str, window: Window) -> Sequence[Bin]:
        return self.history.bins(Of(home, metrics=TEMPERATURE), window, Measure.MEAN)

    def readings(self, home: str, window: Window) -> Sequence[Bin]:
        return self.history.bins(Of(home), window, Measure.COUNT)

    def measured(self, of: Of, start: float, end: float) -> Iterator[Reading]:
        return self.history.readings(of, start, end)

    def hours(self, of: Of, start: float, end: float) -> Sequence[HourRow]:
        return self.history.hours(of, start, end)

    def rejected(self) -> Mapping[str, int]:
        return self.stores.rejections.counts()


def _alert(row: AlertRecord) -> ports.AlertRow:
    return ports.AlertRow(
        id=row.id,
        home=row.home,
        kind=Kind(row.kind),
        subject=row.subject,
        urgency=Urgency(row.urgency),
        summary=row.summary,
        since=from_ms(row.since_ms),
        raised_at=from_ms(row.raised_ms),
        handled=ports.Handled(row.handled),
        evidence=json.loads(row.evidence),
        cleared_at=_moment(row.cleared_ms),
        acknowledged_by=row.acknowledged_by or "",
        acknowledged_at=_moment(row.acknowledged_ms),
        closed_by=row.closed_by or "",
        closed_at=_moment(row.closed_ms),
        outcome=None if row.outcome is None else Outcome(row.outcome),
        note=row.note or "",
        exhausted_at=_moment(row.exhausted_ms),
        kept_back=row.kept_back or "",
        now=row.now or "",
    )


def _delivery(row: NoticeRecord) -> ports.DeliveryRow:
    state = DELIVERY_STATE[row.state]
    if state is DeliveryState.WAITING and row.error is not None:
        state = DeliveryState.FAILED
    return ports.DeliveryRow(row.contact, state, from_ms(row.state_ms), row.attempts, row.error or "")


def _line(line: LedgerLine) -> LedgerRow:
    return LedgerRow(**line._asdict())


def _moment(ms: int | None) -> float | None:
    return None if ms is None else from_ms(ms)
