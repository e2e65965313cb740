"""The states that a notice went through, each with its moment, its channel and what the service said.

Here alone a notice's state is changed. What becomes of one becomes of those that are sent with it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Text, and_, bindparam, insert, or_, select, update

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import to_ms
from sensor_hub.storage.tables.base import Whole
from sensor_hub.storage.tables.notices import delivery, notice
from sensor_hub.storage.terms import written

REFERENCE = bindparam("its_reference", type_=Text)
FOLLOWS = and_(notice.c.leader == REFERENCE, notice.c.state != written(NoticeState.WITHHELD))
"""It goes with this one; what is withheld goes with none."""
MOVE = update(notice).where(notice.c.reference == REFERENCE)
MOVE_ALL = update(notice).where(or_(notice.c.reference == REFERENCE, FOLLOWS))
NEXT = select(notice.c.reference).where(FOLLOWS).order_by(notice.c.place).limit(1)
FOLLOW = update(notice).where(FOLLOWS)
CONTACT = select(notice.c.contact).where(notice.c.reference == REFERENCE)
ALONE = {NoticeState.WAITING, NoticeState.WITHHELD}
"""What is told of a notice alone: those that go with it wait, and are withheld, each by itself."""
INSERT = insert(delivery).inline()
INSERT_ALONG = insert(delivery).from_select(
    ["reference", "at_ms", "state", "error", "channel"],
    select(
        notice.c.reference,
        bindparam("at_ms", type_=Whole),
        *(bindparam(name, type_=Text) for name in ("state", "error", "channel")),
    )
    .where(FOLLOWS)
    .order_by(notice.c.place),
)


class Line(NamedTuple):
    """What goes with a state: what was wrong, the channel's key, and the service's own name of the notice."""

    error: str | None = None
    channel: str = ""
    provider_id: str | None = None


NOTHING = Line()


def enter(
    connection: Connection,
    reference: str,
    state: NoticeState,
    at: float,
    line: Line = NOTHING,
    *,
    attempt: int | None = None,
) -> None:
    """The notice is in this state from `at` on; `attempt`: the number of the one that begins."""
    _move(connection, reference, state, at, line.error, attempt)
    if state is NoticeState.FAILED:
        contact = connection.execute(CONTACT, {"its_reference": reference}).scalar() or ""
        note_change(connection, What.CONTACT_UNREACHED, at, about=contact)
    note(connection, reference, state, at, line)


def settle(connection: Connection, reference: str, state: NoticeState, at: float) -> None:
    """The notice is in a state that its ledger tells of already."""
    _move(connection, reference, state, at, None, None)


def note(connection: Connection, reference: str, state: NoticeState, at: float, line: Line = NOTHING) -> None:
    """Something became known of the notice; it stays in the state in which it is."""
    told = {"at_ms": to_ms(at), "state": state, "error": line.error, "channel": line.channel}
    connection.execute(INSERT, {"reference": reference, "provider_id": line.provider_id, **told})
    if state not in ALONE:
        # The service's name of it stands in the ledger once.
        connection.execute(INSERT_ALONG, {"its_reference": reference, **told})


def _move(
    connection: Connection, reference: str, state: NoticeState, at: float, error: str | None, attempt: int | None
) -> None:
    values = {"its_reference": reference, "state": state, "state_ms": to_ms(at), "error": error}
    if attempt is not None:
        values["attempts"] = attempt
    connection.execute(MOVE if state is NoticeState.WITHHELD else MOVE_ALL, values)
    if state is NoticeState.WITHHELD:
        _hand_over(connection, reference)


def _hand_over(connection: Connection, reference: str) -> None:
    """The next of those that went with it leads the others."""
    following = connection.execute(NEXT, {"its_reference": reference}).scalar()
    if following is not None:
        connection.execute(FOLLOW, {"its_reference": reference, "leader": following})
        connection.execute(MOVE, {"its_reference": following, "leader": None})
