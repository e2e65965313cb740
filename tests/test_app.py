"""The hub as its users meet it: a program with commands."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Batch, encode_batch
from tests.brokers import start_mosquitto
from tests.homes import small_home
from tests.hub_program import HUB, HubProgram
from tests.ingest.gateway_client import GatewayClient

CONTACT = "[[contact]]\nid = 'team'\naddress = 'console://'"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProgram]:
    hub = HubProgram(tmp_path, [small_home()], tables=CONTACT)
    hub.write()
    yield hub
    hub.clear()


def test_without_settings_it_writes_some_and_says_where(tmp_path: Path) -> None:
    config = tmp_path / "new" / "hub.toml"
    ran = subprocess.Popen([*HUB, "run", "--config", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert ran.stdout is not None
    first = ran.stdout.readline().decode()
    ran.terminate()
    ran.communicate(timeout=60)
    assert f"Wrote {config}" in first
    assert (config.parent / "homes").is_dir()


def test_a_reading_is_stored_exported_and_still_there_after_a_restart(hub: HubProgram) -> None:
    hub.start()
    hub.wait_ready()
    home = hub.homes[0].id
    gateway = GatewayClient(hub.mqtt_port, "local", home, hub.login())
    gateway.start()
    at = round(time.time(), 3)
    batch = Batch("s1", 0, 0, 1, "b1", [Reading(at, "motion-hall", Metric.MOTION, 1.0)])
    gateway.publish_until("readings", encode_batch(batch), lambda: any(each.upto == 1 for each in gateway.answers))
    gateway.stop()
    assert httpx.get(f"http://127.0.0.1:{hub.web_port}/readyz").status_code == 200
    assert hub.stop() == 0
    hub.start()
    hub.wait_ready()
    out = hub.folder / "out"
    done = hub.command("export", home, str(out))
    assert done.returncode == 0, done.stderr
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(first) == {"home.toml", "readings.jsonl.gz", "entries.jsonl", "alerts.jsonl"}
    (row,) = [json.loads(line) for line in gzip.decompress(first["readings.jsonl.gz"]).splitlines()]
    assert (row["at"], row["device"], row["metric"], row["value"]) == (at, "motion-hall", "motion", 1.0)
    assert row["received"] >= at
    kinds = [json.loads(line)["entry"] for line in first["entries.jsonl"].splitlines()]
    assert kinds == ["settings", "hub_away"]
    hub.stop()
    hub.command("export", home, str(out))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first
    assert hub.command("export", "nobody", str(out)).returncode == 2


def test_the_password_is_told_at_the_first_start_and_kept(hub: HubProgram) -> None:
    told = []
    for _ in range(2):
        hub.start()
        hub.wait_ready()
        hub.stop()
        told.append(hub.output())
    password = (hub.folder / "hub-data" / "web.password").read_text().strip()
    assert f"Password: {password} " in told[0]
    assert told[1].count(password) == 1


def test_a_hub_that_was_killed_starts_again_over_the_broker_it_left(hub: HubProgram) -> None:
    for _ in range(2):
        hub.start()
        hub.wait_ready()
        hub.kill()
    hub.start()
    hub.wait_ready()
    began = time.monotonic()
    assert hub.stop() == 0
    assert time.monotonic() - began < 5


def test_what_cannot_be_used_is_one_line_and_exit_code_2(hub: HubProgram) -> None:
    hub.config.write_text("colour = 1")
    for words in (("run",), ("export", "h1", str(hub.folder / "out"))):
        done = hub.command(*words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "unknown key 'colour'" in done.stderr


def test_two_hubs_do_not_run_on_the_same_data(hub: HubProgram) -> None:
    hub.start()
    hub.wait_ready()
    done = hub.command("run")
    assert done.returncode == 2
    assert "another hub runs on this data" in done.stderr


def test_a_taken_port_is_one_line_and_everything_that_was_started_ends(hub: HubProgram) -> None:
    hub.start()
    hub.wait_ready()
    other = HubProgram(hub.folder / "other", web_port=hub.web_port)
    other.write()
    done = other.command("run")
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
    pid = other.folder / "hub-data" / "broker" / "pid"
    assert not pid.exists()


def test_check_says_what_would_not_work(hub: HubProgram, tmp_path: Path) -> None:
    assert hub.command("check").returncode == 0
    hub.tables = CONTACT + "\nreceives = ['care']"
    hub.mqtt = "host = '127.0.0.1'"
    hub.write()
    (hub.folder / "homes" / "odd.toml").write_text('id = "odd"\ntimezone = "Mars/North"\n')
    (hub.folder / "homes" / "bare.toml").write_text('id = "bare"\ntimezone = "Europe/London"\n')
    done = hub.command("check")
    assert done.returncode == 1
    for told in (
        "nobody receives technical alerts",
        "cannot be reached",
        "timezone is 'Mars/North'",
        'home bare: no device has the metric "online"',
    ):
        assert told in done.stdout
    assert done.stdout.splitlines()[-1] == "5 to put right."


def test_check_tells_that_a_broker_refuses_the_hub(hub: HubProgram, tmp_path: Path) -> None:
    broker = start_mosquitto(tmp_path / "broker", users={"hub": "right"})
    hub.mqtt_port = broker.port
    for password, code in (("wrong", 1), ("right", 0)):
        hub.mqtt = f"host = '127.0.0.1'\nusername = 'hub'\npassword = '{password}'"
        hub.write()
        done = hub.command("check")
        assert done.returncode == code, done.stdout
    broker.stop()


def test_every_command_has_help() -> None:
    for command in ("run", "export", "check", "replay", "place", "absence", "visit"):
        done = subprocess.run([*HUB, command, "--help"], capture_output=True, text=True, check=True)
        assert command in done.stdout


def test_a_device_is_placed_only_by_a_hub_that_runs_and_knows_the_home(hub: HubProgram) -> None:
    done = hub.command("place", "test-home", "lamp", "hall")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "the hub cannot be asked" in done.stderr
    hub.start()
    hub.wait_ready()
    assert "There is no such home" in hub.command("place", "nobody", "lamp", "hall").stderr
    assert "is no device id" in hub.command("place", "test-home", "?", "hall").stderr
    assert hub.command("place", "test-home", "lamp", "moon").returncode == 2
    done = hub.command("place", "test-home", "lamp", "hall")
    assert done.stdout == "test-home: lamp is in hall; nothing was heard of it yet\n"
    done = hub.command("device", "replace", "test-home", "lamp", "lamp-2")
    assert done.stdout == "test-home: lamp-2 is in hall in the place of lamp; nothing was heard of it yet\n"
    assert "No device of this id stands" in hub.command("device", "replace", "test-home", "lamp", "lamp-3").stderr
    done = hub.command("device", "remove", "test-home", "motion-hall")
    assert done.stdout == "test-home: motion-hall is not watched any more; nothing else there shows motion\n"
    assert "No device of this id stands" in hub.command("device", "remove", "test-home", "motion-hall").stderr


def test_an_absence_is_told_listed_and_ended_by_command(hub: HubProgram) -> None:
    hub.start()
    hub.wait_ready()
    assert hub.command("absence", "test-home").stdout == "test-home: no absence is told\n"
    assert "no absence lasts now" in hub.command("absence", "test-home", "--end").stderr
    assert "start: enter a date and a time" in hub.command("absence", "test-home", "tomorrow").stderr
    assert "a visit needs an end" in hub.command("visit", "test-home", "now").stderr
    told = hub.command("absence", "test-home", "now")
    assert re.search(
        r"^from 2\d{3}-\d\d-\d\d \d\d:\d\d until somebody says otherwise \(now\), told by \w+$", told.stdout
    )
    assert "There is one already, since" in hub.command("absence", "test-home", "now").stderr
    assert hub.command("absence", "test-home", "--end").stdout == "test-home: no absence is told\n"
