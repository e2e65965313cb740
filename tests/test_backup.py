"""Backup and restore: of a hub that runs, damaged, cut short, and as its operator would do it."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sensor_hub.backup import back_up, forget_old, read_manifest
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.restore import RESTORING, alone_on, refuse_half_restored, restore
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.schema import MIGRATIONS
from sensor_hub.storage.stores import SqliteStores
from tests.homes import moment
from tests.waiting import wait_for

NOW = moment("2026-01-05 08:00")


def hub_data(folder: Path, readings: int = 10) -> Path:
    """A hub's data folder with so many readings."""
    data = folder / "data"
    (data / "broker" / "jetstream").mkdir(parents=True)
    (data / "broker" / "credentials.json").write_text("{}")
    (data / "broker" / "jetstream" / "index").write_text("the broker makes it anew")
    (data / "web.password").write_text("secret\n")
    database = Database(data / DATABASE)
    database.open()
    _store(SqliteStores(database), 0, readings)
    database.close()
    return data


def _store(stores: SqliteStores, start: int, count: int) -> None:
    readings = [Reading(NOW + i, "m", Metric.MOTION, 1.0) for i in range(start, start + count)]
    stores.log.append_readings("h1", NOW + start + count, readings)


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return int(connection.execute("SELECT count(*) FROM reading").fetchone()[0])


def test_a_backup_holds_what_a_hub_needs_and_no_more(tmp_path: Path) -> None:
    made = back_up(hub_data(tmp_path), tmp_path / "backups", NOW)
    assert made.name == "sensor-hub-20260105T080000Z"
    names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    assert names == ["broker/credentials.json", "hub.db", "manifest.json", "web.password"]
    assert read_manifest(made).database == len(MIGRATIONS)
    assert (made / "hub.db").stat().st_mode & 0o077 == 0


def test_what_is_written_meanwhile_does_not_disturb_a_backup(tmp_path: Path) -> None:
    data = hub_data(tmp_path, 20_000)
    database = Database(data / DATABASE)
    database.open()
    stores, stop, written = SqliteStores(database), threading.Event(), [20_000]

    def write() -> None:
        while not stop.is_set():
            _store(stores, written[0], 10)
            written[0] += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: written[0] > 20_000, within=10)
        shares: list[float] = []
        made = back_up(data, tmp_path / "backups", NOW, shares.append)
    finally:
        stop.set()
        writer.join()
        database.close()
    assert shares[-1] == 1.0
    # Whole batches, as they stood at one moment.
    assert 20_000 < _count(made / "hub.db") <= written[0]
    assert _count(made / "hub.db") % 10 == 0


def test_restored_data_are_those_backed_up_and_the_old_ones_stand_aside(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    made = back_up(data, tmp_path / "backups", NOW)
    database = Database(data / DATABASE)
    database.open()
    _store(SqliteStores(database), 10, 5)
    database.close()
    with pytest.raises(InputError, match="there are data already; expected an empty folder, or --replace"):
        restore(made, data, NOW)
    aside = restore(made, data, NOW, replaces=True)
    assert aside is not None
    assert _count(data / DATABASE) == 10
    assert _count(aside / DATABASE) == 15
    assert (data / "web.password").read_text() == "secret\n"


def test_data_that_are_gone_come_back(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    made = back_up(data, tmp_path / "backups", NOW)
    shutil.rmtree(data)
    assert restore(made, data, NOW) is None
    assert _count(data / DATABASE) == 10


@pytest.mark.parametrize("name", ["hub.db", "web.password"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(tmp_path: Path, name: str) -> None:
    data = hub_data(tmp_path)
    made = back_up(data, tmp_path / "backups", NOW)
    content = bytearray((made / name).read_bytes())
    content[len(content) // 2] ^= 1
    (made / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name}: is damaged or missing"):
        restore(made, data, NOW, replaces=True)
    assert _count(data / DATABASE) == 10


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    made = back_up(data, tmp_path / "backups", NOW)
    manifest = (made / "manifest.json").read_text().replace(f'"database": {len(MIGRATIONS)}', '"database": 999')
    (made / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match="newer sensor-hub"):
        restore(made, data, NOW, replaces=True)


def test_nothing_is_restored_under_a_hub_that_runs(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    made = back_up(data, tmp_path / "backups", NOW)
    with alone_on(data), pytest.raises(InputError, match="another hub runs on this data"):
        restore(made, data, NOW, replaces=True)


def test_what_is_no_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json: cannot be used"):
        restore(tmp_path, tmp_path / "data", NOW)


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    made = [back_up(data, tmp_path / "backups", NOW + day * 86400) for day in range(4)]
    assert forget_old(tmp_path / "backups", 2) == made[:2]
    assert sorted((tmp_path / "backups").iterdir()) == made[2:]


CALL = "import sys, pathlib as p; from sensor_hub.{0} import {1}; {1}(p.Path(sys.argv[1]), p.Path(sys.argv[2]), {2}"
BACKUP = CALL.format("backup", "back_up", f"{NOW})")
RESTORE = CALL.format("restore", "restore", f"{NOW}, replaces=True)")


def _killed_at_work(script: str, first: Path, second: Path, begun: Callable[[], bool], after: float) -> None:
    """Kills it so many seconds after it has begun to change anything."""
    child = subprocess.Popen([sys.executable, "-c", script, str(first), str(second)])
    wait_for(lambda: begun() or child.poll() is not None, within=30)
    try:
        child.wait(after)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def test_killed_at_any_moment_a_restore_leaves_the_old_the_new_or_a_folder_that_no_hub_takes(tmp_path: Path) -> None:
    data = hub_data(tmp_path, 50_000)
    made = back_up(data, tmp_path / "backups", NOW)
    rng, cut_short = random.Random(1), 0
    for _ in range(6):
        _killed_at_work(RESTORE, made, data, (data / RESTORING).exists, rng.uniform(0.0, 0.05))
        if (data / RESTORING).exists():
            cut_short += 1
            with pytest.raises(InputError, match="a restore was cut short"):
                refuse_half_restored(data)
        else:
            assert _count(data / DATABASE) == 50_000
    assert cut_short
    restore(made, data, NOW, replaces=True)
    assert _count(data / DATABASE) == 50_000


def test_killed_at_any_moment_a_backup_is_whole_or_not_there(tmp_path: Path) -> None:
    data, folder = hub_data(tmp_path, 50_000), tmp_path / "backups"
    rng, cut_short = random.Random(2), 0
    for _ in range(4):
        _killed_at_work(BACKUP, data, folder, lambda: any(folder.glob("*.partial")), rng.uniform(0.0, 0.05))
        cut_short += len(list(folder.glob("*.partial")))
        for made in folder.glob("*Z"):
            restore(made, tmp_path / "other", NOW, replaces=True)
            assert _count(tmp_path / "other" / DATABASE) == 50_000
            shutil.rmtree(made)
    assert cut_short
    back_up(data, folder, NOW + 1)
    assert not list(folder.glob("*.partial"))
