"""The gateway's package on a Debian that was booted: its units under a real systemd, and updates by the hub's word.

`make deb-test`; as root. The Debian runs in namespaces of its own and shares an empty network with the hub outside.
`--root DIR` keeps the bare root for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.brokers import Broker, start_nats
from tests.hub_program import HubProgram
from tests.packaging.bare_debian import (
    HOME,
    Box,
    build,
    check,
    install_and_join,
    make_root,
    measure,
    say,
    stored,
    wait_for,
)

WORKS, NEXT, BROKEN = "0.1.0", "0.2.0", "0.3.0"
MOST_EXPOSED = 2.5
UNIT = "sensor-gateway.service"
BOOT = """
set -e
mount --bind "$ROOT" "$ROOT"
cd "$ROOT"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console
"""
SPACES = ("--pid", "--mount", "--cgroup", "--uts", "--ipc", "--fork", "--kill-child", "--propagation", "private")


class BootedBox(Box):
    """The root with its own systemd as the first process."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.machine: subprocess.Popen[bytes] | None = None
        self._cgroup = _cgroups() / f"sensor-gateway-test-{os.getpid()}"

    def boot(self) -> None:
        self._cgroup.mkdir(exist_ok=True)
        # The first process of the machine has to be in the group that becomes the root of its tree.
        script = 'echo $$ > "$GROUP/cgroup.procs"; exec unshare "$@"'
        command = ["sh", "-c", script, "sh", *SPACES, "sh", "-c", BOOT]
        variables = {**os.environ, "ROOT": str(self.root.resolve()), "GROUP": str(self._cgroup)}
        with (self.root.parent / "boot.log").open("ab") as log:
            self.machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables)
        states = ("running", "degraded")
        wait_for(lambda: self.ask("systemctl", "is-system-running") in states, "systemd has booted")

    def power_off(self) -> None:
        """At once, with all that runs in it."""
        machine, self.machine = self.machine, None
        if machine is not None:
            machine.kill()
            machine.wait()
            wait_for(lambda: "populated 0" in (self._cgroup / "cgroup.events").read_text(), "the power is off")

    def clear(self) -> None:
        self.power_off()
        for folder in sorted(self._cgroup.rglob("*/"), reverse=True):
            folder.rmdir()
        self._cgroup.rmdir()

    def ask(self, *words: str) -> str:
        """What a command in the box says; empty where it cannot be run."""
        try:
            command = self.command(*words)
        except (OSError, IndexError):
            return ""
        return subprocess.run(command, capture_output=True, text=True, env=self.environment, check=False).stdout.strip()

    def show(self, name: str, unit: str = UNIT) -> str:
        return self.ask("systemctl", "show", "--value", "--property", name, unit)

    def journal(self, unit: str = UNIT) -> str:
        return self.ask("journalctl", "--quiet", "--no-pager", "--output", "cat", "--unit", unit)

    def version(self) -> str:
        return self.ask("dpkg-query", "--show", "--showformat=${Version} ${db:Status-Abbrev}", "sensor-gateway")

    def command(self, *words: str) -> list[str]:
        assert self.machine is not None
        children = Path(f"/proc/{self.machine.pid}/task/{self.machine.pid}/children").read_text().split()
        return ["nsenter", "--target", children[0], "--all", *words]


def _cgroups() -> Path:
    """Where this machine has its tree of groups of the second version."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, sort, *_ = line.split()
        if sort == "cgroup2":
            return Path(place)
    raise SystemExit("make deb-test: a systemd cannot be booted here: cgroup2 is not mounted")


def units(box: BootedBox, hub: HubProgram, devices: Broker, package: Path) -> None:
    say("the unit leaves a box alone that has not joined")
    box.install(package)
    check(box.show("ActiveState") == "inactive", "it is not started again and again")
    install_and_join(box, hub, devices, package)
    box.run("systemctl", "restart", UNIT)
    check(box.show("ActiveState") == "active", "started, and said that it is ready")
    wait_for(lambda: "1 of 1 sources" in box.show("StatusText"), "it reaches the home's broker inside its sandbox")
    measure(devices, 19.5)
    wait_for(lambda: 19.5 in stored(hub), "and the hub")
    exposure = re.search(r"exposure level for \S+: ([0-9.]+)", box.ask("systemd-analyze", "security", UNIT))
    check(exposure is not None and float(exposure[1]) <= MOST_EXPOSED, f"exposed at most {MOST_EXPOSED}")
    print(f"   | {exposure[0] if exposure else ''}")
    say("systemd starts a daemon again that hangs")
    before = box.show("MainPID")
    box.run("systemctl", "kill", "--signal=STOP", UNIT)
    wait_for(lambda: box.show("NRestarts") == "1" and box.show("ActiveState") == "active", "within its watchdog", 100)
    check(box.show("MainPID") != before, "as another process")
    box.run("systemctl", "stop", UNIT)
    check("stopped by SIGTERM" in box.journal(), "stopped, it says why")
    box.run("systemctl", "start", UNIT)


def offer(box: BootedBox, packages: list[Path]) -> None:
    """A repository with the packages, and nothing else, for the box's apt."""
    folder = box.root / "srv/packages"
    folder.mkdir(parents=True)
    rows = []
    for package in packages:
        shutil.copy(package, folder)
        control = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
        data = package.read_bytes()
        size = f"Filename: ./{package.name}\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n"
        rows.append(control + size)
    (folder / "Packages").write_text("\n".join(rows))
    (box.root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/srv/packages ./\n")


def instruct(hub: HubProgram, number: int, **update: object) -> None:
    """By `sensor-hub settings`."""
    file = hub.folder / "settings.json"
    file.write_text(json.dumps({"version": number, "update": update}))
    done = hub.command("settings", HOME.id, str(file))
    print(f"   # sensor-hub settings: {update}\n   | {done.stdout.strip()}{done.stderr.strip()}")


def told(hub: HubProgram, words: str) -> Callable[[], bool]:
    return lambda: words in hub.command("gateway", "list").stdout


def show(box: BootedBox, hub: HubProgram) -> None:
    for line in (hub.command("gateway", "list").stdout + box.journal("sensor-gateway-update")).splitlines():
        print(f"   | {line}")


def update(box: BootedBox, hub: HubProgram, devices: Broker) -> None:
    say(f"the hub wants {NEXT}, and the box has it from a repository")
    instruct(hub, 1, version=NEXT)
    wait_for(told(hub, f"update {NEXT} applied"), "the hub hears that it is applied", 300)
    check(box.version() == f"{NEXT} ii", "it is installed")
    check(told(hub, f"with version {NEXT}")(), "and says so itself")
    measure(devices, 18.25)
    wait_for(lambda: {19.5, 18.25} <= stored(hub), "readings come through")
    show(box, hub)


def broken(folder: Path) -> Path:
    """A version whose daemon ends at once, and whose updater does not run either."""
    tree = folder / "broken"
    subprocess.run(["dpkg-deb", "--raw-extract", build(BROKEN, folder), tree], check=True)
    for module in ("gateway/app.py", "gateway/updating/update.py"):
        file = tree / "usr/lib/sensor-gateway" / module
        file.write_text("raise SystemExit('broken')\n" + file.read_text().replace("from __future__", "# "))
    made = folder / f"sensor-gateway_{BROKEN}_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, made], check=True, capture_output=True)
    return made


def come_back(box: BootedBox, hub: HubProgram, devices: Broker, package: Path) -> None:
    say(f"{BROKEN} does not work, and the power fails while it is tried")
    shutil.copy(package, box.root / "var/lib/sensor-gateway-update/packages")
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    instruct(hub, 2, version=BROKEN, sha256=sha256, prove_minutes=2)
    wait_for(lambda: "0.3.0: proving" in box.journal("sensor-gateway-update"), "it is installed and tried", 200)
    check(box.version() == f"{BROKEN} ii", "dpkg knows it")
    measure(devices, 17.5)
    box.power_off()
    box.boot()
    why = f"update ({BROKEN}: the hub did not answer it within 2 minutes; {NEXT} is in use)"
    wait_for(told(hub, why), "taken back, and the hub hears why", 400)
    check(box.version() == f"{NEXT} ii", f"{NEXT} is there again")
    measure(devices, 16.75)
    wait_for(lambda: {18.25, 16.75} <= stored(hub), "and readings come through")
    wait_for(lambda: 17.5 in stored(hub), "also what came while the broken one was there")
    box.run("systemctl", "restart", "sensor-gateway-update")
    check("installing" not in box.journal("sensor-gateway-update").rpartition("refused")[2], "it is not tried again")
    show(box, hub)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, metavar="DIR", help="a bare root to copy, and to make where there is none")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("make deb-test: only root can boot a root; run it with sudo")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as undo:
        folder = Path(name)
        bare = given.root or folder / "bare"
        if not given.alone:
            make_root(bare, "systemd", "systemd-sysv", "dbus")
            again = [sys.executable, "-m", "tests.packaging.booted_debian", "--alone", "--root", str(bare)]
            raise SystemExit(subprocess.run(["unshare", "--net", *again], check=False).returncode)
        root = folder / "root"
        subprocess.run(["cp", "--archive", bare, root], check=True)
        (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
        box = BootedBox(root)
        undo.callback(box.clear)
        say("boot")
        box.boot()
        hub = HubProgram(folder / "hub", [HOME])
        hub.write()
        undo.callback(hub.clear)
        hub.start()
        hub.wait_ready()
        devices = start_nats(folder / "devices")
        undo.callback(devices.stop)
        packages = [build(version, folder) for version in (WORKS, NEXT)]
        try:
            units(box, hub, devices, packages[0])
            offer(box, packages)
            update(box, hub, devices)
            come_back(box, hub, devices, broken(folder))
        except SystemExit:
            show(box, hub)
            raise
        box.run("dpkg", "--purge", "sensor-gateway")
        check("sensor-gateway" not in box.ask("systemctl", "list-units", "--all"), "purge leaves no unit")
    say("everything held")


if __name__ == "__main__":
    main()
