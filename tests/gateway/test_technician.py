"""What a technician sees and does: the overview, placing a device, the walk through the rooms; and systemd's view."""

from __future__ import annotations

import io
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.notify import Supervisor
from gateway.walktest import Outcome, Seen, Step, Walk, walk
from sensor_hub.model.metric import Metric
from tests.brokers import Broker, free_port, start_nats
from tests.gateway.builders import Gateway, MiniHub, wait_until
from tests.gateway.test_daemon import is_heard, say, sensors, settings, wait_for_source

__all__ = ["sensors"]
DEVICE = "0x0000000000000001"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = start_nats(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture
def hub(broker: Broker) -> Iterator[MiniHub]:
    hub = MiniHub(broker.port)
    yield hub
    hub.close()


@pytest.fixture
def gateway(broker: Broker, tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path / "gateway", settings(broker.port, broker.port))
    yield gateway
    if gateway.process is not None and gateway.process.poll() is None:
        gateway.kill()


def status(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> dict:
    capsys.readouterr()
    main(["status", "--json", "--config", str(gateway.config)])
    return json.loads(capsys.readouterr().out)


def test_devices_appear_are_placed_and_keep_their_place_when_renamed(
    gateway: Gateway, hub: MiniHub, sensors, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    wait_until(lambda: DEVICE in status(gateway, capsys)["unplaced"])
    found = status(gateway, capsys)
    assert found["is_running"]
    assert found["devices"][DEVICE]["name"] == "hall"
    assert "temperature" in found["devices"][DEVICE]["metrics"]
    assert main(["place", DEVICE, "kitchen", "--config", str(gateway.config)]) == 0
    wait_until(lambda: hub.statuses[-1].get("placed") == {DEVICE: "kitchen"})
    assert main(["status", "--config", str(gateway.config)]) == 0
    table = capsys.readouterr().out
    assert f"{DEVICE}  hall  kitchen" in table
    assert gateway.stop() == 0
    assert hub.statuses[-1]["reason"] == "stopped by SIGTERM"
    assert main(["status", "--config", str(gateway.config)]) == 1
    assert "Not running: stopped by SIGTERM at" in capsys.readouterr().out


def test_the_hubs_settings_are_applied_and_answered(
    gateway: Gateway, hub: MiniHub, sensors, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    said = {"version": 2, "scope": ["motion"], "rooms": {DEVICE: "hall"}, "commit_every": 900}
    hub.settings(json.dumps(said).encode())
    refused = {"commit_every": "not a number of seconds from 0 to 60"}
    answer = {"version": 2, "refused": refused, "scope": ["motion", "online"]}
    wait_until(lambda: hub.statuses[-1].get("settings") == answer)
    before = len(hub.values(Metric.TEMPERATURE))
    say(sensors, 33.0)
    sensors.publish("zigbee2mqtt/hall", json.dumps({"occupancy": True, "last_seen": time.time() * 1000}), qos=1)
    wait_until(lambda: bool(hub.values(Metric.MOTION)))
    assert len(hub.values(Metric.TEMPERATURE)) == before
    assert gateway.stop() == 0
    assert hub.statuses[-1]["rejected"]["not agreed"] >= 1


def test_hub_source_and_gateway_may_come_in_any_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, hubs = start_nats(tmp_path / "source"), start_nats(tmp_path / "hub")
    source.stop()
    hubs.stop()
    gateway = Gateway(tmp_path / "gateway", settings(hubs.port, source.port))
    gateway.start()
    wait_until(lambda: gateway.log().count("no connection") == 2)
    hubs.start()
    hub = MiniHub(hubs.port)
    wait_until(lambda: is_heard(hub))
    source.start()
    wait_until(lambda: "source zigbee2mqtt" in gateway.log() and gateway.log().count("connected after") == 2)
    hubs.kill()
    source.restart()
    hubs.start()
    wait_until(lambda: gateway.log().count(": connected") >= 4)
    wait_until(lambda: hub.statuses[-1]["state"] == "online")
    assert gateway.stop() == 0
    hub.close()
    source.stop()
    hubs.stop()


def test_a_kill_is_told_at_the_next_start(gateway: Gateway, hub: MiniHub, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.start()
    wait_until(lambda: (gateway.folder / "gateway-data" / "state.json").exists())
    gateway.kill()
    assert main(["status", "--config", str(gateway.config)]) == 1
    assert "it was killed, or the power failed" in capsys.readouterr().out
    gateway.start()
    wait_until(lambda: "had not stopped in order" in gateway.log())
    assert gateway.stop() == 0


def test_a_gateway_that_never_ran_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(settings(free_port(), free_port()))
    assert main(["status", "--config", str(config)]) == 1
    assert "it has never run here" in capsys.readouterr().out
    assert main(["walktest", "--config", str(config)]) == 2
    assert main(["place", "no id", "hall", "--config", str(config)]) == 2


STEPS = [
    Step("a", "Hall motion", "hall", frozenset({Metric.MOTION, Metric.TEMPERATURE})),
    Step("b", "", "kitchen", frozenset({Metric.TEMPERATURE})),
    Step("c", "", "kitchen", frozenset({Metric.CONTACT})),
]


def test_a_walk_passes_fails_and_skips_with_times() -> None:
    now = [0.0]
    heard = {2.0: ("a", "temperature"), 4.0: ("a", "motion")}

    def is_skipped(seconds: float) -> bool:
        now[0] += seconds
        return now[0] == 30.0

    way = Walk(
        heard=lambda _: {what for at, what in heard.items() if at <= now[0]},
        newest=lambda: (0, 0),
        is_skipped=is_skipped,
        elapsed=lambda: now[0],
    )
    out = io.StringIO()
    assert walk(STEPS, way, 20.0, out) == 1
    assert out.getvalue().splitlines() == [
        "1/3 hall: Hall motion - move in front of it (Enter skips)",
        f"    {Outcome.PASS.value} a after 4.0 s",
        "2/3 kitchen: b - breathe on it, or press its button (Enter skips)",
        f"    {Outcome.FAIL.value} b after 20.0 s",
        "3/3 kitchen: c - open and close it (Enter skips)",
        f"    {Outcome.SKIPPED.value} c after 6.0 s",
        "3 devices: 1 pass, 1 fail, 1 skipped",
    ]


def test_a_walk_sees_what_the_daemon_puts_into_its_outbox(gateway: Gateway, hub: MiniHub, sensors) -> None:
    gateway.start()
    wait_for_source(gateway, sensors, hub)
    seen = Seen(gateway.folder / "gateway-data" / "outbox.db")
    before = seen.newest()
    assert seen.heard(before) == set()
    say(sensors, 21.5)
    wait_until(lambda: seen.heard(before) == {(DEVICE, "temperature")})
    assert gateway.stop() == 0


def test_systemd_hears_of_start_life_and_stop(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(path))
        supervisor = Supervisor({"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "60000000"})
        assert supervisor.watchdog == 60
        supervisor.ready()
        supervisor.alive()
        supervisor.status("two\nlines")
        supervisor.stopping("stopped by SIGTERM")
        said = [channel.recv(200).decode() for _ in range(4)]
    assert said == ["READY=1", "WATCHDOG=1", "STATUS=two lines", "STOPPING=1\nSTATUS=stopping: stopped by SIGTERM"]
    Supervisor({}).ready()
    assert Supervisor({"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}).watchdog is None
