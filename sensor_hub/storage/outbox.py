"""Notices on their way to people: a row says `sending` before the call and `delivered` after the service took it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    distinct,
    except_,
    func,
    select,
    update,
)

from sensor_hub.alerts.channel import Tried
from sensor_hub.alerts.delivery import Attempt, Delivery, NoticeState, Start
from sensor_hub.alerts.notice import Notice, Purpose
from sensor_hub.model.kind import ALARMS, Urgency
from sensor_hub.storage.channels import mark_broken, mend
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.ledger import Line, enter, note, settle
from sensor_hub.storage.tables.alerts import alert
from sensor_hub.storage.tables.notices import channel, delivery, notice
from sensor_hub.storage.terms import among, written

MOST_DUE = 50
RESTORED = "it may have been sent after the backup that the hub goes on from"

REFERENCE, CONTACT = (bindparam(name, type_=Text) for name in ("its_reference", "its_contact"))
THIS = notice.c.reference == REFERENCE
WAITS = notice.c.state == written(NoticeState.WAITING)
WAITS_FOR = and_(WAITS, notice.c.leader.is_(None), notice.c.contact == CONTACT)
OUTGOING = select(
    notice.c.reference,
    notice.c.alert,
    notice.c.contact,
    notice.c.urgency,
    notice.c.title,
    notice.c.body,
    notice.c.purpose,
    notice.c.channel,
    notice.c.attempts,
    notice.c.is_again,
)
"""What `_delivery` reads."""
URGENT_FIRST = case((notice.c.urgency == written(Urgency.URGENT), 0), else_=1)
DUE = (
    OUTGOING.where(WAITS_FOR, notice.c.next_ms <= bindparam("wall", type_=BigInteger))
    .order_by(URGENT_FIRST, notice.c.next_ms, notice.c.reference)
    .limit(MOST_DUE)
)
NEXT_DUE = select(func.min(notice.c.next_ms)).where(WAITS_FOR)
STUCK = OUTGOING.where(notice.c.state == written(NoticeState.SENDING)).order_by(notice.c.reference)
FIND = OUTGOING.where(THIS)
TRIED = (
    select(
        delivery.c.reference,
        delivery.c.channel,
        func.count().filter(delivery.c.state == written(NoticeState.SENDING)),
        func.count().filter(among(delivery.c.state, [NoticeState.REFUSED, NoticeState.BOUNCED])),
        func.count().filter(delivery.c.state == written(NoticeState.UNKNOWN)),
    )
    .where(delivery.c.reference.in_(bindparam("references", expanding=True)), delivery.c.channel != written(""))
    .group_by(delivery.c.reference, delivery.c.channel)
)
BROKEN = select(channel.c.contact, channel.c.key).where(
    channel.c.contact.in_(bindparam("contacts", expanding=True)), channel.c.broken_ms.isnot(None)
)
SENDING_BY = (
    select(delivery.c.channel)
    .where(delivery.c.reference == REFERENCE, delivery.c.state == written(NoticeState.SENDING))
    .order_by(delivery.c.row.desc())
    .limit(1)
)
ITS_ALERT = (
    select(alert.c.id, alert.c.kind, alert.c.handled, alert.c.closed_by, alert.c.cleared_ms)
    .select_from(notice)
    .outerjoin(alert, alert.c.id == notice.c.alert)
    .where(THIS, WAITS)
)
STANDING = select(notice.c.state, notice.c.attempts).where(THIS)
IS_AGAIN = select(notice.c.is_again).where(THIS)
ALL_WAITING = select(notice.c.reference, notice.c.urgency).where(WAITS)
GO_AGAIN = update(notice).where(THIS).values(is_again=1, leader=None)
"""One that goes again does so by itself."""
WAIT_UNTIL = update(notice).where(THIS)
HAS_ARRIVED = (
    select(delivery.c.row)
    .where(delivery.c.reference == REFERENCE, delivery.c.state == written(NoticeState.ARRIVED))
    .limit(1)
)
TAKEN_BY = except_(
    select(delivery.c.channel).where(
        delivery.c.reference == REFERENCE, delivery.c.state == written(NoticeState.DELIVERED)
    ),
    select(delivery.c.channel).where(
        delivery.c.reference == REFERENCE, delivery.c.state == written(NoticeState.BOUNCED)
    ),
)
REPEATABLE = and_(
    notice.c.state == written(NoticeState.UNKNOWN),
    select(func.count() == func.count(distinct(delivery.c.channel)))
    .where(delivery.c.reference == notice.c.reference, delivery.c.state == written(NoticeState.UNKNOWN))
    .correlate(notice)
    .scalar_subquery(),
)
"""Whether it may have arrived, and no channel was tried again for that."""
REPEATABLE_OF = select(notice.c.reference).where(notice.c.alert == bindparam("its_alert", type_=Text), REPEATABLE)


class SqlOutbox:
    """See `dispatch.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def due(self, contact: str, wall: float) -> list[Delivery]:
        """What waits for this contact and may be tried at the real moment `wall`, the urgent first."""
        return self._deliveries(DUE, {"its_contact": contact, "wall": to_ms(wall)})

    def add(self, notice: Notice, made_at: float, due_at: float) -> None:
        """Puts one in that is not an alert's."""
        with self.database.transaction() as connection:
            add_notice(connection, notice, made_at, due_at)

    def next_due(self, contact: str) -> float | None:
        """The real moment at which something may be tried next."""
        next_ms = self.database.connection.execute(NEXT_DUE, {"its_contact": contact}).scalar()
        return None if next_ms is None else from_ms(next_ms)

    def stuck(self) -> list[tuple[Delivery, str]]:
        """What was being sent when the hub stopped, each with its channel's key."""
        found = self._deliveries(STUCK, {})
        connection = self.database.connection
        keys = (connection.execute(SENDING_BY, {"its_reference": each.notice.reference}).scalar() for each in found)
        return [(each, key or "") for each, key in zip(found, keys, strict=True)]

    def find(self, reference: str) -> Delivery | None:
        """The notice with this reference, whatever became of it."""
        return next(iter(self._deliveries(FIND, {"its_reference": reference})), None)

    def start(self, attempt: Attempt, at: float) -> Start:
        """Waiting → sending; or → withheld, where nobody has to hear of it any more."""
        reference = attempt.reference
        with self.database.transaction() as connection:
            row = connection.execute(ITS_ALERT, {"its_reference": reference}).first()
            start = Start.GONE if row is None else _judge(*row)
            if start is Start.GO:
                line = Line(channel=attempt.channel.key)
                enter(connection, reference, NoticeState.SENDING, at, line, attempt=attempt.number)
            elif start is not Start.GONE:
                enter(connection, reference, NoticeState.WITHHELD, at, Line(start.value))
        return start

    def delivered(self, attempt: Attempt, at: float, provider_id: str | None = None) -> None:
        """A service took it. That may be heard late, when the notice was thought not to be known of or to go again."""
        line = Line(channel=attempt.channel.key, provider_id=provider_id)
        with self.database.transaction() as connection:
            mend(connection, attempt.channel.key)
            state, number = self._standing(connection, attempt.reference)
            is_open = state in {NoticeState.UNKNOWN, NoticeState.WAITING, NoticeState.FAILED}
            if is_open or (state is NoticeState.SENDING and number == attempt.number):
                enter(connection, attempt.reference, NoticeState.DELIVERED, at, line)
            else:
                note(connection, attempt.reference, NoticeState.DELIVERED, at, line)

    def failed(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """It was not taken: waits until the real moment `retry_at`, or is given up (None)."""
        with self.database.transaction() as connection:
            if self._is_being_sent(connection, attempt):
                self._go_on(connection, attempt, at, error, retry_at)

    def refused(self, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """The channel never takes it: it is broken until it takes one, or another address stands in its place."""
        with self.database.transaction() as connection:
            note(connection, attempt.reference, NoticeState.REFUSED, at, Line(error, attempt.channel.key))
            mark_broken(connection, attempt.channel, at, error)
            if self._is_being_sent(connection, attempt):
                self._go_on(connection, attempt, at, error, retry_at)

    def unheard(
        self, attempt: Attempt, at: float, error: str, retry_at: float | None, provider_id: str | None = None
    ) -> None:
        """Whether it arrived is not known. It goes by another channel at `retry_at`, marked; or stays unknown.

        By the same channel it does not go again: where it did arrive, a third and a fourth would only tell people that
        the hub cannot be relied on.
        """
        reference = attempt.reference
        with self.database.transaction() as connection:
            if not self._is_being_sent(connection, attempt):
                return
            line = Line(error, attempt.channel.key, provider_id)
            if _is_settled(connection, reference, at):
                note(connection, reference, NoticeState.UNKNOWN, at, line)
                return
            enter(connection, reference, NoticeState.UNKNOWN, at, line)
            if retry_at is not None:
                _go_again(connection, reference, at, retry_at, error)

    def arrived(self, reference: str, channel: str, at: float) -> None:
        """A service that took it says that the person has it."""
        with self.database.transaction() as connection:
            state, _ = self._standing(connection, reference)
            is_over = state in {NoticeState.SENDING, NoticeState.WITHHELD, NoticeState.ARRIVED}
            (note if is_over else enter)(connection, reference, NoticeState.ARRIVED, at, Line(channel=channel))

    def bounced(self, reference: str, channel: str, at: float, error: str, retry_at: float | None) -> None:
        """A service that took it says that it did not arrive. By another channel at `retry_at`, or given up.

        That ends nothing where the notice has gone, or goes, by another channel meanwhile.
        """
        with self.database.transaction() as connection:
            line = Line(error, channel)
            note(connection, reference, NoticeState.BOUNCED, at, line)
            state, _ = self._standing(connection, reference)
            if state is not NoticeState.DELIVERED or _taken_by(connection, reference):
                return
            enter(connection, reference, NoticeState.FAILED if retry_at is None else NoticeState.WAITING, at, line)
            if retry_at is not None:
                _wait_until(connection, reference, retry_at)

    def broken(self, attempt: Attempt, at: float, error: str) -> None:
        """The channel takes nothing any more, as was heard after it had taken the notice."""
        with self.database.transaction() as connection:
            mark_broken(connection, attempt.channel, at, error)

    def restored(self, at: float) -> None:
        """Settles what had not gone when a backup was made, for a hub that goes on from it: it may have gone since.

        The urgent goes again, marked; the rest waits for a person's look.
        """
        with self.database.transaction() as connection:
            for reference, urgency in connection.execute(ALL_WAITING).all():
                enter(connection, reference, NoticeState.UNKNOWN, at, Line(RESTORED))
                if urgency == Urgency.URGENT:
                    _go_again(connection, reference, at, at, RESTORED)

    def _deliveries(self, notices: Select[Any], values: dict[str, object]) -> list[Delivery]:
        connection = self.database.connection
        rows = connection.execute(notices, values).all()
        if not rows:
            return []
        tried: dict[str, dict[str, Tried]] = defaultdict(dict)
        references = {"references": [row.reference for row in rows]}
        for reference, key, tries, refusals, unheard in connection.execute(TRIED, references):
            tried[reference][key] = Tried(tries, refusals > 0, unheard > 0)
        broken: dict[str, set[str]] = defaultdict(set)
        for contact, key in connection.execute(BROKEN, {"contacts": list({row.contact for row in rows})}):
            broken[contact].add(key)
        return [_delivery(row, tried[row.reference], broken[row.contact]) for row in rows]

    def _standing(self, connection: Connection, reference: str) -> tuple[NoticeState | None, int]:
        """The notice's state, and the number of its last attempt."""
        row = connection.execute(STANDING, {"its_reference": reference}).first()
        return (None, 0) if row is None else (NoticeState(row[0]), row[1])

    def _is_being_sent(self, connection: Connection, attempt: Attempt) -> bool:
        """Whether this attempt is the last one, and nothing has been said of it before."""
        return self._standing(connection, attempt.reference) == (NoticeState.SENDING, attempt.number)

    def _go_on(self, connection: Connection, attempt: Attempt, at: float, error: str, retry_at: float | None) -> None:
        """To the next attempt; or to what is known after the last one."""
        reference, line = attempt.reference, Line(error, attempt.channel.key)
        if _is_settled(connection, reference, at):
            return
        if retry_at is not None:
            enter(connection, reference, NoticeState.WAITING, at, line)
            _wait_until(connection, reference, retry_at)
        else:
            may_have_arrived = connection.execute(IS_AGAIN, {"its_reference": reference}).scalar_one()
            state = NoticeState.UNKNOWN if may_have_arrived else NoticeState.FAILED
            enter(connection, reference, state, at, line)


def add_notice(connection: Connection, each: Notice, made_at: float, due_at: float) -> None:
    """Puts it in, to be sent from the real moment `due_at` on; one with the same reference stays as it is."""
    row = {
        "reference": each.reference,
        "alert": each.alert,
        "contact": each.contact,
        "urgency": each.urgency,
        "title": each.title,
        "body": each.body,
        "purpose": each.purpose,
        "channel": each.channel,
        "state": NoticeState.WAITING,
        "next_ms": to_ms(due_at),
        "made_ms": to_ms(made_at),
        "state_ms": to_ms(made_at),
    }
    if insert_new(connection, notice, row):
        note(connection, each.reference, NoticeState.WAITING, made_at)


def send_again(connection: Connection, alert: str, at: float, due_at: float) -> int:
    """What is not known to have arrived of an alert's notices goes again, each once, though by the same channel."""
    references = connection.execute(REPEATABLE_OF, {"its_alert": alert}).scalars().all()
    for reference in references:
        _go_again(connection, reference, at, due_at, "nobody else could be told")
    return len(references)


def _go_again(connection: Connection, reference: str, at: float, due_at: float, error: str) -> None:
    """Unknown → waiting, marked as one that may have arrived."""
    enter(connection, reference, NoticeState.WAITING, at, Line(error))
    connection.execute(GO_AGAIN, {"its_reference": reference, "next_ms": to_ms(due_at)})


def _wait_until(connection: Connection, reference: str, due_at: float) -> None:
    connection.execute(WAIT_UNTIL, {"its_reference": reference, "next_ms": to_ms(due_at)})


def _is_settled(connection: Connection, reference: str, at: float) -> bool:
    """Whether it arrived after all, by an attempt of which that was heard late: then that is the notice's state."""
    has_arrived = connection.execute(HAS_ARRIVED, {"its_reference": reference}).first() is not None
    if not has_arrived and not _taken_by(connection, reference):
        return False
    settle(connection, reference, NoticeState.ARRIVED if has_arrived else NoticeState.DELIVERED, at)
    return True


def _taken_by(connection: Connection, reference: str) -> set[str]:
    """The channels whose service took the notice, and has not said that it did not arrive."""
    return set(connection.execute(TAKEN_BY, {"its_reference": reference}).scalars())


def _delivery(row: Sequence[Any], tried: Mapping[str, Tried], broken: Collection[str]) -> Delivery:
    """A row of `OUTGOING`."""
    reference, alert, contact, urgency, title, body, purpose, channel, attempts, is_again = row
    notice = Notice(reference, alert, contact, Urgency(urgency), title, body, Purpose(purpose), channel)
    return Delivery(notice, attempts, bool(is_again), tried, frozenset(broken))


def _judge(alert: str | None, kind: str, handled: str, closed_by: str | None, cleared_ms: int | None) -> Start:
    if alert is None:
        # A test, say: nobody can take it.
        return Start.GO
    if handled == "acknowledged" or closed_by is not None:
        return Start.TAKEN
    if kind not in ALARMS and (cleared_ms is not None or handled == "closed"):
        return Start.ENDED
    return Start.GO
