"""The hub's disk is lost: it goes on from a backup, and what it lacks comes again from the gateway."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from paho.mqtt.client import Client

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from tests.stack import BIN, ROOT, Stack, zigbee_device
from tests.waiting import wait_for

HOME = Home("h1", "Europe/London", 1, (Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, HOME)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def sensor(stack: Stack) -> Iterator[Client]:
    """The home's Zigbee2MQTT, with one device."""
    with zigbee_device(stack) as client:
        yield client


def stored(stack: Stack) -> list[float]:
    """The temperatures that the hub has, in order."""
    path = stack.folder / "data" / "hub.db"
    if not path.exists():
        return []
    select = "SELECT value FROM reading JOIN series ON series.id = series WHERE metric = 'temperature' ORDER BY value"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return [value for (value,) in connection.execute(select)]
    except sqlite3.OperationalError:
        return []


def hub(stack: Stack, *words: str) -> str:
    command = [str(BIN / "sensor-hub"), *words, "--config", str(stack.folder / "hub.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_came_after_the_backup_comes_again(stack: Stack, sensor: Client) -> None:
    def say(temperature: float) -> None:
        sensor.publish("zigbee2mqtt/hall", json.dumps({"temperature": temperature}), qos=1).wait_for_publish(10)

    def is_there(temperature: float) -> bool:
        return temperature in stored(stack)

    def is_first_there() -> bool:
        say(19.0)
        return is_there(19.0)

    wait_for(is_first_there, what=f"the first reading\n{stack.gateway.log}")
    hub(stack, "backup", str(stack.folder / "backups"))
    for temperature in (20.0, 21.0, 22.0):
        say(temperature)
        wait_for(lambda told=temperature: is_there(told), what="a reading after it")  # type: ignore[misc]

    stack.hub.kill()
    stack.kill_hubs_broker()
    shutil.rmtree(stack.folder / "data")
    (made,) = (stack.folder / "backups").iterdir()
    assert "Restored" in hub(stack, "restore", str(made))
    assert stored(stack)[-1] == 19.0
    stack.hub.start()

    expected = {19.0, 20.0, 21.0, 22.0}
    wait_for(lambda: set(stored(stack)) >= expected, within=60, what=f"the readings since\n{stack.gateway.log}")
    assert set(stored(stack)) == expected
    say(23.0)
    wait_for(lambda: is_there(23.0), what="a reading after the restore")
