"""A device appears by itself; placed on a page or at the gateway it is judged, and both sides know where it stands."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from paho.mqtt.client import Client

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from tests.homes import moment
from tests.stack import BIN, ROOT, Stack, simulated, zigbee_device
from tests.waiting import wait_for

HOME = Home("h1", "Europe/London", 1, (Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),))
DEVICE = "0x0000000000000001"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    # A tick comes every five seconds.
    stack = Stack(tmp_path, HOME, clock=simulated(moment("2026-01-05 08:00"), 60.0))
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def sensor(stack: Stack) -> Iterator[Client]:
    """The home's Zigbee2MQTT, with one device."""
    with zigbee_device(stack) as client:
        yield client


@pytest.fixture
def officer(stack: Stack) -> Iterator[httpx.Client]:
    """Somebody signed in at the hub's pages."""
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.page}", follow_redirects=True, timeout=30) as client:
        client.post("/login", data={"name": "Jo", "password": "secret", "next": "/"})
        yield client


def home_of(officer: httpx.Client) -> dict:
    answer = officer.get(f"/api/v1/homes/{HOME.id}").json()
    assert isinstance(answer, dict)
    return answer


def room_at_hub(officer: httpx.Client) -> str:
    return next((row["room"] for row in home_of(officer)["devices"] if row["id"] == DEVICE), "")


def sight_of_cold(officer: httpx.Client) -> str:
    return next((row["sight"] for row in home_of(officer)["coverage"] if row["kind"] == "cold"), "")


def gateway(stack: Stack, *words: str) -> str:
    command = [str(BIN / "sensor-gateway"), *words, "--config", str(stack.folder / "gateway.toml")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout


def room_at_gateway(stack: Stack) -> str | None:
    found = json.loads(gateway(stack, "status", "--json"))["devices"].get(DEVICE)
    return found and found["room"]


def test_from_the_page_to_the_gateway_and_back(stack: Stack, sensor: Client, officer: httpx.Client) -> None:
    def report() -> None:
        sensor.publish("zigbee2mqtt/hall", json.dumps({"temperature": 19.5}), qos=1)

    def is_judged() -> bool:
        report()
        time.sleep(0.2)
        return sight_of_cold(officer) == "watching"

    def appears() -> bool:
        report()
        return [row["id"] for row in home_of(officer)["unplaced"]] == [DEVICE]

    wait_for(appears, what=f"the device at the hub\n{stack.gateway.log}")
    wait_for(lambda: home_of(officer)["unplaced"][0]["name"] == "hall", what="its name, as Zigbee2MQTT calls it")
    page = officer.get(f"/homes/{HOME.id}").text
    assert "Not placed yet: watched by nothing" in page
    assert f"{DEVICE} · hall" in page
    wait_for(lambda: sight_of_cold(officer) == "not fitted", what="no judgement of what stands nowhere")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    placed = officer.post(f"/homes/{HOME.id}/place", data={"token": token[1], "device": DEVICE, "room": "bedroom"})
    assert "The device is placed" in placed.text
    assert (room_at_hub(officer), home_of(officer)["unplaced"]) == ("bedroom", [])
    wait_for(is_judged, what="a judgement of the bedroom's temperature")
    wait_for(lambda: room_at_gateway(stack) == "bedroom", what=f"the room there\n{stack.gateway.log}")

    assert "is in kitchen" in gateway(stack, "place", DEVICE, "kitchen")
    wait_for(lambda: room_at_hub(officer) == "kitchen", what=f"the room here\n{stack.hub.log}")

    command = [str(BIN / "sensor-hub"), "place", HOME.id, DEVICE, "living", "--config", str(stack.folder / "hub.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == f"{HOME.id}: {DEVICE} is in living\n", done.stderr
    wait_for(lambda: room_at_gateway(stack) == "living", what="the room there")
    stack.hub.stop()
    stack.hub.start()
    wait_for(lambda: _answers(officer) and room_at_hub(officer) == "living", what="the same after a restart")
    entries = (stack.export(stack.folder / "out") / "entries.jsonl").read_text()
    rows = [row for row in map(json.loads, entries.splitlines()) if row["entry"] == "placement"]
    assert [(row["room"], bool(row["by"])) for row in rows] == [("bedroom", True), ("kitchen", False), ("living", True)]


def _answers(officer: httpx.Client) -> bool:
    try:
        return officer.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
