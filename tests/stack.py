"""The whole path as real processes: the home's broker, the gateway, the hub with its own broker, and a mail server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.home import Home, home_toml
from sensor_hub.model.moment import iso
from tests.brokers import Broker, free_port, start_mosquitto, start_nats
from tests.gateway.builders import devices_message
from tests.waiting import wait_for

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent


class Program:
    """A process of ours that can be started again after a kill."""

    def __init__(self, name: str, command: list[str], folder: Path, more: dict[str, str] | None = None) -> None:
        self.name, self.command, self.folder, self.more = name, command, folder, more or {}
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        path = self.folder / f"{self.name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            env = {**os.environ, **self.more}
            self.child = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=env)

    def kill(self) -> None:
        """A power cut: no last words."""
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self) -> int:
        """A clean stop; its exit code."""
        assert self.child is not None
        self.child.terminate()
        return self.child.wait(30)

    @property
    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None


class Stack:
    """One home's whole path in `folder`. `clock` is a `[clock]` table, empty for real time."""

    def __init__(self, folder: Path, home: Home, *, clock: str = "", contact: str = "console://") -> None:
        self.folder, self.home, self.clock, self.contact = folder, home, clock, contact
        (folder / "homes").mkdir(parents=True, exist_ok=True)
        (folder / "homes" / f"{home.id}.toml").write_text(home_toml(home))
        self.page, self.hub_port = free_port(), free_port()
        self.broker: Broker | None = None
        self.devices: Broker = (
            start_nats(folder / "devices") if home_is_slugs(home) else start_mosquitto(folder / "devices")
        )
        self.hub = Program("hub", [str(BIN / "sensor-hub"), "run", "--config", str(folder / "hub.toml")], folder)
        config = str(folder / "gateway.toml")
        self.gateway = Program("gateway", [str(BIN / "sensor-gateway"), "run", "--config", config], folder)
        self._write_hub()

    def _write_hub(self) -> None:
        (self.folder / "contact").write_text(self.contact)
        (self.folder / "password").write_text("secret")
        (self.folder / "hub.toml").write_text(
            f'data = "data"\nhomes = "homes/*.toml"\nurl = "http://127.0.0.1:{self.page}"\n'
            '[[contact]]\nid = "duty"\naddress_file = "contact"\ndetail = "full"\nreceives = ["care", "technical"]\n'
            f"[mqtt]\nport = {self.hub_port}\n"
            f'[web]\nport = {self.page}\npassword_file = "password"\n{self.clock}'
        )

    def lean_on(self, broker: Broker) -> None:
        """From the start on the hub and the gateway use this broker, which lets anybody in."""
        settings = (self.folder / "hub.toml").read_text()
        own, self.hub_port = f"[mqtt]\nport = {self.hub_port}\n", broker.port
        (self.folder / "hub.toml").write_text(
            settings.replace(own, f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n')
        )
        self.broker = broker

    def start(self) -> None:
        """The hub, then the gateway with the credentials that the hub made."""
        self.hub.start()
        wait_for(lambda: "Pages" in self.hub.log, what=f"the hub's start\n{self.hub.log}")
        login = {"user": f"local/{self.home.id}", "password": "any"}
        if self.broker is None:
            file = self.folder / "data" / "broker" / "credentials.json"
            wait_for(file.exists, what=f"the hub's credentials\n{self.hub.log}")
            login = json.loads(file.read_text())["gateway"]
        sources = "".join(
            f'[[source]]\nkind = "{kind}"\nport = {self.devices.port}\n' for kind in ("zigbee2mqtt", "chirpstack")
        )
        (self.folder / "gateway.toml").write_text(
            f'home = "{self.home.id}"\ndata = "gateway"\n{sources}[hub]\nhost = "127.0.0.1"\nport = {self.hub_port}\n'
            f'username = "{login["user"]}"\npassword = "{login["password"]}"\n{self.clock}'
        )
        self.gateway.start()

    def kill_hubs_broker(self) -> None:
        """The hub's own broker; the hub starts it again."""
        os.kill(int((self.folder / "data" / "broker" / "pid").read_text()), signal.SIGKILL)

    def stop(self) -> None:
        # The hub first: at a simulated speed it would see the gateway fall silent within a second.
        for program in (self.hub, self.gateway):
            if program.is_running:
                program.stop()
        self.devices.stop()

    def export(self, to: Path) -> Path:
        """What the hub stored, as files."""
        command = [str(BIN / "sensor-hub"), "export", self.home.id, str(to), "--config", str(self.folder / "hub.toml")]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        return to


@contextmanager
def zigbee_device(stack: Stack) -> Iterator[Client]:
    """The home's Zigbee2MQTT, with one device, `hall`."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", stack.devices.port)
    client.loop_start()
    client.publish("zigbee2mqtt/bridge/devices", devices_message("hall"), qos=1, retain=True).wait_for_publish(10)
    yield client
    client.disconnect()
    client.loop_stop()


def home_is_slugs(home: Home) -> bool:
    """NATS refuses topics with a space or a dot; our simulator's topics are slugs."""
    return all(" " not in device.id for device in home.devices)


def simulated(start: float, speed: float) -> str:
    """A `[clock]` table whose time begins now."""
    return f'[clock]\nstart = "{iso(start)}"\nspeed = {speed:g}\nsince = "{iso(time.time())}"\n'


def replayed(folder: Path, alerts: Path) -> str:
    """`sensor-hub replay` over an exported home; what it printed."""
    readings = folder / "readings.jsonl.gz"
    command = [str(BIN / "sensor-hub"), "replay", str(folder / "home.toml"), str(readings), "--alerts", str(alerts)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
