"""Erases what is kept of a home, or some kinds of data of it, in short transactions: others that write wait for one.

Each step finds what is left of it by itself, and what was done is counted in the transaction that does it. So it can be
killed anywhere and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update

from sensor_hub.alerts.delivery import NoticeState
from sensor_hub.model.alert import Outcome
from sensor_hub.model.consent import DATA_OF, EVERYTHING, Data, of_device, parse_scope, scope_names
from sensor_hub.model.metric import Metric
from sensor_hub.storage.database import Database, to_ms
from sensor_hub.storage.erasures import Erasures, Job
from sensor_hub.storage.ledger import Line, enter
from sensor_hub.storage.log import SqlHomeLog
from sensor_hub.storage.personal import ERASED, LAST, PSEUDONYMISED, Blanked, Held
from sensor_hub.storage.tables.alerts import alert
from sensor_hub.storage.tables.homes import home as home_table
from sensor_hub.storage.tables.homes import rejected, series
from sensor_hub.storage.tables.log import entry, hour, reading
from sensor_hub.storage.tables.notices import notice

AT_ONCE = 2000
"""Rows in one transaction."""
BATCHES_AT_ONCE = 200
READINGS = "readings"
OVER = "the home was erased"
BLANKED = "pseudonymised "
"""Stands before the table's name where rows were not removed."""


class Erasing:
    """`advance` does one transaction's work of a job."""

    def __init__(self, database: Database, erasures: Erasures) -> None:
        self.database = database
        self.erasures = erasures
        self.log = SqlHomeLog(database)

    def advance(self, job: Job, at: float) -> bool:
        """Goes on with a job that `erasures` gives anew each time; False once nothing is left of it to do."""
        steps = self._whole() if job.is_whole else self._of_data()
        names = list(steps)
        if not job.step:
            if self.database.is_sqlite:
                # What is deleted is overwritten, so that the file does not hold it any more.
                self.database.connection.exec_driver_sql("PRAGMA secure_delete = ON")
            self.erasures.move(job, names[0], at=at)
            return True
        with self.database.transaction():
            if steps[job.step](job, at):
                return True
            place = names.index(job.step) + 1
            if place < len(names):
                self.erasures.move(job, names[place])
        if place == len(names) and self.database.is_sqlite:
            self.database.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return place < len(names)

    def _whole(self) -> Mapping[str, Callable[[Job, float], bool]]:
        steps: dict[str, Callable[[Job, float], bool]] = {"close": self._close}
        for held in (*ERASED, *PSEUDONYMISED, *LAST):
            steps[held.table.name] = self._step_of(held)
        return steps

    def _of_data(self) -> Mapping[str, Callable[[Job, float], bool]]:
        return {
            "scope": self._narrow,
            "reading": self._erase_readings,
            "hour": self._erase_hours,
            "entry": self._erase_batches,
            "series": self._erase_series,
            "rejected": self._erase_rejected,
        }

    def _step_of(self, held: Held | Blanked) -> Callable[[Job, float], bool]:
        """Whether there may be more of it."""
        if isinstance(held, Held):
            return lambda job, _at: self._delete(job, held, held.which(job.home))
        return lambda job, _at: self._blank(job, held)

    def _delete(self, job: Job, held: Held, which: ColumnElement[bool]) -> bool:
        keys = list(held.table.primary_key)
        if keys:
            some = select(*keys).where(which).limit(AT_ONCE)
            which = (tuple_(*keys) if len(keys) > 1 else keys[0]).in_(some)
        deleted = self.database.connection.execute(delete(held.table).where(which)).rowcount
        if deleted:
            self.erasures.note(job, held.table.name, deleted)
        return bool(deleted and keys)

    def _blank(self, job: Job, blanked: Blanked) -> bool:
        table, values = blanked.table, dict(blanked.values)
        if blanked.is_named:
            values["home"] = pseudonym_of(job)
        (key,) = table.primary_key
        which = blanked.which(job.home)
        if not blanked.is_named:
            which &= ~_is_blank(blanked)
        some = select(key).where(which).limit(AT_ONCE)
        changed = self.database.connection.execute(update(table).where(key.in_(some)).values(**values)).rowcount
        if changed:
            self.erasures.note(job, BLANKED + table.name, changed)
        return bool(changed)

    def _close(self, job: Job, at: float) -> bool:
        """Nobody is to act on the home's alerts any more, nor to be told of them."""
        connection = self.database.connection
        mine = (alert.c.home == job.home) & (alert.c.handled != "closed")
        alerts = select(alert.c.id).where(alert.c.home == job.home)
        waiting = notice.c.alert.in_(alerts) & (notice.c.state == "waiting")
        for reference in connection.execute(select(notice.c.reference).where(waiting)).scalars().all():
            # One of another home may be to go with it.
            enter(connection, reference, NoticeState.WITHHELD, at, Line(OVER))
        closed = {"handled": "closed", "closed_by": OVER, "closed_ms": to_ms(at), "outcome": Outcome.UNKNOWN.value}
        connection.execute(update(alert).where(mine).values(**closed))
        return False

    def _narrow(self, job: Job, _at: float) -> bool:
        """The log says from its beginning that these data are not agreed: it is played again as it is now.

        Without this the readings that are not in it any more would look like days of silence.
        """
        settings = (entry.c.kind == "settings") & (entry.c.position <= job.upto)
        mine = entry.c.home.in_(select(home_table.c.id).where(home_table.c.name == job.home)) & settings
        rows = self.database.connection.execute(select(entry.c.position, entry.c.body).where(mine)).all()
        bodies = {row.position: json.loads(row.body) for row in rows}
        first = min((position for position, body in bodies.items() if "home" in body), default=None)
        for position, body in bodies.items():
            if "scope" in body or position == first:
                left = (parse_scope(body["scope"]) if "scope" in body else EVERYTHING) - job.data
                text = json.dumps({**body, "scope": scope_names(left)}, ensure_ascii=False)
                self.database.connection.execute(update(entry).where(entry.c.position == position).values(body=text))
        return False

    def _erase_readings(self, job: Job, _at: float) -> bool:
        gone = self._series(job)
        held = next(held for held in ERASED if held.table is reading)
        return bool(gone) and self._delete(job, held, reading.c.series.in_(gone) & (reading.c.position <= job.upto))

    def _erase_hours(self, job: Job, _at: float) -> bool:
        gone = self._series(job)
        held = next(held for held in ERASED if held.table is hour)
        return bool(gone) and self._delete(job, held, hour.c.series.in_(gone))

    def _series(self, job: Job) -> list[int]:
        """Those of the data; and the battery of a device of which nothing else is left tells when it moved."""
        mine = series.c.home.in_(select(home_table.c.id).where(home_table.c.name == job.home))
        found = self.database.connection.execute(select(series.c.id, series.c.device, series.c.metric).where(mine))
        rows = [(number, device, Metric(metric)) for number, device, metric in found]
        declined = {metric for metric, data in DATA_OF.items() if data in job.data}
        described = self.log.description(job.home)
        devices = () if described is None else described.home().devices
        measures = {device.id: set(device.metrics) for device in devices}
        for _, device, metric in rows:
            measures.setdefault(device, set()).add(metric)
        left = {device: of_device(frozenset(metrics), declined) for device, metrics in measures.items()}
        return [number for number, device, metric in rows if metric not in left[device]]

    def _erase_batches(self, job: Job, _at: float) -> bool:
        """Batches of which nothing is left tell when something came; others no more than what they still hold."""
        connection = self.database.connection
        of_home = select(home_table.c.id).where(home_table.c.name == job.home)
        mine = entry.c.home.in_(of_home) & (entry.c.kind == READINGS)
        mine &= (entry.c.position > job.cursor) & (entry.c.position <= job.upto)
        query = select(entry.c.position, entry.c.first_ms, entry.c.last_ms).where(mine)
        batches = connection.execute(query.order_by(entry.c.position).limit(BATCHES_AT_ONCE)).all()
        if not batches:
            return False
        left = self._left_in(job, batches)
        empty = [row.position for row in batches if row.position not in left]
        connection.execute(delete(entry).where(entry.c.position.in_(empty)))
        for row in batches:
            bounds = left.get(row.position)
            if bounds is not None and bounds != (row.first_ms, row.last_ms):
                narrower = {"first_ms": bounds[0], "last_ms": bounds[1]}
                connection.execute(update(entry).where(entry.c.position == row.position).values(**narrower))
        self.erasures.note(job, entry.name, len(empty), cursor=batches[-1].position)
        return True

    def _left_in(self, job: Job, batches: Any) -> dict[int, tuple[int, int]]:
        """The first and last moment of what these batches still hold, by position."""
        of_home = select(home_table.c.id).where(home_table.c.name == job.home)
        numbers = select(series.c.id).where(series.c.home.in_(of_home))
        first, last = min(row.first_ms for row in batches), max(row.last_ms for row in batches)
        positions = reading.c.position.between(batches[0].position, batches[-1].position)
        within = reading.c.series.in_(numbers) & reading.c.at_ms.between(first, last) & positions
        bounds = select(reading.c.position, func.min(reading.c.at_ms), func.max(reading.c.at_ms)).where(within)
        found = self.database.connection.execute(bounds.group_by(reading.c.position))
        return {position: (first, last) for position, first, last in found}

    def _erase_series(self, job: Job, _at: float) -> bool:
        gone = [
            number
            for number in self._series(job)
            if self.database.connection.execute(select(reading.c.series).where(reading.c.series == number)).first()
            is None
        ]
        self.database.connection.execute(delete(series).where(series.c.id.in_(gone)))
        self.erasures.note(job, series.name, len(gone))
        return False

    def _erase_rejected(self, job: Job, _at: float) -> bool:
        """What could not be used is kept as it came, whatever it was about."""
        held = next(held for held in ERASED if held.table is rejected)
        return self._delete(job, held, held.which(job.home))


def pseudonym_of(job: Job) -> str:
    """What stands in the place of an erased home's id. No home can have it: it has a letter that ids do not have."""
    return f"erased:{job.id}"


def data_words(data: frozenset[Data]) -> str:
    return ", ".join(scope_names(data)) or "the whole home"


def _is_blank(blanked: Blanked) -> ColumnElement[bool]:
    """Every one of the values stands there already."""
    columns = [blanked.table.c[name] == value for name, value in blanked.values.items()]
    together = columns[0]
    for each in columns[1:]:
        together &= each
    return together
