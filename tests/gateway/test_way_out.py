"""Alone at home, with a real web service and a stand-in for gammu: told once, again where not taken, and kept."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from paho.mqtt.client import Client

from gateway.__main__ import main
from gateway.alone import Alone, Rules
from gateway.app import OUTBOX
from gateway.clock import Clock
from gateway.lookout import Lookout
from gateway.settings import read_settings
from gateway.walktest import Seen
from gateway.way_out import GammuWay, HttpWay, WayOut, WayOutError
from sensor_hub.model.metric import Metric
from sensor_hub.model.moment import HOUR, MINUTE
from sensor_hub.model.problem import InputError
from tests.brokers import Broker, free_port, start_nats
from tests.gateway.builders import MONDAY, FakeMachine, Gateway, MiniHub, reading, wait_until
from tests.gateway.test_daemon import sensors, settings, wait_for_source
from tests.stack import simulated

__all__ = ["sensors"]
SPEED = 20
ALARM = "0x00000000000000aa"
RULES = {"after_minutes": 1, "rules": {"smoke": True, "sos": True, "cold_below": 12, "still_hours": 14}}


class Service:
    """A web service that keeps what is posted and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.posts: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.posts.append(body)
                outer.headers.append(dict(self.headers))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/notify/flat?tag=x"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def texts(self) -> list[str]:
        return [post["body"] for post in self.posts]


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


class Rig:
    """A lookout whose time passes as the test says. `heard`: when the hub answered last."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder, self.service = folder, service
        self.heard = float("-inf")
        self.passed = 1000.0
        self.machine = FakeMachine(MONDAY)
        self.machine.elapsed = lambda: self.passed  # type: ignore[method-assign]
        self.lookout = self._new()

    def _new(self) -> Lookout:
        lookout = Lookout(
            self.folder / "alone.json",
            WayOut(HttpWay(self.service.url), "A17"),
            Clock(machine=self.machine),
            rooms=dict,
            answered=lambda: self.heard,
        )
        lookout.agree(Alone(30, Rules(smoke=True, cold_below=12)))
        lookout.recall()
        return lookout

    def restart(self) -> None:
        """As after SIGKILL: nothing is written at the end."""
        self.heard = float("-inf")
        self.lookout = self._new()

    def answer(self) -> None:
        self.heard = self.passed
        self.lookout.look()

    def run(self, minutes: float) -> None:
        for _ in range(round(minutes)):
            self.machine.run(MINUTE)
            self.passed += MINUTE
            self.lookout.look()

    def note(self, metric: Metric, value: float) -> None:
        self.lookout.note([reading(self.machine.wall(), value, metric)])


@pytest.fixture
def rig(tmp_path: Path, service: Service) -> Rig:
    return Rig(tmp_path, service)


def test_nothing_is_told_while_the_hub_answers_or_is_not_away_long_enough(rig: Rig) -> None:
    rig.answer()
    for _ in range(10):
        rig.note(Metric.SMOKE, 1)
        rig.run(20)
        rig.answer()
    rig.note(Metric.SMOKE, 1)
    rig.run(29)
    assert rig.service.posts == []
    rig.run(1)
    assert len(rig.service.posts) == 1


def test_each_spell_once_and_when_the_hub_is_back_what_was_told(rig: Rig) -> None:
    rig.answer()
    rig.run(5)
    rig.note(Metric.SMOKE, 1)
    rig.run(300)
    rig.note(Metric.TEMPERATURE, 9)
    rig.run(60)
    assert [text[:27] for text in rig.service.texts()] == ["A17 URGENT. Smoke alarm at ", "A17 SOON. Cold: the warmest"]
    rig.answer()
    rig.answer()
    assert rig.service.texts()[2:] == ["A17 The hub is back after 6 h and takes over. Told meanwhile: smoke, cold."]
    rig.run(20)
    rig.answer()
    assert len(rig.service.posts) == 3
    assert [one["rule"] for one in rig.lookout.told()] == ["smoke", "cold", "back"]
    assert all(one["told_at"] for one in rig.lookout.told())


def test_an_outage_in_which_nothing_happened_is_not_worth_a_message(rig: Rig) -> None:
    rig.answer()
    rig.run(300)
    rig.answer()
    assert (rig.service.posts, rig.lookout.told()) == ([], [])


def test_what_was_told_is_not_told_again_after_a_restart_and_what_was_not_taken_is(rig: Rig) -> None:
    rig.answer()
    rig.note(Metric.SMOKE, 1)
    rig.run(40)
    assert len(rig.service.posts) == 1
    rig.restart()
    rig.run(60)
    assert len(rig.service.posts) == 1
    rig.service.status = 503
    rig.note(Metric.TEMPERATURE, 9)
    rig.run(2)
    refused = len(rig.service.posts)
    assert refused >= 2
    assert rig.lookout.told()[1]["told_at"] == ""
    rig.restart()
    rig.service.status = 204
    rig.run(2)
    assert len(rig.service.posts) == refused + 1
    assert rig.lookout.told()[1]["told_at"]
    rig.restart()
    rig.answer()
    assert "Told meanwhile: smoke, cold." in rig.service.texts()[-1]


def test_attempts_grow_apart_and_the_hub_takes_over_what_did_not_go_out(rig: Rig) -> None:
    rig.answer()
    rig.note(Metric.SMOKE, 1)
    rig.service.status = 500
    rig.run(30 + 180)
    assert 8 <= len(rig.service.posts) <= 12
    rig.answer()
    rig.service.status = 200
    count = len(rig.service.posts)
    rig.run(20)
    assert (len(rig.service.posts), rig.lookout.told()) == (count, [])


def test_without_rules_nothing_is_told(rig: Rig) -> None:
    rig.lookout.agree(None)
    rig.note(Metric.SMOKE, 1)
    rig.run(600)
    assert rig.service.posts == []


def test_what_was_told_is_said_for_a_week(rig: Rig) -> None:
    rig.answer()
    rig.note(Metric.SMOKE, 1)
    rig.run(40)
    rig.answer()
    rig.machine.run(8 * 24 * HOUR)
    rig.passed += 1
    rig.answer()
    assert rig.lookout.told() == []


def test_the_service_gets_the_token_and_a_refusal_does_not_say_the_address(service: Service) -> None:
    HttpWay(service.url, "X-Key", "secret").send("text")
    assert service.posts == [{"title": "Sensor gateway", "body": "text", "type": "warning"}]
    assert service.headers[0]["X-Key"] == "secret"
    service.status = 302
    for url in (service.url, f"http://127.0.0.1:{free_port()}/secret"):
        with pytest.raises(WayOutError) as told:
            HttpWay(url).send("text")
        assert "127.0.0.1" not in str(told.value)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("gammu-smsd-inject", ["TEXT", "+447700900123", "-text", "it's cold"]),
        ("gammu", ["--sendsms", "TEXT", "+447700900123", "-text", "it's cold"]),
    ],
)
def test_gammu_is_run_as_its_manual_says(tmp_path: Path, program: str, words: list[str]) -> None:
    path = stand_in(tmp_path / program)
    GammuWay("+447700900123", str(path)).send("it's cold")
    assert json.loads((tmp_path / "calls").read_text()) == words
    (tmp_path / "fails").touch()
    with pytest.raises(WayOutError, match="ended with 3"):
        GammuWay("+447700900123", str(path)).send("it's cold")
    with pytest.raises(WayOutError, match="does not work"):
        GammuWay("+447700900123", str(tmp_path / "none")).send("it's cold")


def stand_in(path: Path) -> Path:
    """A program that writes down how it was called, a line each."""
    path.write_text(
        f"#!{sys.executable} -S\nimport json, pathlib, sys\nhere = pathlib.Path(sys.argv[0]).parent\n"
        "sys.exit(3) if (here / 'fails').exists() else None\n"
        "(here / 'calls').open('a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "table",
    [
        'kind = "pigeon"',
        'kind = "http"',
        'kind = "http"\nurl = "http://example.org/"',
        'kind = "http"\nurl = "ftp://example.org/"',
        'kind = "http"\nurl = "https://"',
        'kind = "http"\nurl = "https://example.org/"\ntoken_file = "none"',
        'kind = "http"\nurl = "https://example.org/"\nheader = "A: b"',
        'kind = "http"\nurl = "https://example.org/"\nnumber = "1"',
        'kind = "gammu"',
        'kind = "gammu"\nnumber = "--help"',
        'kind = "gammu"\nnumber = "123"\nreference = "[home]"',
        f'kind = "gammu"\nnumber = "123"\nreference = "{"x" * 21}"',
    ],
)
def test_a_way_out_that_cannot_be_used_is_an_error(tmp_path: Path, table: str) -> None:
    (tmp_path / "gateway.toml").write_text(settings(1883, 1883, f"[way_out]\n{table}\n"))
    with pytest.raises(InputError, match="way_out"):
        read_settings(tmp_path / "gateway.toml")


def test_ways_out_that_can_be_used(tmp_path: Path) -> None:
    def way_out(table: str) -> WayOut | None:
        (tmp_path / "gateway.toml").write_text(settings(1883, 1883, table))
        return read_settings(tmp_path / "gateway.toml").way_out

    (tmp_path / "token").write_text("Bearer x\n")
    assert way_out("") is None
    http = 'kind = "http"\nurl = "http://192.168.1.9:8000/notify"\ntoken_file = "token"'
    assert way_out(f"[way_out]\n{http}") == WayOut(
        HttpWay("http://192.168.1.9:8000/notify", "Authorization", "Bearer x")
    )
    gammu = 'kind = "gammu"\nnumber = "+447700900123"\nreference = "A 17"'
    assert way_out(f"[way_out]\n{gammu}") == WayOut(GammuWay("+447700900123"), "A 17")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = start_nats(tmp_path / "broker")
    yield broker
    broker.stop()


def has_noted_telling(gateway: Gateway) -> bool:
    """Before, a kill has the message sent again."""
    try:
        told = json.loads((gateway.folder / "gateway-data" / "alone.json").read_text())["told"]
    except OSError:
        return False
    return any(row[3] is not None for row in told)


def smoke(client: Client, value: bool) -> None:
    client.publish("zigbee2mqtt/alarm", json.dumps({"smoke": value, "linkquality": 80}), qos=1).wait_for_publish(10)


def smoke_devices() -> str:
    exposes = [
        {"type": "binary", "name": "smoke", "property": "smoke", "value_on": True, "value_off": False, "access": 1}
    ]
    hall = [{"type": "numeric", "name": "temperature", "property": "temperature", "unit": "°C", "access": 1}]
    rows = [("alarm", ALARM, exposes), ("hall", "0x0000000000000001", hall)]
    return json.dumps(
        [
            {
                "ieee_address": address,
                "friendly_name": name,
                "type": "EndDevice",
                "definition": {"model": "S1", "vendor": "Test", "exposes": said},
            }
            for name, address, said in rows
        ]
    )


def table(kind: str, service: Service, folder: Path) -> str:
    """A way out, in fast time that goes on over a kill."""
    clock = simulated(MONDAY, SPEED)
    if kind == "http":
        return f'[way_out]\nkind = "http"\nurl = "{service.url}"\n{clock}'
    program = stand_in(folder / "gammu-smsd-inject")
    return f'[way_out]\nkind = "gammu"\nnumber = "+447700900123"\nprogram = "{program}"\n{clock}'


def told(kind: str, service: Service, folder: Path) -> list[str]:
    """The texts that came out."""
    if kind == "http":
        return service.texts()
    calls = folder / "calls"
    return [json.loads(line)[-1] for line in calls.read_text().splitlines()] if calls.exists() else []


@pytest.mark.parametrize("kind", ["http", "gammu"])
def test_smoke_while_the_hub_is_away_is_told_once_over_kills_and_said_in_the_status(
    kind: str, broker: Broker, service: Service, sensors: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sensors.publish("zigbee2mqtt/bridge/devices", smoke_devices(), qos=1, retain=True).wait_for_publish(10)
    hubs = start_nats(tmp_path / "hubs")
    hub = MiniHub(hubs.port)
    gateway = Gateway(tmp_path / "gateway", settings(hubs.port, broker.port, table(kind, service, tmp_path)))
    try:
        gateway.start()
        wait_for_source(gateway, sensors, hub)
        hub.settings(json.dumps({"version": 1, "alone": RULES}).encode())
        wait_until(lambda: hub.statuses[-1].get("settings") == {"version": 1, "refused": {}})
        hub.close()
        hubs.kill()
        smoke(sensors, True)
        wait_until(lambda: has_noted_telling(gateway), within=90, what=gateway.log())
        gateway.kill()
        gateway.start()
        outbox = Seen(gateway.folder / "gateway-data" / OUTBOX)
        before = outbox.newest()
        smoke(sensors, True)
        wait_until(lambda: (ALARM, "smoke") in outbox.heard(before), what="the smoke that it hears again")
        assert "URGENT. Smoke alarm at " in "".join(told(kind, service, tmp_path))
        assert len(told(kind, service, tmp_path)) == 1
        hubs.start()
        hub = MiniHub(hubs.port)
        wait_until(lambda: len(told(kind, service, tmp_path)) == 2, what=gateway.log())
        assert "takes over. Told meanwhile: smoke." in told(kind, service, tmp_path)[1]
        wait_until(lambda: rules_told(hub) == ["smoke", "back"])
        assert len(told(kind, service, tmp_path)) == 2
        assert gateway.stop() == 0
        capsys.readouterr()
        main(["status", "--config", str(gateway.config)])
        assert capsys.readouterr().out.count("Told while the hub was away: ") == 2
    finally:
        if gateway.process is not None and gateway.process.poll() is None:
            gateway.kill()
        hub.close()
        hubs.stop()


def rules_told(hub: MiniHub) -> list[str]:
    """As the last status says it."""
    return [row["rule"] for row in hub.statuses[-1].get("told_alone", ())] if hub.statuses else []
