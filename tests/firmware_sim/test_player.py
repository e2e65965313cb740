"""Publishing to a real broker: everything arrives, in order, when its moment has come, whatever the broker does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.clock import Clock
from firmware_sim.files import write_home
from firmware_sim.homes import generate_home
from firmware_sim.player import Broker, Link, play
from firmware_sim.wire import Message, announcements, bridge_state, messages
from sensor_hub.model.moment import HOUR
from sensor_hub.model.pace import Pace
from sensor_hub.model.problem import InputError
from tests.brokers import Broker as Server
from tests.brokers import free_port, start_nats
from tests.waiting import wait_for

START = 1_767_571_200.0


class Listener:
    """Hears everything at a broker, over its restarts."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.times: list[float] = []
        self.subscriptions = 0
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *_: setattr(self, "subscriptions", self.subscriptions + 1)
        self.client.on_message = self.hear
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        wait_for(lambda: self.subscriptions > 0)

    def hear(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))
        self.times.append(time.time())

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = start_nats(tmp_path / "broker")
    yield running
    running.stop()


@pytest.fixture
def listener(server: Server) -> Iterator[Listener]:
    one = Listener(server.port)
    yield one
    one.close()


def open_link(port: int, stop: threading.Event, greeting: list[Message] | None = None) -> Link:
    link = Link(Broker(port=port), greeting=greeting or [], farewell=bridge_state(START, "offline"), stop=stop)
    link.open()
    return link


def numbered(count: int, every: float = 1.0) -> list[Message]:
    return [
        Message(START + number * every, f"zigbee2mqtt/m{number % 5}", str(number).encode()) for number in range(count)
    ]


def test_a_home_arrives_whole_after_its_announcement(server: Server, listener: Listener) -> None:
    home, arrivals, _ = generate_home(1, 0.5, start=START)
    expected = list(messages(home, [one.reading for one in arrivals]))
    link = open_link(server.port, threading.Event(), announcements(home, START))
    sent = play(expected, link, Clock(None, 0.0), lambda *_: None)
    link.close()
    wait_for(lambda: len(listener.heard) >= len(expected) + 3)
    assert sent == len(expected)
    assert [topic for topic, _ in listener.heard[:2]] == ["zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/devices"]
    assert listener.heard[2:-1] == [(one.topic, one.payload) for one in expected]
    assert listener.heard[-1] == ("zigbee2mqtt/bridge/state", b'{"state":"offline"}')


def test_a_broker_that_restarts_loses_nothing_and_keeps_the_order(server: Server, listener: Listener) -> None:
    expected, stop = numbered(4000), threading.Event()
    link = open_link(server.port, stop)
    clock = Clock(Pace(START, 1000.0, since=time.time()), 0.0)
    done: list[int] = []
    player = threading.Thread(target=lambda: done.append(play(expected, link, clock, lambda *_: None)))
    player.start()
    wait_for(lambda: len(listener.heard) > 500)
    server.restart()
    player.join(60)
    assert done == [4000]
    wait_for(lambda: len({payload for _, payload in listener.heard}) == 4000)
    link.close()
    firsts = list(dict.fromkeys(int(payload) for topic, payload in listener.heard if topic == "zigbee2mqtt/m3"))
    assert firsts == sorted(firsts)


def test_nothing_is_published_before_its_moment(server: Server, listener: Listener) -> None:
    expected, stop = numbered(20, every=10.0), threading.Event()
    link = open_link(server.port, stop)
    since = time.time()
    play(expected, link, Clock(Pace(START, 200.0, since=since), 0.0), lambda *_: None)
    wait_for(lambda: len(listener.heard) == 20)
    link.close()
    for at, (_, payload) in zip(listener.times[:20], listener.heard[:20], strict=True):
        assert at - since >= int(payload) * 10.0 / 200.0


def test_what_is_late_is_caught_up_at_once(server: Server, listener: Listener) -> None:
    link = open_link(server.port, threading.Event())
    pace = Pace(START, 1.0, since=time.time() - HOUR)
    assert play(numbered(500), link, Clock(pace, 0.0), lambda *_: None) == 500
    link.close()


def test_no_broker_is_one_clear_line() -> None:
    with pytest.raises(InputError, match="cannot be reached"):
        open_link(free_port(), threading.Event())


def test_a_wrong_password_is_one_clear_line(tmp_path: Path) -> None:
    server = start_nats(tmp_path / "broker", users={"home": "right"})
    try:
        stop = threading.Event()
        broker = Broker(port=server.port, username="home", password="wrong")
        link = Link(broker, greeting=[], farewell=bridge_state(START, "offline"), stop=stop)
        with pytest.raises(InputError, match=r"refuses|does not answer"):
            link.open()
    finally:
        server.stop()


def command(*words: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "COLUMNS": "200", "TERM": "dumb"}
    line = [sys.executable, "-m", "firmware_sim", *map(str, words)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def ran(*words: object) -> tuple[int, str, str]:
    """How the command ended, and what it printed."""
    running = command(*words)
    printed, errors = running.communicate(timeout=60)
    return running.returncode, printed, errors


def test_replay_publishes_a_recorded_home(tmp_path: Path, server: Server, listener: Listener) -> None:
    home, arrivals, truth = generate_home(1, 0.2, start=START)
    write_home(tmp_path / "home", home, arrivals, truth)
    files = (tmp_path / "home" / "home.toml", tmp_path / "home" / "readings.jsonl.gz")
    code, _, errors = ran("replay", *files, "--port", server.port, "--speed", 0)
    assert code == 0, errors
    count = len(list(messages(home, [one.reading for one in arrivals])))
    assert f"done: {count} messages" in errors
    wait_for(lambda: len(listener.heard) >= count + 3)


@pytest.mark.parametrize("broker_dies", [False, True])
def test_run_stops_on_sigterm(server: Server, listener: Listener, broker_dies: bool) -> None:
    running = command("run", "first-alert", "--port", server.port)
    wait_for(lambda: len(listener.heard) > 10)
    if broker_dies:
        server.stop()
    stopped_at = time.monotonic()
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=60)
    assert time.monotonic() - stopped_at < 5
    assert running.returncode == 0, errors
    assert "stopped:" in errors


def test_run_writes_the_home_it_publishes(tmp_path: Path) -> None:
    out = tmp_path / "home.toml"
    assert ran("run", "--home-only", "--home-out", out)[0] == 0
    assert ran("run", "--home-only")[1] == out.read_text()
    assert 'id = "demo"' in out.read_text()


def test_generate_gives_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        words = ("--homes", 2, "--days", 3, "--seed", 5, "--out", tmp_path / folder, "--episode", "absence:1:12")
        code, _, errors = ran("generate", *words)
        assert code == 0, errors
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 6
    assert all((tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes() for path in files)


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "nowhere.toml", "nothing.jsonl"),
        ("run", "nonsense"),
        ("run", "--clock-start", "tomorrow"),
        ("generate", "--out", "/dev/null/x", "--days", "1"),
        ("generate", "--out", "/dev/null/x", "--episode", "flood:1"),
    ],
)
def test_an_error_is_one_line_and_exit_1(words: tuple[str, ...]) -> None:
    code, _, errors = ran(*words)
    assert code == 1
    assert errors.startswith("firmware-sim: ")
    assert "Traceback" not in errors


@pytest.mark.parametrize("words", [(), ("replay",), ("run",), ("generate",)])
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    code, printed, _ = ran(*words, "--help")
    assert code == 0
    assert "Usage" in printed
