"""How far each alert has come along its policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Text, and_, bindparam, case, exists, or_, select

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.alerts.escalation import Escalation, Pending, Stage
from sensor_hub.model.alert import AlertChange, AlertState
from sensor_hub.model.kind import ALARMS, Urgency
from sensor_hub.model.moment import MINUTE
from sensor_hub.storage.alert_book import CHANGE, to_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import put
from sensor_hub.storage.outbox import REPEATABLE
from sensor_hub.storage.tables.alerts import alert, alert_change, escalation, silence
from sensor_hub.storage.tables.notices import notice
from sensor_hub.storage.terms import among, written

COVERED_ON = 6 * MINUTE
"""What a wider alert covered has a tick's time to end with it."""
ALERT = bindparam("its_id", type_=Text)
NOW, COVERED_SINCE, TAKEN_SINCE = (bindparam(name, type_=BigInteger) for name in ("now", "covered", "taken"))
PLACE = (
    escalation.c.alert,
    escalation.c.number,
    escalation.c.policy,
    escalation.c.step,
    escalation.c.turn,
    escalation.c.stage,
    escalation.c.due_ms,
    escalation.c.cause,
)

OF_MOVE = (
    select(notice.c.reference)
    .where(notice.c.alert == alert.c.id, notice.c.made_ms >= escalation.c.stage_ms)
    .correlate(alert, escalation)
)
IS_LOST = or_(
    notice.c.state == written(NoticeState.FAILED),
    and_(notice.c.state == written(NoticeState.UNKNOWN), notice.c.urgency == written(Urgency.URGENT)),
)
GIVEN_UP = and_(OF_MOVE.exists(), ~OF_MOVE.where(~IS_LOST).exists())
"""Whether nothing of the last move was delivered or may still be; not where it has no notice."""
MAY_REPEAT = OF_MOVE.where(REPEATABLE).exists()
wider = alert.alias("wider")
UNCOVERED = and_(
    escalation.c.stage == written(Stage.COVERED),
    ~exists()
    .where(
        wider.c.id == escalation.c.cause,
        or_(wider.c.cleared_ms.is_(None), wider.c.cleared_ms > COVERED_SINCE),
        wider.c.closed_by.is_(None),
    )
    .correlate(escalation),
)
UNSILENCED = and_(
    escalation.c.stage == written(Stage.SILENCED),
    ~exists()
    .where(silence.c.id == escalation.c.cause, silence.c.ended_ms.is_(None), silence.c.until_ms > NOW)
    .correlate(escalation),
)
IS_DUE = or_(
    escalation.c.due_ms <= NOW,
    and_(GIVEN_UP, or_(escalation.c.due_ms.isnot(None), MAY_REPEAT)),
    UNCOVERED,
    UNSILENCED,
)
HAS_LAPSED = and_(
    alert.c.urgency == written(Urgency.URGENT),
    alert.c.acknowledged_ms <= TAKEN_SINCE,
    or_(alert.c.cleared_ms.is_(None), among(alert.c.kind, sorted(ALARMS))),
)
DUE = (
    select(
        *PLACE,
        case((alert.c.handled == written("acknowledged"), alert.c.acknowledged_by), else_=written("")),
        GIVEN_UP,
        MAY_REPEAT,
    )
    .join_from(alert, escalation, escalation.c.alert == alert.c.id)
    .where(
        or_(
            and_(alert.c.handled == written("open"), IS_DUE),
            and_(alert.c.handled == written("acknowledged"), HAS_LAPSED),
        )
    )
    .order_by(escalation.c.alert)
)
OF = select(*PLACE).where(escalation.c.alert == ALERT)
SINCE = select(escalation.c.stage_ms).where(escalation.c.alert == ALERT)
HANDLED = select(alert.c.handled).where(alert.c.id == ALERT)
LOST = select(alert.c.id).where(
    alert.c.handled == written("open"),
    alert.c.urgency != written(Urgency.NOTICE),
    ~exists().where(escalation.c.alert == alert.c.id).correlate(alert),
)
LAST_CHANGE = (
    select(*CHANGE)
    .where(alert_change.c.alert == ALERT, alert_change.c.state != written(AlertState.CLEARED))
    .order_by(alert_change.c.number.desc())
    .limit(1)
)


class SqlEscalations:
    """See `watch.ports.Escalations`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, each: Escalation, at: float) -> None:
        """Takes the place of where the alert was before."""
        row = {
            "alert": each.alert,
            "number": each.number,
            "policy": each.policy,
            "step": each.step,
            "turn": each.turn,
            "stage": each.stage,
            "due_ms": None if each.due is None else to_ms(each.due),
            "stage_ms": to_ms(at),
            "cause": each.cause,
        }
        put(self.database.connection, escalation, row)

    def due(self, at: float, *, lapses_after: float) -> list[Pending]:
        """Open alerts whose next move is due, or whose last reached nobody, or that nothing keeps back any more.

        With them the urgent ones that were taken so long ago and last, and those that were exhausted, of which the last
        notice may not have arrived.
        """
        moments = {"now": to_ms(at), "covered": to_ms(at - COVERED_ON), "taken": to_ms(at - lapses_after)}
        return [
            Pending(_escalation(row), by, is_undelivered=not by and bool(given_up), may_repeat=bool(may_repeat))
            for *row, by, given_up, may_repeat in self.database.connection.execute(DUE, moments)
        ]

    def of(self, alert: str) -> Escalation | None:
        """Where the alert is; None where it never was to be told."""
        row = self.database.connection.execute(OF, {"its_id": alert}).first()
        return None if row is None else _escalation(row)

    def since(self, alert: str) -> float:
        """When it came to where it is."""
        return from_ms(self.database.connection.execute(SINCE, {"its_id": alert}).scalar_one())

    def is_open(self, alert: str) -> bool:
        """Whether nobody has taken it, and it is not closed."""
        return self.database.connection.execute(HANDLED, {"its_id": alert}).scalar() == "open"

    def lost(self) -> Iterator[AlertChange]:
        """Alerts that nobody took and that interrupt, of which nothing says how far they have come."""
        for each in self.database.connection.execute(LOST).scalars().all():
            yield self.change(each)

    def change(self, alert: str) -> AlertChange:
        """The change that describes the alert as it stands: the last one that is not that it ended."""
        return to_change(self.database.connection.execute(LAST_CHANGE, {"its_id": alert}).one())


def _escalation(row: Sequence[Any]) -> Escalation:
    """A row of `PLACE`."""
    alert, number, policy, step, turn, stage, due_ms, cause = row
    due = None if due_ms is None else from_ms(due_ms)
    return Escalation(alert, number, policy, step, turn, Stage(stage), due, cause)
