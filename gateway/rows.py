"""The tables of the outbox, and what is given up first when they grow too large."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sensor_hub.model.metric import ACTIVITY, Metric
from sensor_hub.model.moment import DAY, HOUR

log = logging.getLogger(__name__)

LAYOUT = 1
SCHEMA = """
CREATE TABLE state (stream TEXT NOT NULL, last INTEGER NOT NULL, answered INTEGER NOT NULL);
CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, metric TEXT NOT NULL, precious INTEGER NOT NULL,
                     UNIQUE (device, metric));
CREATE TABLE reading (number INTEGER PRIMARY KEY, series INTEGER NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE UNIQUE INDEX reading_key ON reading (series, at);
CREATE TABLE mark (at REAL NOT NULL, number INTEGER NOT NULL);
CREATE TABLE rejected (id INTEGER PRIMARY KEY, at REAL NOT NULL, reason TEXT NOT NULL, device TEXT NOT NULL,
                       detail TEXT NOT NULL, topic TEXT NOT NULL);
"""
PRECIOUS = ACTIVITY | {Metric.SMOKE, Metric.WATER_LEAK, Metric.SOS, Metric.BUTTON, Metric.VIBRATION}
"""What is given up last: signs of a person and calls for help. Climate says much the same an hour later."""

MARK_EVERY = HOUR
GIVE_UP_AT_ONCE = 5000
"""Rows given up in one transaction, so that a commit stays short on an SD card."""
CHECK_WHOLE_BELOW = 16_000_000
"""Bytes up to which a file is read through at the start; a larger one would keep the start waiting."""
MOST_REJECTED = 500
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the outbox may hold. `answered_for`: how long rows stay that the hub has answered."""

    age: float = 45 * DAY
    size: int = 500_000_000
    answered_for: float = 2 * DAY


class Damaged(Exception):  # noqa: N818
    """The file is not an outbox that can be used: it is to be set aside."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken: not a full disk or a lock, which pass."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED


def open_database(path: Path) -> sqlite3.Connection:
    """The outbox in the file, made where there is none. Damaged when there is one that cannot be used."""
    if path.is_dir():
        raise Damaged("it is a folder")
    is_new = not path.exists() or path.stat().st_size == 0
    try:
        db = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False, cached_statements=32)
    except sqlite3.OperationalError as error:
        raise Damaged(str(error)) from error
    try:
        _prepare(db, is_new=is_new, check=not is_new and path.stat().st_size < CHECK_WHOLE_BELOW)
    except sqlite3.Error as error:
        db.close()
        readable = getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_ERROR)
        if is_damage(error) or not readable:
            raise Damaged(str(error)) from error
        raise
    except Damaged:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, *, is_new: bool, check: bool) -> None:
    db.execute("PRAGMA cache_size = -512")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_size_limit = 4194304")
    layout = db.execute("PRAGMA user_version").fetchone()[0]
    if is_new or (layout == 0 and not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]):
        with transaction(db):
            for statement in SCHEMA.split(";"):
                db.execute(statement)
            db.execute("INSERT INTO state VALUES (?, 0, 0)", (new_stream(),))
            db.execute(f"PRAGMA user_version = {LAYOUT}")
    elif layout != LAYOUT:
        raise Damaged(f"its layout is {layout}, not {LAYOUT}")
    elif check and (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Damaged(str(found).splitlines()[0])
    if db.execute("SELECT count(*) FROM state").fetchone()[0] != 1:
        raise Damaged("it does not say its stream")


def new_stream() -> str:
    return secrets.token_hex(8)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; on the disk when the block has been left."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def set_aside(path: Path) -> Path:
    """Renames a file that cannot be used, and what SQLite keeps beside it; returns its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def keep_bounds(db: sqlite3.Connection, bounds: Bounds, *, at: float, last: int, answered: int) -> int:
    """Drops what is old or too much, within the running transaction; returns how many unanswered rows were given up."""
    given_up = _keep_age(db, bounds, at=at, last=last, answered=answered)
    if _size(db) > bounds.size:
        given_up += _keep_size(db, answered)
    return given_up


def _keep_age(db: sqlite3.Connection, bounds: Bounds, *, at: float, last: int, answered: int) -> int:
    """By when rows were accepted, not by their moments: a device's clock may be years off."""
    newest = db.execute("SELECT max(at) FROM mark").fetchone()[0]
    if newest is not None and newest <= at < newest + MARK_EVERY:
        return 0
    # A mark that lies ahead was made while the clock was wrong: it would keep its rows for ever.
    db.execute("UPDATE mark SET at = ? WHERE at > ?", (at, at))
    db.execute("INSERT INTO mark VALUES (?, ?)", (at, last))
    db.execute("DELETE FROM reading WHERE number <= ?", (min(answered, _reached(db, at - bounds.answered_for)),))
    too_old = _reached(db, at - bounds.age)
    given_up = db.execute("DELETE FROM reading WHERE number <= ?", (too_old,)).rowcount
    db.execute("DELETE FROM mark WHERE at < ?", (at - max(bounds.age, bounds.answered_for) - DAY,))
    return given_up


def _reached(db: sqlite3.Connection, at: float) -> int:
    """The number up to which all rows were accepted by `at`."""
    found = db.execute("SELECT max(number) FROM mark WHERE at <= ?", (at,)).fetchone()[0]
    return int(found or 0)


def _size(db: sqlite3.Connection) -> int:
    """Bytes in use; pages that were freed are used again and do not count."""
    pages = db.execute("PRAGMA page_count").fetchone()[0] - db.execute("PRAGMA freelist_count").fetchone()[0]
    return int(pages) * int(db.execute("PRAGMA page_size").fetchone()[0])


def _keep_size(db: sqlite3.Connection, answered: int) -> int:
    """Answered rows go first, then the oldest that are not precious, then the oldest."""
    oldest = "DELETE FROM reading WHERE number IN (SELECT number FROM reading {} ORDER BY number LIMIT ?)"
    if db.execute(oldest.format("WHERE number <= ?"), (answered, GIVE_UP_AT_ONCE)).rowcount:
        return 0
    common = "WHERE series IN (SELECT id FROM series WHERE NOT precious)"
    given_up = db.execute(oldest.format(common), (GIVE_UP_AT_ONCE,)).rowcount
    return given_up or db.execute(oldest.format(""), (GIVE_UP_AT_ONCE,)).rowcount
