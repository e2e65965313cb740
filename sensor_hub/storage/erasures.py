"""What is to be erased, how far that has come, and the certificates of what was."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select, true, tuple_, update

from sensor_hub.model.consent import Data, parse_scope, scope_names
from sensor_hub.model.moment import DAY
from sensor_hub.storage.database import Database, from_ms, to_ms
from sensor_hub.storage.tables.consents import erasure
from sensor_hub.storage.tables.homes import home as home_table
from sensor_hub.storage.tables.homes import tenant_of_home
from sensor_hub.watch.consent_ports import Withdrawal

WAITING, RUNNING, DONE, CALLED_OFF = "waiting", "running", "done", "called off"
WITHDRAWN = "no longer agreed"


@dataclass(frozen=True, slots=True)
class Job:
    """One erasure. `data` empty: the whole home."""

    id: str
    home: str
    tenant: str
    """Empty where nobody knows whose the home is."""
    data: frozenset[Data]
    reason: str
    by: str
    state: str
    upto: int
    asked_at: float
    due_at: float
    step: str = ""
    """The one that is going on; empty: none has begun."""
    cursor: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    began_at: float | None = None

    @property
    def is_whole(self) -> bool:
        return not self.data


class Certified(NamedTuple):
    """An erasure that is done, and what is handed out of it."""

    done_at: float
    id: str
    told: Mapping[str, Any]


def mark_of(home: str) -> str:
    """What is kept of the id of a home that was erased: enough to know it again, in a backup."""
    return hashlib.sha256(b"sensor-hub home\0" + home.encode()).hexdigest()


class Erasures:
    """See `watch.consent_ports.Erasures`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.grace_days = 0.0
        """For how long after a withdrawal what was collected stays."""
        self._whole: set[str] | None = None
        self._rollbacks = 0

    def ask(self, withdrawal: Withdrawal) -> None:
        """Once its time of grace is over."""
        self._add(withdrawal, withdrawal.data, WITHDRAWN, withdrawal.at + self.grace_days * DAY)

    def ask_whole(self, withdrawal: Withdrawal, reason: str) -> None:
        """At once, and with it what was to be erased of the home before."""
        with self.database.transaction() as connection:
            others = (erasure.c.home == withdrawal.home) & erasure.c.state.in_([WAITING, RUNNING])
            connection.execute(update(erasure).where(others).values(state=CALLED_OFF))
            self._add(withdrawal, frozenset(), reason, withdrawal.at)
        self._whole = None

    def call_off(self, home: str, data: Collection[Data]) -> None:
        """These are agreed again: of what waits for the end of its time of grace they are left out."""
        waiting = (erasure.c.home == home) & (erasure.c.state == WAITING) & (erasure.c.data != "[]")
        with self.database.transaction() as connection:
            for row in connection.execute(select(erasure).where(waiting)).all():
                left = parse_scope(json.loads(row.data)) - set(data)
                # An empty list would be the whole home.
                values = {"data": json.dumps(scope_names(left))} if left else {"state": CALLED_OFF}
                connection.execute(update(erasure).where(erasure.c.id == row.id).values(**values))

    def is_erased(self, home: str) -> bool:
        """Whether all of it is, or is being, erased."""
        if self._whole is None or self._rollbacks != self.database.rollbacks:
            self._rollbacks = self.database.rollbacks
            whole = (erasure.c.data == "[]") & (erasure.c.state != CALLED_OFF)
            self._whole = set(self.database.connection.execute(select(erasure.c.mark).where(whole)).scalars())
        return bool(self._whole) and mark_of(home) in self._whole

    def homes(self) -> Sequence[str]:
        """All homes of which there is a log."""
        return list(self.database.connection.execute(select(home_table.c.name)).scalars())

    def due(self, at: float) -> Job | None:
        """The next one to go on with."""
        is_due = (erasure.c.state == RUNNING) | ((erasure.c.state == WAITING) & (erasure.c.due_ms <= to_ms(at)))
        query = select(erasure).where(is_due).order_by(erasure.c.state, erasure.c.due_ms, erasure.c.id).limit(1)
        row = self.database.connection.execute(query).first()
        return None if row is None else _job(row)

    def of(self, home: str, *, limit: int = 100, after: tuple[float, str] | None = None) -> Sequence[Job]:
        """Those of a home that is not erased itself, by (asked at, id), the last one asked for first."""
        query = select(erasure).where(erasure.c.home == home)
        if after is not None:
            query = query.where(tuple_(erasure.c.asked_ms, erasure.c.id) < tuple_(to_ms(after[0]), after[1]))
        query = query.order_by(erasure.c.asked_ms.desc(), erasure.c.id.desc()).limit(limit)
        return [_job(row) for row in self.database.connection.execute(query)]

    def move(self, job: Job, step: str, *, cursor: int = 0, at: float | None = None) -> None:
        """The job is at this step now."""
        values: dict[str, Any] = {"state": RUNNING, "step": step, "cursor": cursor}
        if at is not None:
            values["began_ms"] = to_ms(at)
        self._change(job, values)

    def note(self, job: Job, table: str, rows: int, *, cursor: int = 0) -> None:
        """So many rows more are gone, in the transaction that removed them."""
        with self.database.transaction() as connection:
            mine = erasure.c.id == job.id
            counts = json.loads(connection.execute(select(erasure.c.counts).where(mine)).scalar_one())
            counts[table] = counts.get(table, 0) + rows
            connection.execute(update(erasure).where(mine).values(counts=json.dumps(counts), cursor=cursor))

    def job(self, name: str) -> Job | None:
        row = self.database.connection.execute(select(erasure).where(erasure.c.id == name)).first()
        return None if row is None else _job(row)

    def finish(self, job: Job, certificate: Mapping[str, object], at: float) -> None:
        """It is done. Of a home that is erased as a whole no trace of its id stays, also not in earlier ones of it."""
        values = {
            "state": DONE,
            "step": "",
            "done_ms": to_ms(at),
            "certificate": json.dumps(certificate, ensure_ascii=False, sort_keys=True),
        }
        with self.database.transaction() as connection:
            connection.execute(update(erasure).where(erasure.c.id == job.id).values(**values))
            if job.is_whole:
                connection.execute(update(erasure).where(erasure.c.home == job.home).values(home=""))

    def certificate(self, name: str, tenant: str | None = None) -> dict[str, Any] | None:
        """None where there is no such erasure, it is not done, or of another tenant's home (None: anybody's)."""
        mine = (erasure.c.id == name) & (true() if tenant is None else erasure.c.tenant == tenant)
        text = self.database.connection.execute(select(erasure.c.certificate).where(mine)).scalar()
        return None if text is None else dict(json.loads(text))

    def certificates(
        self, tenant: str | None = None, *, limit: int, after: tuple[float, str] | None = None
    ) -> Sequence[Certified]:
        """Of erasures of a tenant's homes (None: anybody's), by (done at, id), the last first."""
        mine = (erasure.c.state == DONE) & (true() if tenant is None else erasure.c.tenant == tenant)
        query = select(erasure.c.done_ms, erasure.c.id, erasure.c.certificate).where(mine)
        if after is not None:
            query = query.where(tuple_(erasure.c.done_ms, erasure.c.id) < tuple_(to_ms(after[0]), after[1]))
        rows = self.database.connection.execute(
            query.order_by(erasure.c.done_ms.desc(), erasure.c.id.desc()).limit(limit)
        )
        return [Certified(from_ms(done_ms), id_, json.loads(text)) for done_ms, id_, text in rows]

    def _add(self, withdrawal: Withdrawal, data: frozenset[Data], reason: str, due_at: float) -> None:
        whose = select(tenant_of_home.c.tenant).where(tenant_of_home.c.home == withdrawal.home)
        row = {
            "id": secrets.token_hex(8),
            "home": withdrawal.home,
            "tenant": self.database.connection.execute(whose).scalar() or "",
            "mark": mark_of(withdrawal.home),
            "data": json.dumps(scope_names(data)),
            "reason": reason,
            "who": withdrawal.by,
            "state": WAITING,
            "step": "",
            "upto": withdrawal.upto,
            "cursor": 0,
            "asked_ms": to_ms(withdrawal.at),
            "due_ms": to_ms(due_at),
            "counts": "{}",
        }
        with self.database.transaction() as connection:
            connection.execute(insert(erasure), row)

    def _change(self, job: Job, values: Mapping[str, Any]) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(erasure).where(erasure.c.id == job.id).values(**values))


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        home=row.home,
        tenant=row.tenant,
        data=parse_scope(json.loads(row.data)),
        reason=row.reason,
        by=row.who,
        state=row.state,
        upto=row.upto,
        asked_at=from_ms(row.asked_ms),
        due_at=from_ms(row.due_ms),
        step=row.step,
        cursor=row.cursor,
        counts=json.loads(row.counts),
        began_at=None if row.began_ms is None else from_ms(row.began_ms),
    )
