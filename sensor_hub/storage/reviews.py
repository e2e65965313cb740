"""What happened in all homes in a stretch of time, and which rounds were told already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, or_, select

from sensor_hub.alerts.review import Review, Reviewed, Unseen
from sensor_hub.alerts.routing import Reason
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.storage.card_reminders import card_reminders
from sensor_hub.storage.consent_reminders import consent_reminders
from sensor_hub.storage.coverage_board import ALL_HOMES, WHOLLY, SqlCoverageBoard
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.alerts import alert, alert_act, page
from sensor_hub.storage.tables.hub import told_round
from sensor_hub.storage.terms import among, written

START, END = (bindparam(name, type_=BigInteger) for name in ("start", "end"))
RAISED = (
    select(
        alert.c.id,
        alert.c.home,
        alert.c.kind,
        alert.c.urgency,
        alert.c.summary,
        alert.c.since_ms,
        alert.c.raised_ms,
        alert.c.outcome,
        alert.c.handled,
        select(func.min(alert_act.c.at_ms))
        .where(
            alert_act.c.alert == alert.c.id,
            alert_act.c.at_ms >= alert.c.raised_ms,
            or_(alert_act.c.act == written("acknowledged"), alert_act.c.act.like(written("closed as %"))),
        )
        .correlate(alert)
        .scalar_subquery(),
    )
    .where(alert.c.raised_ms >= START, alert.c.raised_ms < END)
    .order_by(alert.c.raised_ms, alert.c.id)
)
EXHAUSTED = (
    select(alert.c.home, alert.c.kind)
    .join_from(alert_act, alert, alert.c.id == alert_act.c.alert)
    .where(
        among(alert_act.c.reason, [Reason.EXHAUSTED.value, Reason.UNFOLLOWED.value]),
        alert_act.c.at_ms >= START,
        alert_act.c.at_ms < END,
    )
    .order_by(alert_act.c.at_ms)
)
PAGES = select(page.c.home, func.count()).where(page.c.at_ms >= START, page.c.at_ms < END).group_by(page.c.home)
LAST = select(func.max(told_round.c.at_ms)).where(
    told_round.c.name == bindparam("name", type_=Text), told_round.c.reader == bindparam("reader", type_=Text)
)


class SqlReviews:
    def __init__(self, database: Database) -> None:
        self.database = database

    def last(self, name: str, reader: str) -> float | None:
        """The time of the last round of this name that the reader was told; None where there was none."""
        at_ms = self.database.connection.execute(LAST, {"name": name, "reader": reader}).scalar()
        return None if at_ms is None else from_ms(at_ms)

    def keep(self, name: str, reader: str, at: float) -> None:
        """The reader was told of the round of this time."""
        insert_new(self.database.connection, told_round, {"name": name, "reader": reader, "at_ms": to_ms(at)})

    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        """Of these homes alone; silences are not in it."""
        span = {"start": to_ms(start), "end": to_ms(end)}
        with self.database.transaction() as connection:
            alerts = [_reviewed(row) for row in connection.execute(RAISED, span)]
            exhausted = connection.execute(EXHAUSTED, span).all()
            paged = connection.execute(PAGES, span).all()
            unseen, away = self._unseen(homes, start, end)
        return Review(
            start,
            end,
            len(homes),
            alerts=[alert for alert in alerts if alert.home in homes],
            pages=sum(count for home, count in paged if home in homes),
            exhausted=[f"{home}: {KINDS[Kind(kind)].title}" for home, kind in exhausted if home in homes],
            unseen=unseen,
            away=away,
            cards=card_reminders(self.database, homes, end),
            consents=consent_reminders(self.database, homes, end),
        )

    def _unseen(self, homes: Collection[str], start: float, end: float) -> tuple[list[Unseen], float]:
        spans: dict[str, dict[bool, float]] = defaultdict(lambda: {True: 0.0, False: 0.0})
        away = 0.0
        for span in SqlCoverageBoard(self.database).unseen(start, end):
            if span.home == ALL_HOMES:
                away += span.end - span.start
            elif span.home in homes:
                spans[span.home][span.how == WHOLLY] += span.end - span.start
        return [Unseen(home, those[True], those[False]) for home, those in sorted(spans.items())], away


def _reviewed(row: Sequence[Any]) -> Reviewed:
    """A row of `RAISED`."""
    alert, home, kind, urgency, summary, since_ms, raised_ms, outcome, handled, answered_ms = row
    return Reviewed(
        alert,
        home,
        Kind(kind),
        Urgency(urgency),
        summary,
        from_ms(since_ms),
        from_ms(raised_ms),
        outcome=None if outcome is None else Outcome(outcome),
        answered_at=None if answered_ms is None else from_ms(answered_ms),
        is_open=handled != "closed",
    )
