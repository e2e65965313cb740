"""The silences that people asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, bindparam, func, or_, select, tuple_, update

from sensor_hub.alerts.silence import Silence
from sensor_hub.model.change import What
from sensor_hub.model.kind import Kind
from sensor_hub.storage.changes import note_change
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.alerts import alert_act, silence
from sensor_hub.storage.terms import written

SILENCE = bindparam("its_id", type_=Text)
GET = select(silence).where(silence.c.id == SILENCE)
STANDING = select(silence).where(silence.c.ended_ms.is_(None)).order_by(silence.c.until_ms, silence.c.id)
ENDED = (
    select(silence)
    .where(silence.c.ended_ms >= bindparam("since", type_=BigInteger))
    .order_by(silence.c.ended_ms.desc(), silence.c.id)
)
END = update(silence).where(silence.c.id == SILENCE, silence.c.ended_ms.is_(None))
HELD_BACK = (
    select(alert_act.c.alert)
    .where(alert_act.c.act == written("silenced"), alert_act.c.who == SILENCE)
    .group_by(alert_act.c.alert)
    .order_by(func.min(alert_act.c.row))
)


class SqlSilences:
    """See `watch.ports.Silences`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, each: Silence, at: float) -> None:
        """One with the same id stays as it is."""
        with self.database.transaction() as connection:
            if insert_new(connection, silence, _row(each)):
                _note(connection, What.SILENCE_SET, each, at)

    def get(self, silence: str) -> Silence | None:
        row = self.database.connection.execute(GET, {"its_id": silence}).first()
        return None if row is None else _silence(row)

    def standing(self) -> list[Silence]:
        """Those that have not ended, also such as have not begun."""
        return [_silence(row) for row in self.database.connection.execute(STANDING)]

    def ended(self, since: float) -> Iterator[Silence]:
        """Those that have ended since, the last first."""
        return map(_silence, self.database.connection.execute(ENDED, {"since": to_ms(since)}))

    def newest(self, since: float, limit: int, after: tuple[float, str] | None) -> Iterator[Silence]:
        """Those that have not ended, or have since, by (start, id), the newest first."""
        shown = or_(silence.c.ended_ms.is_(None), silence.c.ended_ms >= to_ms(since))
        found = select(silence).where(shown).order_by(silence.c.start_ms.desc(), silence.c.id.desc()).limit(limit)
        if after is not None:
            found = found.where(tuple_(silence.c.start_ms, silence.c.id) < tuple_(to_ms(after[0]), after[1]))
        return map(_silence, self.database.connection.execute(found))

    def end(self, silence: str, at: float, by: str) -> bool:
        """Ends it, once. `by`: empty where it ends by itself."""
        values = {"its_id": silence, "ended_ms": to_ms(at), "ended_by": by}
        with self.database.transaction() as connection:
            has_ended = connection.execute(END, values).rowcount == 1
            ended = self.get(silence) if has_ended else None
            if ended is not None:
                _note(connection, What.SILENCE_ENDED, ended, at)
        return has_ended

    def held_back(self, silence: str) -> list[str]:
        """The alerts that it held back, in order."""
        return list(self.database.connection.execute(HELD_BACK, {"its_id": silence}).scalars())


def _note(connection: Connection, what: What, each: Silence, at: float) -> None:
    kinds = " ".join(sorted(each.kinds))
    note_change(connection, what, at, home=each.homes, about=each.id, detail=kinds)


def _row(each: Silence) -> dict[str, object]:
    return {
        "id": each.id,
        "homes": each.homes,
        "start_ms": to_ms(each.start),
        "until_ms": to_ms(each.until),
        "who": each.who,
        "why": each.why,
        "kinds": " ".join(sorted(each.kinds)),
        "place": each.place,
        "ended_by": "",
    }


def _silence(row: Sequence[Any]) -> Silence:
    id_, homes, start_ms, until_ms, who, why, kinds, place, ended_ms, ended_by = row
    return Silence(
        id=id_,
        homes=homes,
        start=from_ms(start_ms),
        until=from_ms(until_ms),
        who=who,
        why=why,
        kinds=frozenset(Kind(kind) for kind in kinds.split()),
        place=place,
        ended_at=None if ended_ms is None else from_ms(ended_ms),
        ended_by=ended_by,
    )
