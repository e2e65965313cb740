"""Alerts: their changes, where each stands, what people did, and the notices that go with a change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Text, Update, and_, bindparam, insert, or_, select, update

from sensor_hub.alerts.delivery import NoticeState, Start
from sensor_hub.alerts.notice import Notice
from sensor_hub.alerts.routing import Before, Reason
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.change import What
from sensor_hub.model.kind import ALARMS, Kind, Urgency
from sensor_hub.storage.changes import note_alert
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new, put
from sensor_hub.storage.ledger import Line, enter
from sensor_hub.storage.outbox import add_notice, send_again
from sensor_hub.storage.tables.alerts import alert, alert_act, alert_change
from sensor_hub.storage.tables.notices import notice
from sensor_hub.storage.terms import written
from sensor_hub.watch.ports import Closing, Recorded, Taken

CHANGE = (
    alert_change.c.alert,
    alert_change.c.number,
    alert_change.c.home,
    alert_change.c.kind,
    alert_change.c.subject,
    alert_change.c.urgency,
    alert_change.c.state,
    alert_change.c.at_ms,
    alert_change.c.since_ms,
    alert_change.c.summary,
    alert_change.c.evidence,
)
"""What `to_change` reads."""
ALERT = bindparam("its_id", type_=Text)
IS_OPEN = and_(alert.c.id == ALERT, alert.c.handled == written("open"))
IS_TAKEN = and_(alert.c.id == ALERT, alert.c.handled == written("acknowledged"))
IS_CLOSED = and_(alert.c.id == ALERT, alert.c.handled == written("closed"))
IS_NOT_CLOSED_BY_ANYONE = and_(
    alert.c.id == ALERT, or_(alert.c.handled != written("closed"), alert.c.closed_by.is_(None))
)
CLOSES_BY_ITSELF = alert.c.kind.notin_([written(kind) for kind in sorted(ALARMS)])

BEFORE = select(alert.c.urgency, alert.c.cleared_ms, alert.c.handled).where(alert.c.id == ALERT)
HOME = select(alert.c.home).where(alert.c.id == ALERT)
OWNER = select(alert.c.acknowledged_by).where(IS_TAKEN)
OPEN_ANEW = (
    update(alert)
    .where(IS_CLOSED)
    .values(
        handled=written("open"),
        closed_by=None,
        closed_ms=None,
        outcome=None,
        note=None,
        acknowledged_by=None,
        acknowledged_ms=None,
    )
)
CLEAR = update(alert).where(alert.c.id == ALERT)
CLOSE_BY_ITSELF = update(alert).where(IS_OPEN, CLOSES_BY_ITSELF).values(handled=written("closed"))
CLOSE_IF_ENDED = CLOSE_BY_ITSELF.where(alert.c.cleared_ms.isnot(None))
ACKNOWLEDGE = update(alert).where(IS_OPEN).values(handled=written("acknowledged"))
CLOSE = update(alert).where(IS_NOT_CLOSED_BY_ANYONE).values(handled=written("closed"))
LAPSE = update(alert).where(IS_TAKEN).values(handled=written("open"), acknowledged_by=None, acknowledged_ms=None)
NOTE = insert(alert_act).inline()
OF_STATE = {
    AlertState.RAISED: What.ALERT_RAISED,
    AlertState.UPDATED: What.ALERT_UPDATED,
    AlertState.CLEARED: What.ALERT_CLEARED,
}
OF_ACT = {
    "told": What.ALERT_TOLD,
    "passed on": What.ALERT_PASSED_ON,
    "acknowledged": What.ALERT_ACKNOWLEDGED,
    "closed": What.ALERT_CLOSED,
}
KEEPS_BACK = frozenset({"covered", "silenced", "held"})
EXHAUSTED = (Reason.EXHAUSTED.value, Reason.UNFOLLOWED.value, Reason.NOBODY.value)
FOLLOW = update(notice).where(
    notice.c.reference == bindparam("its_reference"),
    notice.c.state == written(NoticeState.WAITING),
    notice.c.attempts == 0,
)
WAITING = select(notice.c.reference).where(notice.c.alert == ALERT, notice.c.state == written(NoticeState.WAITING))
OF_HOME = select(*CHANGE).where(alert_change.c.home == bindparam("of")).order_by(alert_change.c.row)
OF_ALERT = select(*CHANGE).where(alert_change.c.alert == ALERT).order_by(alert_change.c.number)


class SqlAlertBook:
    """See `watch.ports.AlertBook`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record(self, change: AlertChange) -> Recorded | None:
        """Writes the change and what it makes of the alert; None where it was made before."""
        with self.database.transaction() as connection:
            before = connection.execute(BEFORE, {"its_id": change.id}).first()
            row = _row(change)
            if not insert_new(connection, alert_change, row):
                return None
            if change.state is AlertState.CLEARED:
                self._clear(connection, change)
            else:
                _stand(connection, change, row)
            note_alert(connection, OF_STATE[change.state], change.id, change.at)
        if before is None:
            return Recorded(Before(None))
        urgency, cleared_ms, handled = before
        return Recorded(Before(None if cleared_ms is not None else Urgency(urgency), handled == "acknowledged"))

    def _clear(self, connection: Connection, change: AlertChange) -> None:
        """The condition ended: that closes the alert if nobody took it, unless it is an alarm: somebody has to look."""
        at_ms = to_ms(change.at)
        connection.execute(CLEAR, {"its_id": change.id, "cleared_ms": at_ms})
        if change.kind not in ALARMS:
            connection.execute(CLOSE_BY_ITSELF, {"its_id": change.id, "closed_ms": at_ms})
            _withhold(connection, change.id, change.at, Start.ENDED)

    def add_notice(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts it in the outbox, waiting; one with the same reference stays as it is."""
        with self.database.transaction() as connection:
            add_notice(connection, notice, made_at, due_at)

    def send_together(self, references: Sequence[str]) -> None:
        """These are sent as one notice, in this order, as long as none of them was sent."""
        leader, *others = references
        rows = [{"its_reference": each, "leader": leader, "place": place} for place, each in enumerate(others, 1)]
        if rows:
            with self.database.transaction() as connection:
                connection.execute(FOLLOW, rows)

    def note(self, alert: str, at: float, *, act: str, who: str, reason: str) -> None:
        """Adds a line to the alert's history."""
        row = {"alert": alert, "at_ms": to_ms(at), "act": act, "who": who, "reason": reason}
        with self.database.transaction() as connection:
            connection.execute(NOTE, row)
            if told := _to_listeners(act, who, reason):
                note_alert(connection, told[0], alert, at, told[1])

    def home_of(self, alert: str) -> str | None:
        """The alert's home; None where there is no such alert."""
        home: str | None = self.database.connection.execute(HOME, {"its_id": alert}).scalar()
        return home

    def owner(self, alert: str) -> str | None:
        """Who has taken it; None where nobody has it now."""
        owner: str | None = self.database.connection.execute(OWNER, {"its_id": alert}).scalar()
        return owner

    def acknowledge(self, alert: str, by: str, at: float) -> Taken:
        """Open → acknowledged."""
        values = {"acknowledged_by": by, "acknowledged_ms": to_ms(at)}
        return self._act(alert, ACKNOWLEDGE, values, ("acknowledged", by, at))

    def close(self, alert: str, closing: Closing, at: float) -> Taken:
        """→ closed, by a person, once."""
        values = {
            "closed_by": closing.by,
            "closed_ms": to_ms(at),
            "outcome": closing.outcome,
            "note": closing.note,
        }
        return self._act(alert, CLOSE, values, (f"closed as {closing.outcome.value}", closing.by, at))

    def lapse(self, alert: str, at: float) -> None:
        """Acknowledged → open: nobody has it any more; or closed, where its condition has ended meanwhile.

        What still waited when it was taken is not sent.
        """
        with self.database.transaction() as connection:
            _withhold(connection, alert, at, Start.TAKEN)
            connection.execute(LAPSE, {"its_id": alert})
            connection.execute(CLOSE_IF_ENDED, {"its_id": alert, "closed_ms": to_ms(at)})
            note_alert(connection, What.ALERT_LAPSED, alert, at)

    def send_again(self, alert: str, at: float, due_at: float) -> int:
        """What is not known to have arrived of the alert's notices goes again, each once. How many."""
        with self.database.transaction() as connection:
            return send_again(connection, alert, at, due_at)

    def _act(self, alert: str, act: Update, values: dict[str, object], told: tuple[str, str, float]) -> Taken:
        name, by, at = told
        with self.database.transaction() as connection:
            if connection.execute(act, {"its_id": alert, **values}).rowcount == 1:
                self.note(alert, at, act=name, who=by, reason="")
                _withhold(connection, alert, at, Start.TAKEN)
                return Taken.DONE
        return Taken.UNKNOWN if self.home_of(alert) is None else Taken.TAKEN

    def changes_of_home(self, home: str) -> Iterator[AlertChange]:
        """Every change of the home's alerts, in the order made."""
        return map(to_change, self.database.connection.execute(OF_HOME, {"of": home}))

    def changes_of_alert(self, alert: str) -> list[AlertChange]:
        return [to_change(row) for row in self.database.connection.execute(OF_ALERT, {"its_id": alert})]


def _to_listeners(act: str, who: str, reason: str) -> tuple[What, str | None] | None:
    """What a line of an alert's history is to who listens, and how; None: nothing that is not told already."""
    if act in KEEPS_BACK:
        return What.ALERT_KEPT_BACK, act
    if act == "told" and reason.startswith(EXHAUSTED):
        return What.ALERT_EXHAUSTED, None
    if act == "told" and not who:
        return None
    return OF_ACT[act.partition(" as ")[0]], None


def _row(change: AlertChange) -> dict[str, object]:
    return {
        "alert": change.id,
        "number": change.number,
        "home": change.home,
        "kind": change.kind,
        "subject": change.subject,
        "urgency": change.urgency,
        "state": change.state,
        "at_ms": to_ms(change.at),
        "since_ms": to_ms(change.since),
        "summary": change.summary,
        "evidence": json.dumps(dict(change.evidence), ensure_ascii=False),
    }


def _stand(connection: Connection, change: AlertChange, row: dict[str, object]) -> None:
    """The condition holds. An alert that had closed is open again; one that somebody took stays theirs."""
    names = ("home", "kind", "subject", "urgency", "since_ms", "summary", "evidence")
    values = {name: row[name] for name in names}
    now = {"id": change.id, "raised_ms": row["at_ms"], "handled": "open", "cleared_ms": None, **values}
    put(connection, alert, now, changes=("urgency", "summary", "evidence", "cleared_ms"))
    if change.state is AlertState.RAISED:
        connection.execute(OPEN_ANEW, {"its_id": change.id})


def _withhold(connection: Connection, alert: str, at: float, why: Start) -> None:
    """Waiting → withheld, for all notices of the alert."""
    for reference in connection.execute(WAITING, {"its_id": alert}).scalars().all():
        enter(connection, reference, NoticeState.WITHHELD, at, Line(why.value))


def to_change(row: Sequence[Any]) -> AlertChange:
    """A row of `CHANGE`."""
    id_, number, home, kind, subject, urgency, state, at_ms, since_ms, summary, evidence = row
    return AlertChange(
        id=id_,
        number=number,
        home=home,
        kind=Kind(kind),
        subject=subject,
        urgency=Urgency(urgency),
        state=AlertState(state),
        at=from_ms(at_ms),
        since=from_ms(since_ms),
        summary=summary,
        evidence=json.loads(evidence),
    )
