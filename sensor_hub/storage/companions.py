"""Notices that are sent together with another one, in SQLite."""

from __future__ import annotations

from sensor_hub.alerts.delivery import NoticeState, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.database import Database
from sensor_hub.storage.ledger import Line, enter


class SqliteCompanions:
    """See `dispatch.linked.Companions`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, reference: str, at: float) -> list[Notice]:
        """Those that go with this one, which is being sent; without those of which nobody has to hear any more."""
        select = (
            "SELECT reference, alert, contact, notice.urgency, title, body, handled, closed_by FROM notice"
            " JOIN alert ON alert.id = notice.alert WHERE leader = ? AND state = 'sending' ORDER BY place"
        )
        going = []
        with self.database.raw_transaction() as connection:
            for ref, alert, contact, urgency, title, body, handled, closed_by in connection.execute(
                select, (reference,)
            ).fetchall():
                if handled == "open":
                    going.append(Notice(ref, alert, contact, Urgency(urgency), title, body))
                    continue
                is_taken = handled == "acknowledged" or closed_by is not None
                why = Start.TAKEN if is_taken else Start.ENDED
                enter(connection, ref, NoticeState.WITHHELD, at, Line(why.value))
        return going
