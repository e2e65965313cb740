"""Backup and restore: of a hub that runs, damaged, cut short, and as its operator would do it."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sensor_hub.access.chain import Fault
from sensor_hub.access.chronology import Act, entry_of
from sensor_hub.keeping.anchors import ANCHORS, AnchorFile, anchors_of
from sensor_hub.keeping.backup import back_up, forget_old, read_manifest
from sensor_hub.keeping.restore import ERASED, RESTORING, alone_on, refuse_half_restored, restore
from sensor_hub.model.metric import Metric
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import Reading
from sensor_hub.storage.database import DATABASE, Database
from sensor_hub.storage.migrating import HEAD
from sensor_hub.storage.stores import SqlStores
from tests.access.entries import entry
from tests.homes import moment
from tests.storage.stores import open_fresh
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
    _store(SqlStores(database), 0, readings)
    database.close()
    return data


def _store(stores: SqlStores, start: int, count: int) -> None:
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
    assert read_manifest(made).database == HEAD
    assert (made / "hub.db").stat().st_mode & 0o077 == 0


def test_what_is_written_meanwhile_does_not_disturb_a_backup(tmp_path: Path) -> None:
    data = hub_data(tmp_path, 20_000)
    database = Database(data / DATABASE)
    database.open()
    stores, stop, written = SqlStores(database), threading.Event(), [20_000]

    def write() -> None:
        while not stop.is_set():
            _store(stores, written[0], 10)
            written[0] += 10

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: written[0] > 20_000)
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
    _store(SqlStores(database), 10, 5)
    database.close()
    with pytest.raises(InputError, match="there are data already; expected an empty folder, or --replace"):
        restore(made, data, NOW)
    (data / ERASED).write_text("what was erased\n", encoding="utf-8")
    aside = restore(made, data, NOW, replaces=True)
    assert aside is not None
    assert (data / ERASED).read_text(encoding="utf-8") == "what was erased\n", "what was erased stays so"
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
    manifest = (made / "manifest.json").read_text().replace(f'"database": {HEAD}', '"database": 999')
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


KILLED = """
import os, pathlib, signal, sys
from sensor_hub.keeping.{module} import {name}
first, second, steps = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])

def step(event, arguments):
    global steps
    if any(str(each).startswith(str(first.parent)) for each in arguments):
        steps -= 1
        if not steps:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
{name}(first, second, {rest})
"""
BACKUP = KILLED.format(module="backup", name="back_up", rest=NOW)
RESTORE = KILLED.format(module="restore", name="restore", rest=f"{NOW}, replaces=True")
STEPS = (1, 4, 9, 14, 19, 24, 30, 36)
"""Files opened, named, made or moved before the kill."""


def _is_killed(script: str, first: Path, second: Path, steps: int) -> bool:
    """Runs it until it has touched so many files below `first`'s folder; False where it ended before."""
    done = subprocess.run([sys.executable, "-c", script, str(first), str(second), str(steps)], check=False)
    assert done.returncode in {0, -signal.SIGKILL}
    return done.returncode != 0


def test_killed_at_any_step_a_restore_leaves_the_old_the_new_or_a_folder_that_no_hub_takes(tmp_path: Path) -> None:
    made = back_up(hub_data(tmp_path), tmp_path, NOW)
    killed = refused = 0
    for steps in STEPS:
        killed += _is_killed(RESTORE, made, tmp_path / "data", steps)
        if (tmp_path / "data" / RESTORING).exists():
            refused += 1
            with pytest.raises(InputError, match="a restore was cut short"):
                refuse_half_restored(tmp_path / "data")
        else:
            assert _count(tmp_path / "data" / DATABASE) == 10
    assert killed > len(STEPS) // 2
    assert refused
    restore(made, tmp_path / "data", NOW, replaces=True)
    assert _count(tmp_path / "data" / DATABASE) == 10


def test_killed_at_any_step_a_backup_is_whole_or_not_there(tmp_path: Path) -> None:
    data, folder = hub_data(tmp_path), tmp_path / "backups"
    killed = 0
    for steps in STEPS[::2]:
        killed += _is_killed(BACKUP, data, folder, steps)
        for made in folder.glob("*Z"):
            restore(made, tmp_path / "other", NOW, replaces=True)
            assert _count(tmp_path / "other" / DATABASE) == 10
            shutil.rmtree(made)
    assert killed
    back_up(data, folder, NOW + 1)
    assert not list(folder.glob("*.partial"))


def test_a_restore_says_what_of_the_chronology_is_lost(tmp_path: Path) -> None:
    data = hub_data(tmp_path)
    file = AnchorFile(data / ANCHORS)

    def write(*numbers: int, tenant: str = "ours") -> None:
        stores = open_fresh(data)
        for number in numbers:
            stores.chronology.write(replace(entry(number), tenant=tenant))
        file.add(anchors_of(stores.chronology.heads(), NOW))
        stores.database.close()

    write(1, 2)
    made = back_up(data, tmp_path / "backups", NOW)
    assert list(read_manifest(made).chronology) == ["ours"]
    assert read_manifest(made).chronology["ours"] == (2, file.read()[0].hash.hex())
    write(3, 4)
    write(1, tenant="theirs")
    restore(made, data, NOW, replaces=True)
    write(5)
    stores = open_fresh(data)
    verdicts = stores.chronology.examine(file.read())
    assert {each: verdict.finding for each, verdict in verdicts.items()} == {"": None, "ours": None, "theirs": None}
    assert verdicts["ours"].lost == ["entries from 3 to at least 4 were lost by a restore"]
    assert [entry_of(row).act for row in stores.chronology.rows("")] == [Act.RESTORED]
    stores.database.close()
    # The same file put there by hand is no restore.
    write(6, 7)
    shutil.copy(made / DATABASE, data / DATABASE)
    for name in ("hub.db-wal", "hub.db-shm"):
        (data / name).unlink(missing_ok=True)
    stores = open_fresh(data)
    finding = stores.chronology.examine(file.read())["ours"].finding
    stores.database.close()
    assert finding is not None
    assert (finding.number, finding.fault) == (3, Fault.END_REMOVED)
