"""Notices that are sent together with another one."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from sensor_hub.alerts.delivery import NoticeState, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.model.kind import Urgency
from sensor_hub.storage.database import Database
from sensor_hub.storage.ledger import Line, enter
from sensor_hub.storage.tables.alerts import alert
from sensor_hub.storage.tables.notices import notice
from sensor_hub.storage.terms import written

GOING_ALONG = (
    select(
        notice.c.reference,
        notice.c.alert,
        notice.c.contact,
        notice.c.urgency,
        notice.c.title,
        notice.c.body,
        alert.c.handled,
        alert.c.closed_by,
    )
    .join_from(notice, alert, alert.c.id == notice.c.alert)
    .where(notice.c.leader == bindparam("first"), notice.c.state == written(NoticeState.SENDING))
    .order_by(notice.c.place)
)


class SqlCompanions:
    """See `dispatch.linked.Companions`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of(self, reference: str, at: float) -> list[Notice]:
        """Those that go with this one, which is being sent; without those of which nobody has to hear any more."""
        going = []
        with self.database.transaction() as connection:
            rows = connection.execute(GOING_ALONG, {"first": reference}).all()
            for ref, of, contact, urgency, title, body, handled, closed_by in rows:
                if handled == "open":
                    going.append(Notice(ref, of, contact, Urgency(urgency), title, body))
                    continue
                is_taken = handled == "acknowledged" or closed_by is not None
                why = Start.TAKEN if is_taken else Start.ENDED
                enter(connection, ref, NoticeState.WITHHELD, at, Line(why.value))
        return going
