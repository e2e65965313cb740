"""The way back from a backup of the hub's data."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from sensor_hub.access.chronology import BEGINNING, Act
from sensor_hub.act_notes import note_act
from sensor_hub.keeping.anchors import ANCHORS, AnchorFile, anchors_of
from sensor_hub.keeping.backup import JOINED, read_manifest, sums, sync, sync_tree
from sensor_hub.keeping.ending_again import ENDED, end_all_access
from sensor_hub.model.problem import InputError
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.hub_memory import SqlHubMemory
from sensor_hub.storage.migrating import HEAD
from sensor_hub.storage.moving import move_tables, refuse_rows
from sensor_hub.storage.stores import SqlStores

LOCK = "lock"
"""Held in the data folder by the hub that runs on it, and by a restore."""
ERASED = "erased.jsonl"
"""What was erased: stays in its place, so that the hub erases it again from what an older backup brings back."""
RESTORING = "restoring"
"""Stands in a data folder as long as it is neither the old one nor the restored one."""
FILLED_FROM = "filled_from"
"""In the hub's memory in PostgreSQL: the backup that it was filled from."""
LEFT = frozenset({LOCK, RESTORING, ERASED, ENDED, ANCHORS, JOINED})
"""Also what was erased, what ended of sessions, tokens and accounts, the anchors of the chronology, and which gateways
get in: newer than any backup."""


@contextmanager
def alone_on(data: Path) -> Iterator[None]:
    """Nobody else answers for these data meanwhile; InputError where somebody does."""
    path = data / LOCK
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            expected = "one sensor-hub for each data folder"
            raise InputError("another hub runs on this data", where=str(path), expected=expected) from error
        yield


def restore(
    made: Path,
    data: Path,
    now: float,
    *,
    replaces: bool = False,
    anchors: AnchorFile | None = None,
    server: Database | None = None,
) -> Path | None:
    """Puts a backup in the place of the hub's data; where the data that stood there are now (None: there were none).

    All of the backup is checked before anything is touched. Cut short, it leaves a folder with which no hub starts,
    and is simply run again. InputError where the backup is damaged or of a newer program, where a hub runs on the
    data, and where there are data and `replaces` was not said. `anchors`: the chronology's, where they are not in the
    data; they stay as they are, and are told that what followed is lost. `server`: PostgreSQL, which has to be empty.
    """
    _check(made)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = data / RESTORING
    if server is not None:
        server.open()
        if not _is_filled(server, made):
            refuse_rows(server)
    with alone_on(data):
        if (data / DATABASE).exists() and not replaces and not marker.exists():
            expected = "an empty folder, or --replace, which moves what is there aside"
            raise InputError("there are data already", where=str(data), expected=expected)
        marker.write_text(f"{made.absolute()}\n", encoding="utf-8")
        sync(data)
        aside = _move_aside(data, now)
        for name in read_manifest(made).files:
            (data / name).parent.mkdir(mode=0o700, exist_ok=True)
            if name not in LEFT or not (data / name).exists():
                _copy(made / name, data / name)
        if server is not None:
            _fill(server, data / DATABASE, made)
        _settle(server or Database(data / DATABASE), now, made.name, anchors or AnchorFile(data / ANCHORS))
        _give_to_owner(data)
        sync_tree(data)
        marker.unlink()
        sync(data)
    return aside


def refuse_half_restored(data: Path) -> None:
    """InputError where a restore was cut short: the folder is neither the old one nor the restored one."""
    if (data / RESTORING).exists():
        made = (data / RESTORING).read_text(encoding="utf-8").strip()
        expected = f"sensor-hub restore {made} to be run again"
        raise InputError("a restore was cut short", where=str(data), expected=expected)


def _move_aside(data: Path, now: float) -> Path | None:
    """All but what a restore leaves as it is, into a folder beside."""
    old = list(_not_left(data))
    if not old:
        return None
    name = f"{data.name}-before-{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    aside = next(path for path in map(data.with_name, names) if not path.exists())
    aside.mkdir(mode=0o700)
    for path in old:
        to = aside / path.relative_to(data)
        to.parent.mkdir(mode=0o700, exist_ok=True)
        path.rename(to)
    sync(aside)
    return aside


def _not_left(data: Path) -> Iterator[Path]:
    """Whole folders, unless something in them is left."""
    for path in data.iterdir():
        inside = {name for name in LEFT if name.startswith(f"{path.name}/")}
        if inside:
            yield from (each for each in path.iterdir() if f"{path.name}/{each.name}" not in inside)
        elif path.name not in LEFT:
            yield path


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all, for the hub's own user only."""
    draft = target.with_name(target.name + ".new")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    draft.replace(target)


def _give_to_owner(data: Path) -> None:
    """Run by root, it leaves files that the hub's own user can read."""
    if os.geteuid() == 0:
        owner = data.stat()
        for path in data.rglob("*"):
            os.chown(path, owner.st_uid, owner.st_gid)


def _is_filled(server: Database, made: Path) -> bool:
    """Whether a restore from this backup came so far before it was cut short."""
    return SqlHubMemory(server).get(FILLED_FROM) == made.name


def _fill(server: Database, file: Path, made: Path) -> None:
    """From the copy in the data folder, which is not needed any more then."""
    copy = Database(file)
    copy.open()
    try:
        if not _is_filled(server, made):
            with server.transaction():
                move_tables(copy, server, lambda table, done, total: None)
                SqlHubMemory(server).keep(FILLED_FROM, made.name)
    finally:
        copy.close()
    file.unlink()


def _settle(database: Database, now: float, backup: str, file: AnchorFile) -> None:
    """What was on its way when the backup was made may have arrived since; and the chronology goes on from there."""
    database.open()
    try:
        stores = SqlStores(database)
        stores.outbox.restored(now)
        end_all_access(database)
        # What anchors know of and is not there any more was not taken away in secret. Also of a tenant of whom nothing
        # is left.
        left = {anchor.tenant: (0, BEGINNING) for anchor in file.read()}
        file.add(anchors_of(left | dict(stores.chronology.heads()), now, is_restore=True))
        note_act(database, Act.RESTORED, now, about=backup)
    finally:
        database.close()


def _check(made: Path) -> None:
    manifest = read_manifest(made)
    if manifest.database > HEAD:
        what = f"was made by a newer sensor-hub (version {manifest.database} of the database)"
        expected = f"version {HEAD} or older: install the newer program"
        raise InputError(what, where=str(made), expected=expected)
    found = sums(made)
    for name, told in manifest.files.items():
        if found.get(name) != told:
            raise InputError("is damaged or missing", where=str(made / name), expected="the file that was backed up")
    with closing(sqlite3.connect(f"file:{made / DATABASE}?mode=ro&immutable=1", uri=True)) as connection:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise InputError(f"is damaged ({said})", where=str(made / DATABASE), expected="a whole database")
