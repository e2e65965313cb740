from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sensor_hub.model.entry import HomeSet
from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.room import Room
from sensor_hub.storage.database import Database
from sensor_hub.storage.stores import SqlStores
from sensor_hub.storage.tables import metadata
from tests.brokers import free_port
from tests.influxdb import TOKEN, start_influx
from tests.postgres import fresh_database

T = 1_767_605_000.0
HOME = Home("h1", "Europe/London", 1, (Device("m1", Room.HALL, frozenset({Metric.MOTION}), 600.0),))
READINGS = 120_000


@pytest.fixture
def address() -> Iterator[str]:
    with fresh_database(has_tables=False) as address:
        yield address


def old_data(folder: Path, readings: int = 300) -> None:
    data = folder / "hub-data"
    data.mkdir()
    database = Database(data / "hub.db")
    database.open()
    with closing(database):
        stores = SqlStores(database)
        stores.log.append("h1", HomeSet(T, HOME))
        for start in range(0, readings, 500):
            batch = [Reading(T + at, "m1", Metric.MOTION, float(at % 2)) for at in range(start, start + 500)]
            stores.log.append_readings("h1", T + start + 500, batch[: readings - start])
        stores.log.append_readings("h1", T + readings + 1000, [Reading(T, "b1", Metric.BUTTON, "1")])
        stores.memory.keep("name", "value")
        stores.tenants.bind("h1", "council")


def command(folder: Path, address: str) -> list[str]:
    (folder / "hub.toml").write_text(f'[database]\nurl = "{address}"\n')
    return [sys.executable, "-m", "sensor_hub", "move", "--config", str(folder / "hub.toml")]


def rows(address: str | Path) -> dict[str, int]:
    database = Database(address)
    with closing(database):
        count = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
        return {name: database.connection.execute(each).scalar_one() for name, each in count.items()}


def test_everything_is_there_as_it_was_and_what_follows_is_counted_on(tmp_path: Path, address: str) -> None:
    old_data(tmp_path)
    done = subprocess.run(command(tmp_path, address), capture_output=True, text=True, check=True)
    assert "reading: 301 rows, as many as there were" in done.stdout
    old, new = Database(tmp_path / "hub-data" / "hub.db"), Database(address)
    with closing(old), closing(new):
        before, after = SqlStores(old), SqlStores(new)
        assert list(after.log.read("h1")) == list(before.log.read("h1"))
        assert (after.tenants.of("h1"), after.memory.get("name")) == ("council", "value")
        appended = after.log.append_readings("h1", T + 9000, [Reading(T + 9000, "m2", Metric.MOTION, 1.0)])
        assert appended is not None
        assert appended.position == before.log.append("h1", HomeSet(T + 9000, HOME))


def test_the_history_is_filled_and_counted(tmp_path: Path, address: str) -> None:
    old_data(tmp_path)
    influx = start_influx(tmp_path / "influx")
    try:
        words = command(tmp_path, address)
        with (tmp_path / "hub.toml").open("a") as settings:
            settings.write(f'[history]\ninfluxdb = "{influx.url}"\ntoken = "{TOKEN}"\n')
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    finally:
        influx.stop()
    assert "history: 301 readings; 0 entries are to come" in done.stdout
    assert "history: The history has all 301 readings of the log." in done.stdout


def test_a_history_that_is_down_holds_up_no_move(tmp_path: Path, address: str) -> None:
    old_data(tmp_path)
    words = command(tmp_path, address)
    with (tmp_path / "hub.toml").open("a") as settings:
        settings.write(f'[history]\ninfluxdb = "http://127.0.0.1:{free_port()}"\n')
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "history: not filled yet (it cannot be reached" in done.stdout
    assert "Moved." in done.stdout


def test_old_data_are_not_gone_on_with_by_mistake_nor_moved_onto_others(tmp_path: Path, address: str) -> None:
    old_data(tmp_path)
    subprocess.run(command(tmp_path, address), capture_output=True, check=True)
    again = subprocess.run(command(tmp_path, address), capture_output=True, text=True, check=False)
    assert (again.returncode, "there are data already" in again.stderr) == (2, True)
    (tmp_path / "hub.toml").write_text("")
    stale = [sys.executable, "-m", "sensor_hub", "run", "--config", str(tmp_path / "hub.toml")]
    refused = subprocess.run(stale, capture_output=True, text=True, check=False)
    assert (refused.returncode, "the data were moved to postgresql" in refused.stderr) == (2, True)


def test_a_move_cut_short_leaves_nothing_and_is_run_again(tmp_path: Path, address: str) -> None:
    old_data(tmp_path, READINGS)
    moving = subprocess.Popen(command(tmp_path, address), stderr=subprocess.PIPE, text=True)
    assert moving.stderr is not None
    for line in moving.stderr:
        if line.startswith("reading: "):
            os.kill(moving.pid, signal.SIGKILL)
            break
    moving.communicate()
    assert moving.returncode == -signal.SIGKILL
    assert set(rows(address).values()) == {0}
    subprocess.run(command(tmp_path, address), capture_output=True, check=True)
    assert rows(address) == rows(tmp_path / "hub-data" / "hub.db")
