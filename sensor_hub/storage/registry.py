"""Alerts, notices and readings as pages ask for them. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sensor_hub.storage.database import Database, from_ms, to_ms

ALERT_COLUMNS = (
    "id, home, kind, subject, urgency, since_ms, raised_ms, summary, evidence, cleared_ms, handled, acknowledged_by,"
    " acknowledged_ms, closed_by, closed_ms, outcome, note,"
    " (SELECT stage_ms FROM escalation WHERE escalation.alert = alert.id AND stage = 'exhausted'),"
    " (SELECT words FROM alert_now WHERE alert_now.alert = alert.id),"
    " (SELECT stage FROM escalation WHERE escalation.alert = alert.id AND stage IN ('covered', 'silenced', 'held'))"
)


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


class Registry:
    def __init__(self, database: Database) -> None:
        self.database = database

    def alert(self, alert: str) -> AlertRecord | None:
        return next(self._alerts("id = ?", alert), None)

    def open_alerts(self) -> Iterator[AlertRecord]:
        return self._alerts("handled IN ('open', 'acknowledged') ORDER BY raised_ms")

    def closed_alerts(self, limit: int, after: tuple[float, str] | None) -> Iterator[AlertRecord]:
        """By (closed at, id), newest first."""
        order = "ORDER BY closed_ms DESC, id DESC LIMIT ?"
        if after is None:
            return self._alerts(f"handled = 'closed' {order}", limit)
        return self._alerts(
            f"handled = 'closed' AND (closed_ms, id) < (?, ?) {order}", to_ms(after[0]), after[1], limit
        )

    def home_alerts(self, home: str, since: float) -> Iterator[AlertRecord]:
        """Those that are not closed or were raised since, newest first."""
        return self._alerts(
            "home = ? AND (handled != 'closed' OR raised_ms >= ?) ORDER BY raised_ms DESC", home, to_ms(since)
        )

    def alerts_between(self, home: str, start: float, end: float) -> Iterator[AlertRecord]:
        """Those raised from `start` up to `end`, oldest first."""
        return self._alerts(
            "home = ? AND raised_ms >= ? AND raised_ms < ? ORDER BY raised_ms, id", home, to_ms(start), to_ms(end)
        )

    def _alerts(self, where: str, *values: object) -> Iterator[AlertRecord]:
        select = f"SELECT {ALERT_COLUMNS} FROM alert WHERE {where}"
        return map(AlertRecord._make, self.database.raw.execute(select, values))

    def notices(self, alert: str) -> Iterator[NoticeRecord]:
        """Oldest first."""
        select = (
            "SELECT contact, state, state_ms, attempts, error FROM notice WHERE alert = ? ORDER BY made_ms, reference"
        )
        return map(NoticeRecord._make, self.database.raw.execute(select, (alert,)))

    def notice_titles(self, alert: str) -> Iterator[NoticeTitle]:
        """Oldest first."""
        select = (
            "SELECT reference, contact, urgency, state, state_ms, title FROM notice WHERE alert = ?"
            " ORDER BY made_ms, reference"
        )
        return map(NoticeTitle._make, self.database.raw.execute(select, (alert,)))

    def unreached(self, since: float) -> Iterator[tuple[str, float, str]]:
        """Contacts whose last notice that was settled since then was given up: when, and why."""
        select = (
            "SELECT contact, max(state_ms), state, error FROM notice"
            " WHERE state IN ('delivered', 'arrived', 'failed') AND state_ms >= ? GROUP BY contact ORDER BY contact"
        )
        for contact, state_ms, state, error in self.database.raw.execute(select, (to_ms(since),)):
            if state == "failed":
                yield contact, from_ms(state_ms), error or ""

    def decisions(self, alert: str) -> Iterator[tuple[float, str, str, str]]:
        """When it was decided whom to tell, or what keeps the alert back, and why; oldest first."""
        select = (
            "SELECT at_ms, who, reason, act FROM alert_act WHERE alert = ?"
            " AND act IN ('told', 'covered', 'silenced', 'held') ORDER BY row"
        )
        for at_ms, who, reason, act in self.database.raw.execute(select, (alert,)):
            yield from_ms(at_ms), who, reason, act

    def passed_on(self, alert: str) -> Iterator[tuple[float, str]]:
        """When somebody passed the alert on, and who; oldest first."""
        select = "SELECT at_ms, who FROM alert_act WHERE alert = ? AND act = 'passed on' ORDER BY row"
        for at_ms, who in self.database.raw.execute(select, (alert,)):
            yield from_ms(at_ms), who

    def told_of(self, reference: str) -> tuple[str, str] | None:
        """Which alert a notice told whom of; None where there is none, or its alert was raised anew since."""
        select = (
            "SELECT alert, contact FROM notice WHERE reference = ? AND NOT EXISTS (SELECT 1 FROM alert_change"
            " WHERE alert_change.alert = notice.alert AND state = 'raised' AND at_ms > made_ms)"
        )
        row: tuple[str, str] | None = self.database.raw.execute(select, (reference,)).fetchone()
        return row

    def heard(self, home: str) -> dict[str, dict[str, float]]:
        """The latest moment of each device's metrics."""
        select = (
            "SELECT device, metric, (SELECT max(at_ms) FROM reading WHERE series = series.id) FROM series"
            " WHERE home = (SELECT id FROM home WHERE name = ?)"
        )
        heard: dict[str, dict[str, float]] = {}
        for device, metric, at_ms in self.database.raw.execute(select, (home,)):
            if at_ms is not None:
                heard.setdefault(device, {})[metric] = from_ms(at_ms)
        return heard

    def bins(self, home: str, span: tuple[float, float, int], metrics: frozenset[str], what: str) -> list[Bin]:
        """For each device and bin of `span` (start, end, width) that has any: `what` of its readings of these metrics.

        `what` is `count`, `mean` or `ones`.
        """
        start, end, width = span
        marks = ", ".join("?" * len(metrics))
        select = (
            f"SELECT device, at_ms / ? AS bin, {WHAT[what][0]} FROM reading JOIN series ON series.id = reading.series"
            f" WHERE series.home = (SELECT id FROM home WHERE name = ?) AND metric IN ({marks})"
            f" AND at_ms >= ? AND at_ms < ?{WHAT[what][1]} GROUP BY device, bin ORDER BY bin, device"
        )
        values = (width * 1000, home, *sorted(metrics), to_ms(start), to_ms(end))
        rows = self.database.raw.execute(select, values)
        return [Bin(device, float(bin_ * width), float(value)) for device, bin_, value in rows]


class Bin(NamedTuple):
    device: str
    at: float
    value: float


WHAT = {"count": ("count(*)", ""), "mean": ("avg(value)", ""), "ones": ("count(*)", " AND value = 1")}
