"""The gateway's package on a bare Debian: installed, joined, updated and purged, in a chroot. `make deb-test`; as root.

The hub, and the broker of the home's devices, run outside on the loopback. No step inside the root uses the network but
to them. `--root DIR` keeps the bare root for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.home import Device, Home
from sensor_hub.model.metric import Metric
from sensor_hub.model.room import Room
from tests.brokers import Broker, start_nats
from tests.hub_program import HubProgram

REPOSITORY = Path(__file__).resolve().parents[2]
SUITE = "bookworm"
SENSOR = "0x00158d0001a2b3c4"
HOME = Home(
    "flat-12",
    "Europe/London",
    1,
    (
        Device(SENSOR, Room.HALL, frozenset({Metric.TEMPERATURE}), 3600.0),
        Device("gateway", Room.HALL, frozenset({Metric.ONLINE}), 900.0),
    ),
)
EXPOSES = [{"type": "numeric", "name": "temperature", "property": "temperature", "access": 1, "unit": "°C"}]
BRIDGE = [
    {
        "ieee_address": SENSOR,
        "friendly_name": "hall",
        "type": "EndDevice",
        "supported": True,
        "definition": {"model": "WSDCGQ11LM", "vendor": "Aqara", "exposes": EXPOSES},
    }
]
# What dpkg and useradd write about every package and user, also those that are gone.
BOOKKEEPING = ("var/lib/dpkg/", "var/log/", "var/cache/", "var/lib/systemd/", "etc/passwd-", "etc/group-")
BOOKKEEPING += ("etc/shadow-", "etc/gshadow-", "etc/subuid", "etc/subgid", "etc/.pwd.lock", "tmp/")


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def check(holds: bool, what: str) -> None:
    print(f"   {'ok' if holds else 'FAILED'}: {what}", flush=True)
    if not holds:
        raise SystemExit(1)


def wait_for(holds: Callable[[], bool], what: str, within: float = 60.0) -> None:
    end = time.monotonic() + within
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    check(holds(), what)


def mirror() -> str:
    """Where this machine's own packages come from."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    lines = [line for file in files if file.is_file() for line in file.read_text(errors="replace").splitlines()]
    for line in lines:
        found = re.match(r"\s*(?:URIs:|deb(?:\s+\[.*?\])?)\s+(https?://\S+/debian/?)(?:\s|$)", line)
        if found is not None:
            return found[1]
    return "http://deb.debian.org/debian"


def make_root(root: Path, *more: str) -> None:
    """A minimal Debian with Python, and nothing but `more` that its package does not ask for."""
    if (root / "usr/bin/python3").exists():
        return
    if shutil.which("debootstrap") is None:
        raise SystemExit("missing: debootstrap; on Debian: apt-get install debootstrap")
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={','.join(('python3', *more))}",
        SUITE,
        str(root),
        mirror(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"debootstrap: {done.stdout[-800:]}{done.stderr[-800:]}")


class Box:
    """The root as the box in the home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.daemon: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> str:
        """As root in the box; its output is printed. SystemExit where it fails."""
        print(f"   # {' '.join(words)}", flush=True)
        done = subprocess.run(self.command(*words), capture_output=True, text=True, env=self.environment, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            print(f"   | {line}", flush=True)
        check(done.returncode == 0, f"{words[0]} went well")
        return done.stdout

    def install(self, package: Path) -> None:
        shutil.copy(package, self.root / "tmp" / package.name)
        self.run("dpkg", "--install", f"/tmp/{package.name}")

    def start(self) -> None:
        """The daemon as its unit starts it."""
        user = ("setpriv", "--reuid=sensor-gateway", "--regid=sensor-gateway", "--clear-groups", "--no-new-privs")
        config = "/etc/sensor-gateway/gateway.toml"
        command = self.command(*user, "/usr/bin/sensor-gateway", "run", "--config", config)
        with (self.root / "tmp" / "gateway.log").open("ab") as log:
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)

    def stop(self) -> None:
        daemon, self.daemon = self.daemon, None
        if daemon is not None:
            daemon.terminate()
            check(daemon.wait(10) == 0, "the gateway stopped cleanly")

    def log(self) -> str:
        return (self.root / "tmp" / "gateway.log").read_text(errors="replace")

    def files(self) -> set[str]:
        """Every path in it, but for the system's own bookkeeping."""
        found = {str(path.relative_to(self.root)) for path in self.root.rglob("*")}
        return {path for path in found if not path.startswith(BOOKKEEPING)}

    def command(self, *words: str) -> list[str]:
        """The command that runs these words in the box."""
        return ["chroot", str(self.root), *words]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


def build(version: str, folder: Path) -> Path:
    command = [sys.executable, str(REPOSITORY / "deploy/deb/build.py"), "--version", version, "--out", str(folder)]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def measure(devices: Broker, celsius: float) -> None:
    """The sensor in the hall says how warm it is."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect(devices.host, devices.port)
    client.loop_start()
    client.publish("zigbee2mqtt/bridge/devices", json.dumps(BRIDGE), qos=1, retain=True).wait_for_publish(20)
    client.publish("zigbee2mqtt/hall", json.dumps({"temperature": celsius}), qos=1).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def stored(hub: HubProgram) -> set[float]:
    """The temperatures that the hub holds."""
    out = hub.folder / "out"
    done = hub.command("export", HOME.id, str(out))
    if done.returncode != 0:
        return set()
    rows = [json.loads(line) for line in gzip.decompress((out / "readings.jsonl.gz").read_bytes()).splitlines()]
    return {row["value"] for row in rows if row["metric"] == "temperature"}


def install_and_join(box: Box, hub: HubProgram, devices: Broker, package: Path) -> None:
    say("install without a network")
    box.install(package)
    check("join" in box.run("sensor-gateway", "--help"), "the command is on the path")
    say("join the hub outside")
    settings = box.root / "etc/sensor-gateway/gateway.toml"
    settings.write_text(settings.read_text().replace("port = 1883", f"port = {devices.port}"))
    told = hub.command("gateway", "add", HOME.id).stdout
    print("".join(f"   | {line}\n" for line in told.splitlines()), end="")
    found = re.search(r"sensor-gateway join (\S+) --hub (\S+)", told)
    check(found is not None, "the hub printed a code")
    assert found is not None
    box.run("sensor-gateway", "join", found[1], "--hub", found[2])
    listing = box.run("ls", "-ln", "/etc/sensor-gateway", "/var/lib/sensor-gateway")
    check("-rw-------" in listing, "the password is for the gateway only")


def send(box: Box, hub: HubProgram, devices: Broker) -> None:
    say("a reading gets through")
    box.start()
    wait_for(lambda: "connected" in box.log(), "the gateway runs as its own user")
    measure(devices, 19.5)
    wait_for(lambda: 19.5 in stored(hub), "the hub has stored it")


def update(box: Box, hub: HubProgram, devices: Broker, package: Path) -> None:
    say("an update keeps what waits for the hub")
    hub.stop()
    known = waiting(box)
    measure(devices, 18.25)
    wait_for(lambda: waiting(box) > known, "a reading waits on the box")
    box.stop()
    before = (box.root / "etc/sensor-gateway/gateway.toml").read_text()
    box.install(package)
    check((box.root / "etc/sensor-gateway/gateway.toml").read_text() == before, "the settings are as they were")
    box.start()
    hub.start()
    hub.wait_ready()
    wait_for(lambda: 18.25 in stored(hub), "the hub has stored what waited")
    check(19.5 in stored(hub), "and has what it had")
    box.stop()


def waiting(box: Box) -> int:
    """How many readings the daemon says that no hub has answered for."""
    command = box.command("sensor-gateway", "status", "--json", "--config", "/etc/sensor-gateway/gateway.toml")
    status = subprocess.run(command, capture_output=True, text=True, env=box.environment, check=False)
    return int((json.loads(status.stdout)["outbox"] or {}).get("waiting", 0))


def purge(box: Box, before: set[str]) -> None:
    say("purge leaves nothing")
    box.run("dpkg", "--purge", "sensor-gateway")
    left = sorted(box.files() - before)
    for path in left[:20]:
        print(f"   left: {path}")
    check(not left, "no file is left")
    users = (box.root / "etc/passwd").read_text() + (box.root / "etc/group").read_text()
    check("sensor-gateway" not in users, "no user and no group is left")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--root", type=Path, metavar="DIR", help="a bare root to use, and to make where it is not there"
    )
    given = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("make deb-test: only root can make a root; run it with sudo")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as undo:
        folder = Path(name)
        root = given.root or folder / "root"
        say(f"a bare {SUITE} from {mirror()}")
        make_root(root)
        box = Box(root)
        before = box.files()
        first, second = build("0.1.0", folder), build("0.1.0+next1", folder)
        hub = HubProgram(folder / "hub", [HOME])
        hub.write()
        undo.callback(hub.clear)
        hub.start()
        hub.wait_ready()
        devices = start_nats(folder / "devices")
        undo.callback(devices.stop)
        undo.callback(box.stop)
        install_and_join(box, hub, devices, first)
        send(box, hub, devices)
        update(box, hub, devices, second)
        purge(box, before)
    say("everything held")


if __name__ == "__main__":
    main()
