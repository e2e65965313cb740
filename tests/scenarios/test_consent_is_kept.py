"""What a resident does not agree to is neither kept at the gateway nor at the hub, and what there was of it goes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from paho.mqtt.client import Client

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from tests.stack import BIN, ROOT, Stack, zigbee_device
from tests.waiting import wait_for

DEVICE = "0x0000000000000001"
BOTH = frozenset({Metric.MOTION, Metric.TEMPERATURE})
HOME = Home(
    "h1",
    "Europe/London",
    1,
    (Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0), Device(DEVICE, Room.HALL, BOTH)),
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path, HOME)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def sensor(stack: Stack) -> Iterator[Client]:
    with zigbee_device(stack) as client:
        yield client


def hub(stack: Stack, *words: str) -> str:
    command = [str(BIN / "sensor-hub"), *words, "--config", str(stack.folder / "hub.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout + done.stderr


def kept(stack: Stack, database: str) -> dict[str, int]:
    """How many readings of each metric a database holds."""
    path = stack.folder / ("data/hub.db" if database == "hub" else "gateway/outbox.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as opened:
        count = "SELECT metric, count(*) FROM reading JOIN series ON series.id = reading.series GROUP BY metric"
        return dict(opened.execute(count).fetchall())


def say(sensor: Client, **state: object) -> None:
    sensor.publish("zigbee2mqtt/hall", json.dumps(state), qos=1).wait_for_publish(10)


def heard_again(stack: Stack, sensor: Client, database: str = "hub") -> None:
    """Somebody moved, and it got one degree warmer: waits until the warmth is there."""
    before = kept(stack, database).get("temperature", 0)
    for degrees in range(3):
        say(sensor, occupancy=True, temperature=20 + degrees)
    wait_for(lambda: kept(stack, database).get("temperature", 0) > before, what=f"a temperature\n{stack.gateway.log}")


def asked(stack: Stack, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{stack.page}/api/v1/{path}", auth=("Jo", "secret"), timeout=30)


def test_from_the_first_decision_to_the_last_trace(stack: Stack, sensor: Client) -> None:
    def reported() -> bool:
        say(sensor, occupancy=True, temperature=19)
        return kept(stack, "hub").get("motion", 0) > 0

    def is_ready() -> bool:
        with suppress(httpx.TransportError):
            return asked(stack, "homes").status_code == 200
        return False

    assert "no record yet" in hub(stack, "consent", "show", "h1")
    wait_for(reported, what=f"movement at the hub\n{stack.gateway.log}")

    told = hub(stack, "consent", "set", "h1", "climate", "--basis", "consent", "--decided-by", "Mrs Okafor herself")
    assert told.startswith("agreed: climate (the resident’s own informed consent; decided on "), told
    wait_for(lambda: "motion" not in kept(stack, "gateway"), what=f"no movement there\n{stack.gateway.log}")
    wait_for(lambda: "motion" not in kept(stack, "hub"), what=f"no movement here\n{stack.hub.log}")
    wait_for(lambda: [one["state"] for one in asked(stack, "consents/h1/erasures").json()["items"]] == ["done"])

    stack.hub.kill()
    stack.gateway.kill()
    stack.gateway.start()
    heard_again(stack, sensor, "gateway")
    assert "motion" not in kept(stack, "gateway")
    stack.hub.start()
    heard_again(stack, sensor)
    assert "motion" not in kept(stack, "hub")
    wait_for(is_ready)

    out = stack.folder / "person.zip"
    assert "it holds personal data" in hub(stack, "person", "export", "h1", str(out))
    data = json.loads(zipfile.ZipFile(out).read("person.json"))
    assert data["tables"]["consent_words"]["rows"][0]["sealed"]["decided_by"] == "Mrs Okafor herself"

    assert "being erased" in hub(stack, "person", "erase", "h1", "--why", "she moved away", "--confirm", "h1")
    wait_for(lambda: "she moved away" in asked(stack, "erasures").text, what=f"a certificate\n{stack.hub.log}")
    assert kept(stack, "hub") == {}
    wait_for(lambda: set(kept(stack, "gateway")) <= {"online"}, what=f"nothing there\n{stack.gateway.log}")
    stack.hub.stop()
    assert "home h1: it was erased" in hub(stack, "check")
    stack.hub.start()
    wait_for(is_ready)
    assert asked(stack, "homes/h1").status_code == 404
