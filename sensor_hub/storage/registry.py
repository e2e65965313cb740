"""Alerts, notices and readings as pages ask for them. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Result, ScalarSelect, Select, case, exists, func, literal, select, tuple_

from sensor_hub.model.kind import Urgency
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.tables.alerts import alert, alert_act, alert_change, alert_now, escalation
from sensor_hub.storage.tables.homes import home as home_table
from sensor_hub.storage.tables.homes import series
from sensor_hub.storage.tables.log import reading
from sensor_hub.storage.tables.notices import notice

_exhausted = select(escalation.c.stage_ms).where(escalation.c.alert == alert.c.id, escalation.c.stage == "exhausted")
_words = select(alert_now.c.words).where(alert_now.c.alert == alert.c.id)
_kept_back = select(escalation.c.stage).where(
    escalation.c.alert == alert.c.id, escalation.c.stage.in_(["covered", "silenced", "held"])
)
ALERTS = select(alert, *(each.scalar_subquery() for each in (_exhausted, _words, _kept_back)))
"""The columns of an `AlertRecord`."""
_NOT_CLOSED = alert.c.handled.in_(["open", "acknowledged"])
_URGENCY = tuple_(
    case({each.value: -each.rank for each in Urgency}, value=alert.c.urgency), alert.c.since_ms, alert.c.id
)
"""In this order the most urgent, then the longest lasting come first."""


class AlertRecord(NamedTuple):
    """An alert's row."""

    id: str
    home: str
    kind: str
    subject: str
    urgency: str
    since_ms: int
    raised_ms: int
    summary: str
    evidence: str
    cleared_ms: int | None
    handled: str
    acknowledged_by: str | None
    acknowledged_ms: int | None
    closed_by: str | None
    closed_ms: int | None
    outcome: str | None
    note: str | None
    exhausted_ms: int | None
    now: str | None
    kept_back: str | None
    """`covered`, `silenced` or `held`: nobody is told of it now."""


class NoticeRecord(NamedTuple):
    """A notice's row, as far as pages show it."""

    contact: str
    state: str
    state_ms: int
    attempts: int
    error: str | None


class NoticeTitle(NamedTuple):
    """What a notice said in one line, and how far it came."""

    reference: str
    contact: str
    urgency: str
    state: str
    state_ms: int
    title: str


class Within(NamedTuple):
    """Which alerts are asked for; None: whatever it is."""

    homes: Collection[str] | None = None
    kinds: Collection[str] | None = None

    def alerts(self) -> Select[Any]:
        return self.of(ALERTS)

    def of(self, found: Select[Any]) -> Select[Any]:
        """Only of these."""
        found = found if self.homes is None else found.where(alert.c.home.in_(self.homes))
        return found if self.kinds is None else found.where(alert.c.kind.in_(self.kinds))


ALL = Within()


class Registry:
    def __init__(self, database: Database) -> None:
        self.database = database

    def alert(self, id_: str) -> AlertRecord | None:
        return next(self._alerts(ALERTS.where(alert.c.id == id_)), None)

    def open_alerts(self, within: Within = ALL) -> Iterator[AlertRecord]:
        return self._alerts(within.alerts().where(_NOT_CLOSED).order_by(alert.c.raised_ms))

    def most_urgent(
        self, limit: int, after: tuple[int, float, str] | None, within: Within = ALL
    ) -> Iterator[AlertRecord]:
        """Those not closed, by (rank of the urgency, the highest first; since; id)."""
        found = within.of(select(alert.c.id)).where(_NOT_CLOSED)
        if after is not None:
            rank, since, id_ = after
            found = found.where(tuple_(literal(-rank), literal(to_ms(since), BigInteger), literal(id_)) < _URGENCY)
        ids = found.order_by(*_URGENCY.clauses).limit(limit)
        return self._alerts(ALERTS.where(alert.c.id.in_(ids)).order_by(*_URGENCY.clauses))

    def closed_alerts(self, limit: int, after: tuple[float, str] | None, within: Within = ALL) -> Iterator[AlertRecord]:
        """By (closed at, id), newest first."""
        closed = within.alerts().where(alert.c.handled == "closed")
        if after is not None:
            closed = closed.where(tuple_(alert.c.closed_ms, alert.c.id) < tuple_(to_ms(after[0]), after[1]))
        return self._alerts(closed.order_by(alert.c.closed_ms.desc(), alert.c.id.desc()).limit(limit))

    def home_alerts(self, home: str, since: float) -> Iterator[AlertRecord]:
        """Those that are not closed or were raised since, newest first."""
        is_wanted = (alert.c.handled != "closed") | (alert.c.raised_ms >= to_ms(since))
        return self._alerts(ALERTS.where(alert.c.home == home, is_wanted).order_by(alert.c.raised_ms.desc()))

    def begun(self, within: Within, start: float, end: float, limit: int) -> Iterator[AlertRecord]:
        """Those whose condition began from `start` up to `end`, the last ones, newest first."""
        since = alert.c.since_ms
        # None is raised before it began: by when it was raised an index finds it.
        begun = (alert.c.raised_ms >= to_ms(start)) & (since >= to_ms(start)) & (since < to_ms(end))
        newest = within.alerts().where(begun).order_by(since.desc(), alert.c.id.desc())
        return self._alerts(newest.limit(limit))

    def alerts_between(self, home: str, start: float, end: float) -> Iterator[AlertRecord]:
        """Those raised from `start` up to `end`, oldest first."""
        is_within = (alert.c.raised_ms >= to_ms(start)) & (alert.c.raised_ms < to_ms(end))
        return self._alerts(ALERTS.where(alert.c.home == home, is_within).order_by(alert.c.raised_ms, alert.c.id))

    def _alerts(self, statement: Select[Any]) -> Iterator[AlertRecord]:
        return map(AlertRecord._make, self.database.connection.execute(statement))

    def notices(self, id_: str) -> Iterator[NoticeRecord]:
        """Of an alert, oldest first."""
        columns = (notice.c.contact, notice.c.state, notice.c.state_ms, notice.c.attempts, notice.c.error)
        return map(NoticeRecord._make, self._of_alert(id_, columns))

    def notice_titles(self, id_: str) -> Iterator[NoticeTitle]:
        """Of an alert, oldest first."""
        names = ("reference", "contact", "urgency", "state", "state_ms", "title")
        return map(NoticeTitle._make, self._of_alert(id_, [notice.c[name] for name in names]))

    def _of_alert(self, id_: str, columns: Sequence[Column[Any]]) -> Result[Any]:
        found = select(*columns).where(notice.c.alert == id_).order_by(notice.c.made_ms, notice.c.reference)
        return self.database.connection.execute(found)

    def unreached(self, since: float) -> Iterator[tuple[str, float, str]]:
        """Contacts whose last notice that was settled since then was given up: when, and why."""
        is_settled = notice.c.state.in_(["delivered", "arrived", "failed"]) & (notice.c.state_ms >= to_ms(since))
        newest = func.row_number().over(
            partition_by=notice.c.contact, order_by=(notice.c.state_ms.desc(), notice.c.reference)
        )
        ranked = select(notice, newest.label("rank")).where(is_settled).subquery()
        failed = select(ranked.c.contact, ranked.c.state_ms, ranked.c.error).where(
            ranked.c.rank == 1, ranked.c.state == "failed"
        )
        for contact, state_ms, error in self.database.connection.execute(failed.order_by(ranked.c.contact)):
            yield contact, from_ms(state_ms), error or ""

    def decisions(self, id_: str) -> Iterator[tuple[float, str, str, str]]:
        """When it was decided whom to tell, or what keeps the alert back, and why; oldest first."""
        for at_ms, who, reason, act in self._acts(id_, ("told", "covered", "silenced", "held")):
            yield from_ms(at_ms), who, reason, act

    def passed_on(self, id_: str) -> Iterator[tuple[float, str]]:
        """When somebody passed the alert on, and who; oldest first."""
        for at_ms, who, _, _ in self._acts(id_, ("passed on",)):
            yield from_ms(at_ms), who

    def _acts(self, id_: str, acts: Sequence[str]) -> Result[int, str, str, str]:
        columns = (alert_act.c.at_ms, alert_act.c.who, alert_act.c.reason, alert_act.c.act)
        found = select(*columns).where(alert_act.c.alert == id_, alert_act.c.act.in_(acts)).order_by(alert_act.c.row)
        return self.database.connection.execute(found)

    def told_of(self, reference: str) -> tuple[str, str] | None:
        """Which alert a notice told whom of; None where there is none, or its alert was raised anew since."""
        changes = alert_change.c
        anew = exists().where(
            changes.alert == notice.c.alert, changes.state == "raised", changes.at_ms > notice.c.made_ms
        )
        found = select(notice.c.alert, notice.c.contact).where(notice.c.reference == reference, ~anew)
        row = self.database.connection.execute(found).first()
        return None if row is None else (row[0], row[1])

    def heard(self, home: str) -> dict[str, dict[str, float]]:
        """The latest moment of each device's metrics."""
        return self.heard_of([home]).get(home, {})

    def heard_of(self, homes: Collection[str]) -> dict[str, dict[str, dict[str, float]]]:
        """The same of those homes of which anything was heard."""
        latest = select(func.max(reading.c.at_ms)).where(reading.c.series == series.c.id).scalar_subquery()
        columns = select(home_table.c.name, series.c.device, series.c.metric, latest)
        found = columns.join(home_table, home_table.c.id == series.c.home).where(home_table.c.name.in_(homes))
        heard: dict[str, dict[str, dict[str, float]]] = {}
        for home, device, metric, at_ms in self.database.connection.execute(found):
            if at_ms is not None:
                heard.setdefault(home, {}).setdefault(device, {})[metric] = from_ms(at_ms)
        return heard

    def batteries(self, home: str) -> dict[str, float]:
        """What each device said of its battery last."""
        of_series = reading.c.series == series.c.id
        last = select(reading.c.value).where(of_series).order_by(reading.c.at_ms.desc()).limit(1).scalar_subquery()
        columns = select(series.c.device, last).where(series.c.home == _home_id(home), series.c.metric == "battery")
        return {device: value for device, value in self.database.connection.execute(columns) if value is not None}


def _home_id(name: str) -> ScalarSelect[int]:
    return select(home_table.c.id).where(home_table.c.name == name).scalar_subquery()
