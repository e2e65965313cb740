"""The streams of an outbox: each a run of consecutive rows under a name of its own, numbered from 1 within it.

A row's place in the file never changes; which stream it belongs to follows from `base` and `end`. So sealing a backlog
of a million rows writes one row.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

SCHEMA = """
CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL, base INTEGER NOT NULL, end INTEGER,
                     answered INTEGER NOT NULL);
CREATE TABLE answered_mark (at REAL NOT NULL, stream INTEGER NOT NULL, answered INTEGER NOT NULL);
"""
MOST_UNFINISHED = 16
"""Sealed streams that wait at once; a further backlog joins the last of them."""


@dataclass(slots=True)
class Stream:
    """Rows base + 1 to `end` of the file (None: it still grows); of them the first `answered` need not be sent."""

    id: int
    name: str
    base: int
    end: int | None
    answered: int
    waiting: int | None = None
    """Rows that were not answered, where that is known."""

    def top(self, last: int) -> int:
        """The last row of the file that belongs to it."""
        return last if self.end is None else self.end

    def is_finished(self) -> bool:
        """Sealed, and all of it answered."""
        return self.end is not None and self.base + self.answered >= self.end


def new_name() -> str:
    return secrets.token_hex(8)


def load_streams(db: sqlite3.Connection) -> list[Stream]:
    """In order of their rows; the last one grows."""
    return [Stream(*row) for row in db.execute("SELECT id, name, base, end, answered FROM stream ORDER BY base, id")]


def add_stream(db: sqlite3.Connection, base: int, end: int | None = None) -> Stream:
    name = new_name()
    added = db.execute("INSERT INTO stream (name, base, end, answered) VALUES (?, ?, ?, 0)", (name, base, end))
    return Stream(added.lastrowid or 0, name, base, end, 0, 0 if end is None else None)


def seal_live(db: sqlite3.Connection, streams: list[Stream], last: int) -> None:
    """The live stream ends at `last`; a new one begins. Within the running transaction."""
    live = streams[-1]
    before = streams[-2] if len(streams) > 1 else None
    unfinished = sum(not stream.is_finished() for stream in streams[:-1])
    if before is not None and unfinished >= MOST_UNFINISHED and before.end == live.base:
        # Its rows go on in the numbers of the one before; what of them was answered is said again, which is harmless.
        before.end, before.waiting = last, None
        db.execute("UPDATE stream SET end = ? WHERE id = ?", (last, before.id))
        db.execute("DELETE FROM stream WHERE id = ?", (live.id,))
        streams.pop()
    else:
        live.end = last
        db.execute("UPDATE stream SET end = ? WHERE id = ?", (last, live.id))
    streams.append(add_stream(db, last))


def rename(db: sqlite3.Connection, stream: Stream) -> None:
    """The hub's numbers of this stream mean other rows than ours: what waits goes on under a new name."""
    stream.name = new_name()
    db.execute("UPDATE stream SET name = ? WHERE id = ?", (stream.name, stream.id))


def save_answered(db: sqlite3.Connection, streams: list[Stream]) -> None:
    for stream in streams:
        row = "UPDATE stream SET answered = ? WHERE id = ? AND answered <> ?"
        db.execute(row, (stream.answered, stream.id, stream.answered))


def mark_answered(db: sqlite3.Connection, streams: list[Stream], at: float) -> None:
    """Notes how far each stream is answered at `at`, so that rows can be dropped a span after their answer."""
    # A mark that lies ahead was made while the clock was wrong.
    db.execute("UPDATE answered_mark SET at = ? WHERE at > ?", (at, at))
    db.executemany(
        "INSERT INTO answered_mark VALUES (?, ?, ?)", [(at, stream.id, stream.answered) for stream in streams]
    )


def drop_answered(db: sqlite3.Connection, streams: list[Stream], upto_mark: float, last: int) -> None:
    """Drops rows that were answered by `upto_mark`, and sealed streams of which no row is left."""
    for stream in list(streams):
        query = "SELECT max(answered) FROM answered_mark WHERE stream = ? AND at <= ?"
        reached = db.execute(query, (stream.id, upto_mark)).fetchone()[0]
        if reached:
            rows = (stream.base, stream.base + min(reached, stream.answered))
            db.execute("DELETE FROM reading WHERE number > ? AND number <= ?", rows)
        if stream.end is not None and not has_rows(db, stream.base, stream.top(last)):
            db.execute("DELETE FROM stream WHERE id = ?", (stream.id,))
            db.execute("DELETE FROM answered_mark WHERE stream = ?", (stream.id,))
            streams.remove(stream)
    old = "DELETE FROM answered_mark AS old WHERE at < ? AND EXISTS (SELECT 1 FROM answered_mark AS m WHERE"
    db.execute(f"{old} m.stream = old.stream AND m.at <= ? AND m.at > old.at)", (upto_mark, upto_mark))


def has_rows(db: sqlite3.Connection, after: int, upto: int) -> bool:
    query = "SELECT 1 FROM reading WHERE number > ? AND number <= ? LIMIT 1"
    return db.execute(query, (after, upto)).fetchone() is not None


def count_rows(db: sqlite3.Connection, after: int, upto: int) -> int:
    query = "SELECT count(*) FROM reading WHERE number > ? AND number <= ?"
    return int(db.execute(query, (after, upto)).fetchone()[0])
