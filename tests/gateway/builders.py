"""What the gateway's tests are made of: readings in one line, a hub of forty lines, a gateway as its own process."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from gateway.clock import Machine
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading
from sensor_hub.model.wire import Stored, encode_stored

MONDAY = 1767605000.0
Key = tuple[str, str, int]
"""Device, metric and the moment in milliseconds."""


def reading(at: float = MONDAY, value: float | str = 19.5, metric: Metric = Metric.TEMPERATURE, device: str = "hall"):
    return Reading(at, device, metric, value)


def wait_until(holds: Callable[[], bool], *, within: float = 60.0, what: str = "") -> None:
    """Returns as soon as it holds; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or holds}")
        time.sleep(0.005)


class FakeMachine(Machine):
    """A machine whose clocks the test sets; `real` ones where it sets none."""

    def __init__(self, wall: float | None = None, since_boot: float = 100.0, *, is_synchronised: bool = True) -> None:
        self.at, self.up, self.synchronised, self.boot = wall, since_boot, is_synchronised, "boot-1"

    def wall(self) -> float:
        return super().wall() if self.at is None else self.at

    def since_boot(self) -> float:
        return super().since_boot() if self.at is None else self.up

    def boot_id(self) -> str:
        return self.boot

    def is_synchronised(self) -> bool:
        return self.synchronised

    def run(self, seconds: float) -> None:
        """Time passes."""
        assert self.at is not None
        self.at, self.up = self.at + seconds, self.up + seconds


class MiniHub:
    """The hub's side of the wire: keeps batches by stream as the design says and answers, unless told not to."""

    def __init__(self, port: int, home: str = "h1") -> None:
        self.prefix = f"care/1/local/{home}/"
        self.rows: dict[Key, float | str] = {}
        self.batches: list[dict[str, object]] = []
        self.statuses: list[dict[str, object]] = []
        self.upto: dict[str, int] = {}
        self.repeats = self.clashes = 0
        self.is_silent = False
        self._lock = Lock()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._on_message
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(self.prefix + "readings", 1), (self.prefix + "status", 1)]
        )
        self._client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_until(self._client.is_connected)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def answer(self, payload: bytes) -> None:
        self._client.publish(self.prefix + "stored", payload, qos=1)

    def settings(self, payload: bytes) -> None:
        self._client.publish(self.prefix + "settings", payload, qos=1, retain=True)

    def values(self, metric: Metric) -> list[float | str]:
        """In order of their moments."""
        with self._lock:
            return [self.rows[key] for key in sorted(self.rows, key=lambda key: key[2]) if key[1] == metric]

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.topic.endswith("status"):
            status = json.loads(message.payload)
            self.statuses.append(status)
            if not self.is_silent:
                for stream in status["streams"]:
                    self.answer(encode_stored(Stored(stream, self.upto.get(stream, 0), time.time())))
            return
        raw = gzip.decompress(message.payload) if message.payload[:2] == b"\x1f\x8b" else message.payload
        pack = json.loads(raw)
        assert len(raw) <= 1024 * 1024
        assert len(pack) <= 505
        head = {row["n"]: row.get("v", row.get("vs")) for row in pack[:5]}
        with self._lock:
            self.batches.append(head)
            if self.is_silent:
                return
            self._keep(pack[5:])
            upto = max(self.upto.get(head["stream"], 0), head["kept"])
            if head["after"] <= upto:
                upto = max(upto, head["upto"])
            self.upto[head["stream"]] = upto
        self.answer(encode_stored(Stored(head["stream"], upto, time.time())))

    def _keep(self, records: list[dict]) -> None:
        device, base = "", 0.0
        for record in records:
            device, base = record.get("bn", device), record.get("bt", base)
            key = (device.rstrip("/"), record["n"], round((base + record.get("t", 0)) * 1000))
            value = record.get("v", record.get("vs"))
            if key in self.rows:
                self.repeats += 1
                self.clashes += self.rows[key] != value
            else:
                self.rows[key] = value


class Gateway:
    """`sensor-gateway run` as a process."""

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "gateway.toml"
        self.config.write_text(settings)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # As systemd would that wants a sign of life this often: it looks after its parts twice as often.
        env = {**os.environ, "WATCHDOG_USEC": "1000000"}
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "gateway", "run", "--config", str(self.config)]
            self.process = subprocess.Popen(command, stderr=log, stdout=log, env=env)

    def kill(self) -> None:
        """SIGKILL: nothing of it can be caught."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def log(self) -> str:
        return (self.folder / "log").read_text()


def devices_message(*names: str) -> str:
    """Zigbee2MQTT's `bridge/devices`: a thermometer with a motion sensor for each name."""
    exposes = [
        {"type": "numeric", "name": "temperature", "property": "temperature", "unit": "°C", "access": 1},
        {
            "type": "binary",
            "name": "occupancy",
            "property": "occupancy",
            "value_on": True,
            "value_off": False,
            "access": 1,
        },
    ]
    definition = {"model": "T1", "vendor": "Test", "exposes": exposes}
    return json.dumps(
        [
            {"ieee_address": f"0x{number:016x}", "friendly_name": name, "type": "EndDevice", "definition": definition}
            for number, name in enumerate(names, 1)
        ]
    )
