"""Kills, at random instants, the process that migrates a database, backs PostgreSQL up or restores it.

    python -m tests.benchmarks.kill_migration --kills 100 --readings 20000

Each life is a real process that dies by kill -9 somewhere between its first and its last statement. After a migration's
death the database is of its old version or the new one, with the tables and rows of that; the next start goes all the
way. After a backup's death there is no backup under its name, or a whole one; after a restore's the server holds
nothing or everything, and the restore that is run again comes to its end.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from sensor_hub.keeping.backup import back_up, read_manifest, sums
from sensor_hub.keeping.restore import RESTORING
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import Database
from sensor_hub.storage.migrating import HEAD, version_of
from sensor_hub.storage.stores import SqlStores
from tests.postgres import fresh_database
from tests.storage.older_databases import old_rows, older, shape

KINDS = ("sqlite 1", "sqlite 15", "sqlite alembic", "postgresql")
BEGIN = """
import sys
from contextlib import closing
from pathlib import Path
from alembic import command, config
from sensor_hub.keeping.backup import back_up
from sensor_hub.keeping.restore import restore
from sensor_hub.storage.database import Database
def at(where): return Database(where if "://" in where else Path(where))
print("ready", flush=True)
sys.stdin.readline()
"""
MIGRATE = BEGIN + "at(sys.argv[1]).open()"
BACK_UP = BEGIN + "back_up(Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]), server=at(sys.argv[1]))"
RESTORE = BEGIN + "restore(Path(sys.argv[3]), Path(sys.argv[2]), float(sys.argv[4]), server=at(sys.argv[1]))"


def live(script: str, words: list[str], seconds: float | None) -> tuple[bool, float]:
    """Whether it was killed after so many seconds (None: not at all), and how long it lived."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    began = time.monotonic()
    process.stdin.write("\n")
    process.stdin.flush()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    status = process.wait()
    if status not in {0, -signal.SIGKILL}:
        sys.exit(f"it failed by itself: {status}")
    return status != 0, time.monotonic() - began


def kill_migrations(kind: str, kills: int, readings: int, chance: random.Random) -> Counter[str]:
    found: Counter[str] = Counter()
    with TemporaryDirectory() as name:
        folder = Path(name)
        with older(kind, folder, readings) as where:
            with closing(Database(where)) as database:
                version, before, rows = version_of(database.connection), shape(database), old_rows(database)
            with copied(where, folder) as copy:
                _, whole = live(MIGRATE, [str(copy)], None)
            for _ in range(kills):
                with ExitStack() as held:
                    copy = held.enter_context(copied(where, folder))
                    live(MIGRATE, [str(copy)], chance.uniform(0, whole))
                    with closing(Database(copy)) as database:
                        is_old = version_of(database.connection) == version
                        assert is_old or version_of(database.connection) == HEAD
                        assert not is_old or shape(database) == before
                        assert old_rows(database) == rows
                        database.open()
                        assert version_of(database.connection) == HEAD
                        assert old_rows(database) == rows
                found["old" if is_old else "new"] += 1
    return found


class copied(ExitStack):  # noqa: N801 - read as a verb
    """A copy of a database, by file or by template."""

    def __init__(self, where: Path | str, folder: Path) -> None:
        super().__init__()
        self.where, self.folder = where, folder

    def __enter__(self) -> Path | str:  # type: ignore[override]
        if isinstance(self.where, str):
            template = str(make_url(self.where).database)
            return self.enter_context(fresh_database(template=template))
        copy = self.folder / "copy" / "hub.db"
        shutil.rmtree(copy.parent, ignore_errors=True)
        copy.parent.mkdir()
        shutil.copyfile(self.where, copy)
        return copy


def filled(address: str, readings: int) -> None:
    with closing(Database(address)) as database:
        stores = SqlStores(database)
        for start in range(0, readings, 500):
            some = [Reading(1_767_605_000.0 + start + each, "m", Metric.MOTION, 1.0) for each in range(500)]
            stores.log.append_readings("h1", 1_767_605_000.0, some)


def count_of(where: str | Path) -> int:
    with closing(Database(where)) as database:
        return int(database.connection.exec_driver_sql("SELECT count(*) FROM reading").scalar_one())


def kill_backups(kills: int, readings: int, chance: random.Random) -> Counter[str]:
    found: Counter[str] = Counter()
    with TemporaryDirectory() as name, fresh_database() as address:
        folder = Path(name)
        filled(address, readings)
        _, whole = live(BACK_UP, [address, str(folder / "data"), str(folder / "first"), "1767700000"], None)
        for number in range(kills):
            words = [address, str(folder / "data"), str(folder / "backups"), str(1767700000 + number)]
            was_killed, _ = live(BACK_UP, words, chance.uniform(0, 1.1 * whole))
            made = list((folder / "backups").glob("*Z"))
            for each in made:
                assert sums(each) == read_manifest(each).files
                assert count_of(each / "hub.db") == readings
                shutil.rmtree(each)
            assert was_killed or made
            found["whole" if made else "none"] += 1
    return found


def kill_restores(kills: int, readings: int, chance: random.Random) -> Counter[str]:
    found: Counter[str] = Counter()
    with TemporaryDirectory() as name, fresh_database() as address:
        folder = Path(name)
        filled(address, readings)
        with closing(Database(address)) as server:
            made = back_up(folder / "nothing", folder / "backups", 1767700000.0, server=server)
        with fresh_database() as target:
            _, whole = live(RESTORE, [target, str(folder / "first"), str(made), "1767700001"], None)
        for number in range(kills):
            data = folder / f"data-{number}"
            with fresh_database() as target:
                words = [target, str(data), str(made), "1767700001"]
                was_killed, _ = live(RESTORE, words, chance.uniform(0, whole))
                stands = count_of(target)
                assert stands in {0, readings}
                assert was_killed or stands == readings
                live(RESTORE, words, None)
                assert count_of(target) == readings
                assert not (data / RESTORING).exists()
            found[f"{'marked' if was_killed else 'done'}, {'full' if stands else 'empty'}"] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readings", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    acts: dict[str, Callable[[], Counter[str]]] = {
        f"migration, {kind}": lambda kind=kind: kill_migrations(kind, args.kills, args.readings, chance)  # type: ignore[misc]
        for kind in KINDS
    }
    acts["backup of postgresql"] = lambda: kill_backups(args.kills, args.readings, chance)
    acts["restore into postgresql"] = lambda: kill_restores(args.kills, args.readings, chance)
    for what, act in acts.items():
        began = time.monotonic()
        found = act()
        print(f"{what}: {dict(found)} of {found.total()} lives in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
