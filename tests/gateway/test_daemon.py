"""The whole gateway as a process: killed at any instant it loses nothing, stopped it leaves in order."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from gateway.app import VERSION
from sensor_hub.model.metric import Metric
from tests.brokers import Broker, free_port, start_mosquitto, start_nats
from tests.gateway.builders import Gateway, MiniHub, devices_message, wait_until
from tests.gateway.test_uplink import BROKERS

SOURCE = '[[source]]\nkind = "zigbee2mqtt"\nport = {}\n'
KILLS = 12
MEGABYTE = 1024 * 1024


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    broker = start_nats(folder, repeats_after="2s") if request.param == "nats" else start_mosquitto(folder)
    yield broker
    broker.stop()


@pytest.fixture
def hub(broker: Broker) -> Iterator[MiniHub]:
    hub = MiniHub(broker.port)
    yield hub
    hub.close()


@pytest.fixture
def sensors(broker: Broker) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(0)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    client.publish("zigbee2mqtt/bridge/devices", devices_message("hall"), qos=1, retain=True).wait_for_publish(10)
    yield client
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def gateway(broker: Broker, tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "gateway", settings(broker.port, broker.port))
    yield gateway
    if gateway.process is not None and gateway.process.poll() is None:
        gateway.kill()


def settings(hub_port: int, source_port: int, more: str = "") -> str:
    return f'home = "h1"\n[hub]\nhost = "127.0.0.1"\nport = {hub_port}\n{SOURCE.format(source_port)}{more}'


def say(sensors: Client, temperature: float) -> None:
    """The sensor reports; each report has a moment of its own."""
    seen = datetime.fromtimestamp(time.time(), UTC).isoformat()
    state = {"temperature": temperature, "last_seen": seen}
    sensors.publish("zigbee2mqtt/hall", json.dumps(state), qos=1)


def is_heard(hub: MiniHub) -> bool:
    return bool(hub.values(Metric.ONLINE))


def wait_for_source(gateway: Gateway, sensors: Client, hub: MiniHub) -> None:
    """Until the gateway's session at the source's broker is there: earlier messages are nobody's."""

    def is_there() -> bool:
        say(sensors, -10.0)
        time.sleep(0.05)
        return -10 in hub.values(Metric.TEMPERATURE)

    wait_until(is_there, what=f"a first reading; {gateway.log()}")


def test_killed_at_random_instants_it_loses_and_repeats_nothing(
    gateway: Gateway, hub: MiniHub, sensors: Client
) -> None:
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    sent: list[float] = []
    chance = random.Random(7)
    for _ in range(KILLS):
        until = time.monotonic() + chance.uniform(0.05, 0.9)
        while time.monotonic() < until:
            sent.append(round(len(sent) * 0.01, 2))
            say(sensors, sent[-1])
            time.sleep(0.004)
        gateway.kill()
        gateway.start()
    wait_until(lambda: set(sent) <= set(hub.values(Metric.TEMPERATURE)), what="all readings at the hub")
    values = [value for value in hub.values(Metric.TEMPERATURE) if value != -10]
    assert len(values) == len(sent), "each exactly once"
    assert hub.clashes == 0
    assert gateway.stop() == 0


def test_it_stops_within_five_seconds_and_keeps_what_was_in_hand(
    broker: Broker, tmp_path: Path, sensors: Client, hub: MiniHub
) -> None:
    gateway = Gateway(tmp_path / "gateway", "commit_every = 30\n" + settings(free_port(), broker.port))
    gateway.start()
    wait_until(lambda: "source zigbee2mqtt" in gateway.log() and "connected" in gateway.log())
    started = time.monotonic()
    assert gateway.stop() == 0
    assert time.monotonic() - started < 5
    assert "everything in hand is on the disk, 1 readings wait for the hub" in gateway.log(), "its own sign of life"
    gateway.config.write_text(settings(broker.port, broker.port))
    gateway.start()
    wait_until(lambda: len(hub.values(Metric.ONLINE)) == 2)
    assert gateway.stop() == 0
    assert hub.statuses[-1]["state"] == "offline"


def test_it_stays_small(gateway: Gateway, hub: MiniHub, sensors: Client) -> None:
    """How fast it starts and what it takes at rest prints `benchmarks/gateway_cost.py`."""
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    for number in range(500):
        say(sensors, number / 100)
    wait_until(lambda: len([value for value in hub.values(Metric.TEMPERATURE) if value != -10]) == 500)
    assert gateway.process is not None
    assert psutil.Process(gateway.process.pid).memory_info().rss <= 33 * MEGABYTE
    assert gateway.stop() == 0


def test_a_source_that_comes_later_is_found_and_told_once(broker: Broker, tmp_path: Path, hub: MiniHub) -> None:
    later = start_nats(tmp_path / "later")
    later.stop()
    gateway = Gateway(tmp_path / "gateway", settings(broker.port, later.port))
    gateway.start()
    wait_until(lambda: is_heard(hub))
    wait_until(lambda: "no connection" in gateway.log())
    later.start()
    wait_until(lambda: "connected after" in gateway.log())
    assert gateway.log().count("no connection") == 1
    assert gateway.stop() == 0
    later.stop()


def test_a_large_list_of_devices_passes(gateway: Gateway, hub: MiniHub, sensors: Client) -> None:
    devices = json.loads(devices_message("hall"))
    devices[0]["definition"]["description"] = "x" * 600_000
    sensors.publish("zigbee2mqtt/bridge/devices", json.dumps(devices), qos=1, retain=True).wait_for_publish(10)
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    assert gateway.stop() == 0


@pytest.mark.parametrize("broker", BROKERS[1:], indirect=True)
def test_a_message_that_is_too_large_is_passed_over(gateway: Gateway, hub: MiniHub, sensors: Client) -> None:
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    assert gateway.process is not None
    before = psutil.Process(gateway.process.pid).memory_info().rss
    # Also where it is taken for a list: the one that is known stays.
    for topic in ("bridge/response/backup", "bridge/devices"):
        sensors.publish(f"zigbee2mqtt/{topic}", bytes(40 * MEGABYTE), qos=1).wait_for_publish(30)
    say(sensors, 7.5)
    wait_until(lambda: 7.5 in hub.values(Metric.TEMPERATURE))
    assert psutil.Process(gateway.process.pid).memory_info().rss < before + 20 * MEGABYTE
    assert gateway.stop() == 0
    gateway.start()
    say(sensors, 8.5)
    wait_until(lambda: 8.5 in hub.values(Metric.TEMPERATURE))
    assert gateway.stop() == 0
    assert hub.statuses[-1]["rejected"] == {}
    assert {"the message is too big": 2} in [status["rejected"] for status in hub.statuses]


def test_simulated_time_beats_on_its_own_grid(broker: Broker, tmp_path: Path, hub: MiniHub) -> None:
    clock = '[clock]\nstart = "2026-01-05T00:00:01Z"\nspeed = 720\n'
    gateway = Gateway(tmp_path / "gateway", settings(broker.port, broker.port, clock))
    gateway.start()
    wait_until(lambda: len(hub.values(Metric.ONLINE)) >= 5)
    assert gateway.stop() == 0
    first, *later = sorted(key[2] / 1000 for key in hub.rows)
    assert 0 <= first - 1767571201 < 720 * 5
    assert all(at % 300 == 0 for at in later)


def test_two_gateways_do_not_share_a_folder(gateway: Gateway, hub: MiniHub, tmp_path: Path) -> None:
    gateway.start()
    wait_until(lambda: is_heard(hub))
    other = Gateway(gateway.folder, gateway.config.read_text())
    other.start()
    assert other.process is not None
    assert other.process.wait(30) == 2
    assert "another gateway is using it" in gateway.log()
    assert gateway.stop() == 0


def test_the_version_is_the_packages() -> None:
    assert version("sensor-hub") == VERSION


def test_devices_that_describe_themselves_are_subscribed_to(broker: Broker, tmp_path: Path, hub: MiniHub) -> None:
    text = settings(broker.port, broker.port).replace("zigbee2mqtt", "homeassistant")
    gateway = Gateway(tmp_path / "gateway", text)
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    config = {
        "unique_id": "porch_temperature",
        "state_topic": "porch/sensor/state",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "device": {"identifiers": ["porch"], "name": "Porch"},
    }
    topic = "homeassistant/sensor/porch/temperature/config"
    client.publish(topic, json.dumps(config), qos=1, retain=True).wait_for_publish(10)
    gateway.start()

    def is_there() -> bool:
        client.publish("porch/sensor/state", "7.5", qos=1)
        time.sleep(0.05)
        return 7.5 in hub.values(Metric.TEMPERATURE)

    wait_until(is_there, what=gateway.log())
    assert gateway.stop() == 0
    client.disconnect()
    client.loop_stop()
