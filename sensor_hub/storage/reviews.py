"""What happened in all homes in a stretch of time, and which rounds were told already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sensor_hub.alerts.review import Review, Reviewed, Unseen
from sensor_hub.alerts.routing import Reason
from sensor_hub.model.alert import Outcome
from sensor_hub.model.kind import KINDS, Kind, Urgency
from sensor_hub.storage.coverage_board import ALL_HOMES, WHOLLY, SqlCoverageBoard
from sensor_hub.storage.database import Database, from_ms, to_ms

RAISED = (
    "SELECT id, home, kind, urgency, summary, since_ms, raised_ms, outcome, handled != 'closed',"
    " (SELECT min(at_ms) FROM alert_act WHERE alert_act.alert = alert.id AND at_ms >= raised_ms"
    "  AND (act = 'acknowledged' OR act LIKE 'closed as %'))"
    " FROM alert WHERE raised_ms >= ? AND raised_ms < ? ORDER BY raised_ms, id"
)
# The reasons are written out as in the index that finds them.
EXHAUSTED = (
    "SELECT alert.home, alert.kind FROM alert_act JOIN alert ON alert.id = alert_act.alert"
    f" WHERE reason IN ('{Reason.EXHAUSTED.value}', '{Reason.UNFOLLOWED.value}') AND at_ms >= ? AND at_ms < ?"
    " ORDER BY at_ms"
)

PAGES = "SELECT home, count(*) FROM page WHERE at_ms >= ? AND at_ms < ? GROUP BY home"


class SqliteReviews:
    def __init__(self, database: Database) -> None:
        self.database = database

    def last(self, name: str, reader: str) -> float | None:
        """The time of the last round of this name that the reader was told; None where there was none."""
        select = "SELECT max(at_ms) FROM told_round WHERE name = ? AND reader = ?"
        at_ms = self.database.raw.execute(select, (name, reader)).fetchone()[0]
        return None if at_ms is None else from_ms(at_ms)

    def keep(self, name: str, reader: str, at: float) -> None:
        """The reader was told of the round of this time."""
        insert = "INSERT OR IGNORE INTO told_round (name, reader, at_ms) VALUES (?, ?, ?)"
        self.database.raw.execute(insert, (name, reader, to_ms(at)))

    def review(self, homes: Collection[str], start: float, end: float) -> Review:
        """Of these homes alone; silences are not in it."""
        span = (to_ms(start), to_ms(end))
        with self.database.raw_transaction() as connection:
            alerts = [_reviewed(row) for row in connection.execute(RAISED, span)]
            exhausted = connection.execute(EXHAUSTED, span).fetchall()
            paged = connection.execute(PAGES, span).fetchall()
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


def _reviewed(row: tuple[str, str, str, str, str, int, int, str | None, int, int | None]) -> Reviewed:
    """A row of `RAISED`."""
    alert, home, kind, urgency, summary, since_ms, raised_ms, outcome, is_open, answered_ms = row
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
        is_open=bool(is_open),
    )
