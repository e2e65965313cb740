"""The hub as a program of its own, for tests that start, stop and kill it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from sensor_hub.model.home import Home, home_toml
from tests.brokers import free_port
from tests.waiting import wait_for

HUB = [sys.executable, "-m", "sensor_hub"]


@dataclass
class HubProgram:
    """`settings` are lines of `hub.toml` before its tables; `tables` those after. Ports are free ones."""

    folder: Path
    homes: list[Home] = field(default_factory=list)
    settings: str = ""
    tables: str = ""
    mqtt_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    mqtt: str = ""
    """Further lines of `[mqtt]`."""
    web: str = ""
    """Further lines of `[web]`."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "hub.toml"

    def write(self) -> None:
        (self.folder / "homes").mkdir(parents=True, exist_ok=True)
        for home in self.homes:
            (self.folder / "homes" / f"{home.id}.toml").write_text(home_toml(home), encoding="utf-8")
        lines = [
            self.settings,
            f"[web]\nport = {self.web_port}",
            self.web,
            f"[mqtt]\nport = {self.mqtt_port}",
            self.mqtt,
            self.tables,
        ]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        with (self.folder / "hub.out").open("ab") as out:
            self.process = subprocess.Popen([*HUB, "run", "--config", str(self.config)], stdout=out, stderr=out)

    def wait_ready(self) -> None:
        """Until it says that it can work."""
        wait_for(lambda: self._is_ready() or self.has_ended())
        assert not self.has_ended(), self.output()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.web_port}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def output(self) -> str:
        return (self.folder / "hub.out").read_text(encoding="utf-8")

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def clear(self) -> None:
        """Ends it, and the broker that a killed one has left."""
        self.stop()
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.folder / "hub-data" / "broker" / "pid").read_text()), signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the hub, on the same settings."""
        command = [*HUB, *words, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def login(self) -> tuple[str, str]:
        """A gateway's user and password at the embedded broker."""
        kept = json.loads((self.folder / "hub-data" / "broker" / "credentials.json").read_text())
        return (kept["gateway"]["user"], kept["gateway"]["password"])
