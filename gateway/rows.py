"""The tables of the outbox, and opening the file that holds them."""

from __future__ import annotations

import os
import pwd
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.streams import SCHEMA as STREAM_SCHEMA
from gateway.streams import add_stream

LAYOUT = 2
SCHEMA = """
CREATE TABLE state (last INTEGER NOT NULL, lost INTEGER NOT NULL);
CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, metric TEXT NOT NULL, worth INTEGER NOT NULL,
                     UNIQUE (device, metric));
CREATE TABLE reading (number INTEGER PRIMARY KEY, series INTEGER NOT NULL, at INTEGER NOT NULL, value NOT NULL);
CREATE UNIQUE INDEX reading_key ON reading (at, series);
CREATE TABLE held (id INTEGER PRIMARY KEY, boot TEXT NOT NULL, base INTEGER NOT NULL, series INTEGER NOT NULL,
                   at INTEGER NOT NULL, value NOT NULL);
CREATE TABLE unsure (first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE mark (at REAL NOT NULL, number INTEGER NOT NULL);
CREATE TABLE rejected (id INTEGER PRIMARY KEY, at REAL NOT NULL, reason TEXT NOT NULL, device TEXT NOT NULL,
                       detail TEXT NOT NULL, topic TEXT NOT NULL);
"""
"""`reading_key` begins with the moment, so that a commit's rows share a page of it: half the bytes on an SD card."""
MOST_REJECTED = 500
MOST_ASIDE = 2
"""Damaged files that are kept; a further one takes the place of the oldest."""
CHECK_WHOLE_BELOW = 16_000_000
"""Bytes up to which a file is read through at the start; a larger one would keep the start waiting."""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that became no reading, kept so that somebody can see why."""

    at: float
    reason: str
    device: str
    detail: str
    topic: str


class Damaged(Exception):  # noqa: N818
    """The file is not an outbox that can be used: it is to be set aside."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken: not a full disk or a lock, which pass."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED


def _need_access(path: Path) -> None:
    """PermissionError where the file, or what SQLite keeps beside it, is not ours to read and write: it is whole."""
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists() and not os.access(part, os.R_OK | os.W_OK, effective_ids=True):
            owner, me = _user(part.stat().st_uid), _user(os.geteuid())
            raise PermissionError(f"{part.name} is not readable: owned by {owner}, and this runs as {me}")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def open_database(path: Path) -> sqlite3.Connection:
    """The outbox in the file, made where there is none. Damaged when there is one that cannot be used."""
    if path.is_dir():
        raise Damaged("it is a folder")
    _need_access(path)
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
            for statement in (SCHEMA + STREAM_SCHEMA).split(";"):
                db.execute(statement)
            db.execute("INSERT INTO state VALUES (0, 0)")
            add_stream(db, 0)
            db.execute(f"PRAGMA user_version = {LAYOUT}")
    elif layout != LAYOUT:
        raise Damaged(f"its layout is {layout}, not {LAYOUT}")
    elif check and (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Damaged(str(found).splitlines()[0])
    if db.execute("SELECT count(*) FROM state").fetchone()[0] != 1:
        raise Damaged("it does not say how far its rows go")
    if db.execute("SELECT count(*) FROM stream WHERE end IS NULL").fetchone()[0] != 1:
        raise Damaged("it does not say its stream")


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
    taken = sorted(int(found.name.rpartition("-")[2]) for found in path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    for number in taken[: max(0, len(taken) + 1 - MOST_ASIDE)]:
        for ending in ("", "-wal", "-shm"):
            old = path.with_name(f"{path.name}.damaged-{number}{ending}")
            if not old.is_dir():
                old.unlink(missing_ok=True)
    aside = path.with_name(f"{path.name}.damaged-{(taken or [0])[-1] + 1}")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside


def keep_samples(db: sqlite3.Connection, samples: Sequence[Sample]) -> None:
    """Within the running transaction; the oldest give way when there are too many."""
    if not samples:
        return
    rows = [
        (sample.at, _sound(sample.reason), _sound(sample.device), _sound(sample.detail), _sound(sample.topic))
        for sample in samples
    ]
    db.executemany("INSERT INTO rejected (at, reason, device, detail, topic) VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("DELETE FROM rejected WHERE id <= (SELECT max(id) FROM rejected) - ?", (MOST_REJECTED,))


def _sound(text: str) -> str:
    """The text without the halves of letters that JSON can say and UTF-8 cannot."""
    return text.encode(errors="replace").decode()
