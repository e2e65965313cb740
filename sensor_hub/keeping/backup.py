"""A copy of a running hub's data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sensor_hub.model.moment import iso
from sensor_hub.model.problem import InputError
from sensor_hub.password_files import PASSWORD_FILE
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.moving import move_tables

NAME = "sensor-hub-"
"""What the name of a backup begins with; its moment follows."""
MANIFEST = "manifest.json"
JOINED = "broker/gateways.json"
"""The passwords of gateways that joined at the hub's own broker."""
SMALL_FILES = (PASSWORD_FILE, "broker/credentials.json", JOINED)
PAGES_AT_ONCE = 4096

Progress = Callable[[float], object]
"""Told the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made, the version of its database, SHA-256 of each file by name."""

    made: str
    database: int
    files: Mapping[str, str]
    chronology: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """By tenant the number and hash of the last entry of who saw and did what: an anchor."""


def back_up(
    data: Path, folder: Path, now: float, progress: Progress = lambda share: None, server: Database | None = None
) -> Path:
    """Copies the hub's data, as they stand at one moment, into a new folder in `folder`, and gives that.

    The hub may be running, and is not held up. The folder has its name only once all of it is on disk; what a cut left
    of an earlier one is removed. `server`: PostgreSQL, where the database is no file in `data`; the copy is a file of
    SQLite all the same. InputError where there is nothing to copy.
    """
    source = data / DATABASE
    if server is None and not source.exists():
        raise InputError("no data yet", where=str(source), expected="a hub that has run; --config names its settings")
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{NAME}*.partial"):
        shutil.rmtree(left)
    made = folder / f"{NAME}{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    if made.exists():
        raise InputError("was made within this second", where=str(made), expected="one backup at a time")
    partial = made.with_name(made.name + ".partial")
    partial.mkdir(mode=0o700)
    if server is None:
        _copy_database(source, partial / DATABASE, progress)
    else:
        _copy_from_server(server, partial / DATABASE, progress)
    for name in SMALL_FILES:
        if (data / name).exists():
            (partial / name).parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copy2(data / name, partial / name)
    heads = _heads(partial / DATABASE)
    manifest = Manifest(iso(now), _version(partial / DATABASE), sums(partial), heads)
    (partial / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    sync_tree(partial)
    partial.rename(made)
    sync(folder)
    return made


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` (at least 1) backups in `folder`; those removed."""
    old = sorted(path for path in folder.glob(f"{NAME}*Z") if path.is_dir())[: -max(1, keep)]
    for path in old:
        shutil.rmtree(path)
    return old


def read_manifest(made: Path) -> Manifest:
    """InputError where `made` is no backup."""
    path = made / MANIFEST
    expected = "a folder that sensor-hub backup made"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        heads = {str(each): (int(number), str(hash_)) for each, (number, hash_) in told.get("chronology", {}).items()}
        return Manifest(str(told["made"]), int(told["database"]), dict(told["files"]), heads)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot be used ({error})", where=str(path), expected=expected) from error


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file by its name, all but the manifest's."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): _sum(path) for path in files}


def sync(path: Path) -> None:
    """What was written to this file, or what was named in this folder, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """`sync` of a folder and all within."""
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def _copy_database(source: Path, target: Path, progress: Progress) -> None:
    """By SQLite's own copy. An open read holds the moment, so that nothing written meanwhile starts it again."""

    def told(_: int, remaining: int, total: int) -> None:
        progress(1.0 if total == 0 else 1.0 - remaining / total)

    target.touch(mode=0o600)
    with closing(sqlite3.connect(source, isolation_level=None)) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(copy, pages=PAGES_AT_ONCE, progress=told, sleep=0)
        live.execute("COMMIT")
        # One file without companions, which any program may copy.
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_from_server(server: Database, target: Path, progress: Progress) -> None:
    copy = Database(target)
    copy.open()
    try:
        # Nearly all rows are readings.
        move_tables(server, copy, lambda table, done, total: progress(done / total) if table == "reading" else None)
        copy.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        copy.connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _heads(path: Path) -> dict[str, tuple[int, str]]:
    """The last entry of each chronology in the copy, which may be of an earlier version that has none."""
    newest = "SELECT tenant, max(number), lower(hex(hash)) FROM chronology GROUP BY tenant"
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'chronology'").fetchone():
            return {}
        return {tenant: (number, hash_) for tenant, number, hash_ in connection.execute(newest)}


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
