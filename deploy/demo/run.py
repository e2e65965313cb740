"""`make run`: the hub, a gateway and a simulated home on this machine, until Ctrl-C.

Everything it writes lies in the folder `run`, which is begun anew each time. Time passes 720 times as fast as it really
does: a day takes two minutes. The home's devices talk to a broker of their own, as in a real home; so does the hub.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from firmware_sim.clock import wall
from firmware_sim.scenario import read_scenario
from sensor_hub.model.home import read_home
from sensor_hub.model.moment import iso

FOLDER = Path("run")
BIN = Path(sys.executable).parent
SCENARIO = "first-alert"
SPEED = 720
PAGE_PORT, HUB_PORT, DEVICES_PORT = 8080, 1883, 1884
STARTS_WITHIN, STOPS_WITHIN = 30.0, 5.0


class Demo:
    """The four programs, started in order and stopped in the opposite one."""

    def __init__(self) -> None:
        self.programs: list[tuple[str, subprocess.Popen[bytes]]] = []
        self.stopping = threading.Event()

    def run(self) -> int:
        """Runs until a signal, or until a program ends by itself, which is told; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            self._start()
            return self._wait()
        finally:
            self._stop()

    def _start(self) -> None:
        page, hub, devices = free_port(PAGE_PORT), free_port(HUB_PORT), free_port(DEVICES_PORT)
        password = write_settings(page, hub)
        home = FOLDER / "homes" / "demo.toml"
        clock = ["--config", str(FOLDER / "hub.toml")]
        subprocess.run([BIN / "firmware-sim", "run", SCENARIO, *clock, "--home-out", home, "--home-only"], check=True)
        self._spawn("the home's broker", devices_broker(devices))
        self._await_port("the home's broker", devices)
        self._spawn("the hub", [str(BIN / "sensor-hub"), "run", "--config", str(FOLDER / "hub.toml")])
        self._await_port("the hub", page)
        credentials = json.loads((FOLDER / "data" / "broker" / "credentials.json").read_text())
        write_gateway(hub, devices, credentials["gateway"])
        self._spawn("the gateway", [str(BIN / "sensor-gateway"), "run", "--config", str(FOLDER / "gateway.toml")])
        broker = ["--host", "127.0.0.1", "--port", str(devices)]
        self._spawn("the simulated home", [str(BIN / "firmware-sim"), "run", SCENARIO, *clock, *broker])
        print(f"\n  Open http://127.0.0.1:{page}/ - the password is {password}")
        print("  The first alert comes within two minutes. Ctrl-C stops everything.\n", flush=True)

    def _spawn(self, name: str, command: list[str]) -> None:
        # A group of its own, so that Ctrl-C reaches only this program, which stops the others in order.
        log = (FOLDER / "log" / f"{name.replace(' ', '-').replace(chr(39), '')}.log").open("wb")
        output = None if name == "the hub" else log
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        log.close()
        self.programs.append((name, child))

    def _await_port(self, name: str, port: int) -> None:
        until = wall() + STARTS_WITHIN
        while wall() < until and not self.stopping.wait(0.05):
            ended = next((child for _, child in self.programs if child.poll() is not None), None)
            if ended is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
        if not self.stopping.is_set():
            raise SystemExit(f"make run: {name} did not start; its log is in {FOLDER / 'log'}")

    def _wait(self) -> int:
        told: set[str] = set()
        while not self.stopping.wait(0.5):
            for name, child in self.programs:
                if child.poll() is None or name in told:
                    continue
                told.add(name)
                if name != "the simulated home" or child.returncode:
                    print(f"make run: {name} ended with exit code {child.returncode}", file=sys.stderr)
                    return 1
                print("The simulated home has told all its days; the hub stays up.", flush=True)
        return 0

    def _stop(self) -> None:
        for _, child in reversed(self.programs):
            if child.poll() is None:
                child.terminate()
            try:
                child.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        print("Stopped.", flush=True)


def free_port(wanted: int) -> int:
    """The port, or another where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("make run: no free port on the loopback")


def write_settings(page: int, hub: int) -> str:
    """Writes the hub's settings; returns the pages' password."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in ("homes", "log", "devices"):
        (FOLDER / name).mkdir(parents=True)
    password = secrets.token_hex(4)
    (FOLDER / "password").write_text(password + "\n")
    (FOLDER / "password").chmod(0o600)
    (FOLDER / "hub.toml").write_text(
        f'data = "data"\nhomes = "homes/*.toml"\nurl = "http://127.0.0.1:{page}"\n\n'
        '[[contact]]\nid = "duty-team"\naddress = "console://"\ndetail = "full"\nreceives = ["care", "technical"]\n\n'
        f'[mqtt]\nport = {hub}\n\n[web]\nport = {page}\npassword_file = "password"\n\n{clock_table()}'
    )
    return password


def write_gateway(hub: int, devices: int, login: dict[str, str]) -> None:
    """Writes the settings of the home's gateway."""
    table = '[[source]]\nkind = "{}"\nhost = "127.0.0.1"\nport = {}\n\n'
    sources = "".join(table.format(kind, devices) for kind in ("zigbee2mqtt", "chirpstack"))
    clock = "".join((FOLDER / "hub.toml").read_text().partition("[clock]")[1:])
    file = FOLDER / "gateway.toml"
    file.touch(mode=0o600)
    home = read_home(FOLDER / "homes" / "demo.toml").id
    server = (
        f'[hub]\nhost = "127.0.0.1"\nport = {hub}\nusername = "{login["user"]}"\npassword = "{login["password"]}"\n'
    )
    file.write_text(f'home = "{home}"\ndata = "gateway"\n\n{sources}{server}\n{clock}')


def clock_table() -> str:
    """The same simulated time for all three programs."""
    start = read_scenario(SCENARIO).start
    return f'[clock]\nstart = "{iso(start)}"\nspeed = {SPEED}\nsince = "{iso(wall())}"\n'


def devices_broker(port: int) -> list[str]:
    """The command of the home's own broker."""
    nats = shutil.which("nats-server", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if nats is None:
        mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
        if mosquitto is None:
            raise SystemExit("missing: mosquitto; on Debian: apt-get install mosquitto")
        return [mosquitto, "-p", str(port)]
    config = {
        "server_name": "devices",
        "host": "127.0.0.1",
        "port": -1,
        "jetstream": {"store_dir": str((FOLDER / "devices").resolve())},
        "mqtt": {"host": "127.0.0.1", "port": port},
    }
    file = FOLDER / "devices" / "broker.json"
    file.write_text(json.dumps(config))
    return [nats, "-c", str(file)]


if __name__ == "__main__":
    sys.exit(Demo().run())
