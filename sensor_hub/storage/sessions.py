"""Sessions of people who signed in: whoever is struck here is out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from sensor_hub.access.session import SignedIn, Stage
from sensor_hub.model.change import What
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.ends import Ended, Ends
from sensor_hub.storage.tables.accounts import session


class StoredSessions:
    """By the hash of their ids."""

    def __init__(self, database: Database, ends: Ends) -> None:
        self.database = database
        self.ends = ends

    def begin(self, begun: SignedIn) -> None:
        row = {
            "id_hash": begun.id_hash,
            "account": begun.account,
            "stage": begun.stage.value,
            "made_ms": to_ms(begun.made_at),
            "seen_ms": to_ms(begun.seen_at),
            "ends_ms": to_ms(begun.ends_at),
            "address": begun.address,
            "agent": begun.agent,
        }
        with self.database.transaction() as connection:
            connection.execute(insert(session), row)

    def find(self, id_hash: str) -> SignedIn | None:
        row = self.database.connection.execute(select(session).where(session.c.id_hash == id_hash)).one_or_none()
        return None if row is None else _signed_in(row)

    def of_account(self, account: str) -> Sequence[SignedIn]:
        """Those of one person, the last seen first."""
        rows = select(session).where(session.c.account == account).order_by(session.c.seen_ms.desc())
        return [_signed_in(row) for row in self.database.connection.execute(rows)]

    def seen(self, id_hash: str, at: float) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(session).where(session.c.id_hash == id_hash).values(seen_ms=to_ms(at)))

    def end(self, id_hash: str) -> bool:
        """False where it had ended."""
        return self._end(session.c.id_hash == id_hash) == 1

    def end_all_of(self, account: str, *, but: str = "") -> int:
        """Ends all sessions of an account, `but` for the one with this hash; how many."""
        return self._end((session.c.account == account) & (session.c.id_hash != but))

    def forget(self, *, ended_before: float, seen_before: float) -> int:
        """Strikes those that are over by their age or for want of use; how many."""
        is_over = (session.c.ends_ms <= to_ms(ended_before)) | (session.c.seen_ms <= to_ms(seen_before))
        with self.database.transaction() as connection:
            return connection.execute(delete(session).where(is_over)).rowcount

    def _end(self, which: ColumnElement[bool]) -> int:
        with self.database.transaction() as connection:
            stages = connection.execute(delete(session).where(which).returning(session.c.stage)).scalars().all()
            # One that waits for its second step ends with each sign-in, and shows nothing.
            if Stage.FULL.value in stages:
                self.ends.note(Ended.SESSIONS)
                note_change(connection, What.ACCESS)
        return len(stages)


def _signed_in(row: Row[tuple[object, ...]]) -> SignedIn:
    value = row._mapping
    return SignedIn(
        id_hash=value["id_hash"],
        account=value["account"],
        stage=Stage(value["stage"]),
        made_at=from_ms(value["made_ms"]),
        seen_at=from_ms(value["seen_ms"]),
        ends_at=from_ms(value["ends_ms"]),
        address=value["address"],
        agent=value["agent"],
    )
