"""The hub is restarted while a home goes on telling: what was sent is stored, each once, by either broker."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import iso
from sensor_hub.model.room import Room
from tests.brokers import start_mosquitto
from tests.stack import Stack, zigbee_device
from tests.waiting import wait_for

HOME = Home("h1", "Europe/London", 1, (Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),))


@pytest.fixture(params=["embedded", "mosquitto"])
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    with ExitStack() as undo:
        stack = Stack(tmp_path, HOME)
        undo.callback(stack.stop)
        if request.param == "mosquitto":
            broker = start_mosquitto(tmp_path / "mosquitto")
            undo.callback(broker.stop)
            stack.lean_on(broker)
        stack.start()
        yield stack


def stored(stack: Stack) -> list[float]:
    """The temperatures that the hub has, in the order of their moments."""
    select = "SELECT value FROM reading JOIN series ON series.id = series WHERE metric = 'temperature' ORDER BY at_ms"
    with closing(sqlite3.connect(f"file:{stack.folder}/data/hub.db?mode=ro", uri=True)) as connection:
        return [value for (value,) in connection.execute(select)]


def test_what_is_sent_while_it_restarts_is_stored_once(stack: Stack) -> None:
    told, ended, first = [0.0], threading.Event(), float(int(time.time()) - 86_400)
    with zigbee_device(stack) as sensor:

        def say(number: int) -> None:
            message = json.dumps({"temperature": number / 100, "last_seen": iso(first + number)})
            sensor.publish("zigbee2mqtt/hall", message, qos=1).wait_for_publish(10)

        def is_heard() -> bool:
            say(0)
            return bool(stored(stack))

        def tell() -> None:
            """A reading every 10 ms, each of another moment and value."""
            while not ended.wait(0.01):
                say(len(told))
                told.append(len(told) / 100)

        wait_for(is_heard, what=stack.gateway.log)

        teller = threading.Thread(target=tell)
        teller.start()
        try:
            wait_for(lambda: len(stored(stack)) > 1, what=stack.gateway.log)
            assert stack.hub.stop() == 0
            stack.hub.start()
            wait_for(lambda: stack.hub.log.count("Pages") == 2, what=stack.hub.log)
        finally:
            ended.set()
            teller.join()
    # A gateway that kept its connection to the broker sends again after 30 s, or at its next connection.
    wait_for(lambda: len(stored(stack)) >= len(told), within=60, what=stack.hub.log)
    assert stored(stack) == told
