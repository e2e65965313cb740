"""Who stands in on which rota, as people said while the hub ran."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Row, Text, bindparam, func, or_, select, update

from sensor_hub.alerts.stand_in import StandIn
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.inserting import insert_new
from sensor_hub.storage.tables.hub import stand_in as rows

ROTA, ITS_ID = bindparam("its_rota", type_=Text), bindparam("its_id", type_=Text)
AT = bindparam("at", type_=BigInteger)
LASTS = rows.c.until_ms > AT
AFTER = select(rows).where(LASTS).order_by(rows.c.made_ms, rows.c.id)
GET = select(rows).where(rows.c.rota == ROTA, rows.c.id == ITS_ID)
PLACE = bindparam("place_ms", type_=BigInteger), bindparam("place_id", type_=Text)
PAGE = (
    select(rows)
    .where(
        rows.c.rota == ROTA,
        LASTS,
        or_(rows.c.start_ms > PLACE[0], (rows.c.start_ms == PLACE[0]) & (rows.c.id > PLACE[1])),
    )
    .order_by(rows.c.start_ms, rows.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
STANDING = select(func.count()).select_from(rows).where(rows.c.rota == ROTA, LASTS, rows.c.ended_ms.is_(None))
END = update(rows).where(rows.c.rota == ROTA, rows.c.id == ITS_ID, rows.c.ended_ms.is_(None), LASTS)


class SqlStandIns:
    """See `watch.round_ports.StandIns`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def after(self, at: float) -> list[StandIn]:
        """Those that were to last beyond `at`, also such as were ended, in the order in which they were made."""
        return [_stand_in(row) for row in self.database.connection.execute(AFTER, {"at": to_ms(at)})]

    def get(self, rota: str, stand_in: str) -> StandIn | None:
        row = self.database.connection.execute(GET, {"its_rota": rota, "its_id": stand_in}).first()
        return None if row is None else _stand_in(row)

    def page(self, rota: str, at: float, limit: int, place: tuple[float, str] | None = None) -> list[StandIn]:
        """Those of the rota that were to last beyond `at`, by when they begin, from behind this place."""
        start, name = place or (0.0, "")
        values = {"its_rota": rota, "at": to_ms(at), "place_ms": to_ms(start), "place_id": name, "most": limit}
        return [_stand_in(row) for row in self.database.connection.execute(PAGE, values)]

    def standing(self, rota: str, at: float) -> int:
        """How many of the rota stand, now and later."""
        return int(self.database.connection.execute(STANDING, {"its_rota": rota, "at": to_ms(at)}).scalar_one())

    def add(self, each: StandIn) -> None:
        row = {
            "id": each.id,
            "rota": each.rota,
            "who": each.who,
            "instead_of": each.instead_of,
            "start_ms": to_ms(each.start),
            "until_ms": to_ms(each.until),
            "made_by": each.by,
            "made_ms": to_ms(each.made_at),
            "ended_by": "",
        }
        insert_new(self.database.connection, rows, row)

    def end(self, rota: str, stand_in: str, at: float, by: str) -> bool:
        """Ends it, once; False where it has ended or is over."""
        values = {"its_rota": rota, "its_id": stand_in, "at": to_ms(at), "ended_ms": to_ms(at), "ended_by": by}
        return self.database.connection.execute(END, values).rowcount == 1


def _stand_in(row: Row[Any]) -> StandIn:
    return StandIn(
        id=row.id,
        rota=row.rota,
        who=row.who,
        start=from_ms(row.start_ms),
        until=from_ms(row.until_ms),
        by=row.made_by,
        made_at=from_ms(row.made_ms),
        instead_of=row.instead_of,
        ended_at=None if row.ended_ms is None else from_ms(row.ended_ms),
        ended_by=row.ended_by,
    )
