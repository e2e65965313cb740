"""The embedded broker: a child process of the hub, on the loopback, with credentials of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.problem import InputError

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
OPENS_WITHIN = 10.0
STOPS_WITHIN = 2.0
LOOK_EVERY = 0.02
RESTART_GAP = 1.0
UP, DOWN = ("readings", "status"), ("stored", "settings")
HINT = "another port in [mqtt], or that broker's host, port and user"


@dataclass(frozen=True, slots=True)
class Login:
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is in `credentials.json`: gateways are set up from it."""

    host: str
    port: int
    hub: Login
    gateway: Login


class EmbeddedBroker:
    """`nats-server` from its wheel, else mosquitto; started again when it dies."""

    def __init__(self, folder: Path, port: int, gateways: Sequence[str] = ()) -> None:
        # In full: the program's command line then tells whose broker it is, from wherever the next hub is started.
        self.folder = folder.absolute()
        self.port = port
        self.gateways = gateways
        """Their names, `{tenant}/{home}`: users with the gateways' password, beside the user `gateway` for any home."""
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="broker", daemon=True)
        self._command: list[str] = []

    def start(self) -> BrokerAddress:
        """Starts it and waits until it takes connections; InputError when it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_orphan()
        if _is_open(self.port):
            raise InputError(f"port {self.port} is taken by another program", where="embedded broker", expected=HINT)
        credentials = self._credentials()
        self._command = self._configure(credentials)
        self._spawn()
        self._wait_until_open()
        self._keeper.start()
        return BrokerAddress(HOST, self.port, credentials.hub.user, credentials.hub.password)

    def stop(self) -> None:
        self._stopping.set()
        child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            (self.folder / "pid").unlink(missing_ok=True)

    def _credentials(self) -> Credentials:
        """Made once, so that gateways that were set up stay so."""
        path = self.folder / "credentials.json"
        hub, gateway = Login("hub", secrets.token_urlsafe(24)), Login("gateway", secrets.token_urlsafe(24))
        if path.exists():
            try:
                kept = json.loads(path.read_text(encoding="utf-8"))
                hub, gateway = Login(**kept["hub"]), Login(**kept["gateway"])
            except (ValueError, KeyError, TypeError) as error:
                expected = "what the hub wrote there; without the file new ones are made"
                raise InputError("cannot be read", where=str(path), expected=expected) from error
        credentials = Credentials(HOST, self.port, hub, gateway)
        _write_secret(path, json.dumps(asdict(credentials), indent=2) + "\n")
        return credentials

    def _configure(self, credentials: Credentials) -> list[str]:
        nats, mosquitto = find_program("nats-server"), find_program("mosquitto")
        if nats is not None:
            return [nats, "-c", str(self._write_nats(credentials))]
        if mosquitto is not None:
            return [mosquitto, "-c", str(self._write_mosquitto(credentials))]
        expected = "nats-server or mosquitto, or [mqtt] with the host of a broker"
        raise InputError("no broker program is installed", where="embedded broker", expected=expected)

    def _write_nats(self, credentials: Credentials) -> Path:
        """A gateway may write readings and statuses and hear answers and settings, those of its home only."""
        users: list[dict[str, object]] = [
            {"user": credentials.hub.user, "password": credentials.hub.password},
            _nats_gateway(credentials.gateway.user, credentials.gateway.password, "*.*"),
        ]
        users += [_nats_gateway(name, credentials.gateway.password, name.replace("/", ".")) for name in self.gateways]
        # JSON is a NATS configuration.
        config = {
            "server_name": "sensor-hub",
            "listen": f"{HOST}:-1",
            "jetstream": {"store_dir": str(self.folder / "jetstream")},
            "mqtt": {"listen": f"{HOST}:{self.port}"},
            "authorization": {"users": users},
        }
        path = self.folder / "nats.json"
        _write_secret(path, json.dumps(config, indent=2) + "\n")
        return path

    def _write_mosquitto(self, credentials: Credentials) -> Path:
        passwords = self.folder / "passwd"
        logins = [credentials.hub, credentials.gateway]
        logins += [Login(name, credentials.gateway.password) for name in self.gateways]
        _write_secret(passwords, "".join(f"{login.user}:{login.password}\n" for login in logins))
        subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True, capture_output=True)
        lines = [
            f"listener {self.port} {HOST}",
            "allow_anonymous false",
            f"password_file {passwords}",
            "set_tcp_nodelay true",
            "persistence false",
            # Started by root it would become a user that may not read this folder.
            f"user {pwd.getpwuid(os.getuid()).pw_name}",
        ]
        path = self.folder / "mosquitto.conf"
        _write_secret(path, "\n".join(lines) + "\n")
        return path

    def _spawn(self) -> None:
        with (self.folder / "broker.log").open("wb") as out:
            # A session of its own: Ctrl-C in the terminal reaches the hub, which then stops it in order.
            self._child = subprocess.Popen(
                self._command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )
        (self.folder / "pid").write_text(str(self._child.pid))

    def _wait_until_open(self) -> None:
        child = self._child
        assert child is not None
        for _ in range(int(OPENS_WITHIN / LOOK_EVERY)):
            if _is_open(self.port):
                return
            if child.poll() is not None or self._stopping.wait(LOOK_EVERY):
                break
        self.stop()
        where = str(self.folder / "broker.log")
        raise InputError(f"the embedded broker did not open port {self.port}", where=where, expected="see its log")

    def _keep(self) -> None:
        """Starts it again when it has died."""
        while (child := self._child) is not None:
            child.wait()
            if self._stopping.wait(RESTART_GAP):
                return
            log.warning("the embedded broker died; it is started again")
            self._spawn()
            if self._stopping.is_set():
                self.stop()

    def _end_orphan(self) -> None:
        """A hub that was killed left its broker running on the port."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            if str(self.folder) not in command:
                return
            os.kill(pid, signal.SIGTERM)
            for _ in range(int(STOPS_WITHIN / LOOK_EVERY)):
                if not _is_open(self.port):
                    return
                self._stopping.wait(LOOK_EVERY)
            os.kill(pid, signal.SIGKILL)
            self._stopping.wait(10 * LOOK_EVERY)


def _nats_gateway(user: str, password: str, place: str) -> dict[str, object]:
    """A user and its rights; `place` is the tenant and the home as NATS writes them."""
    up, down = ([f"care.1.{place}.{leaf}" for leaf in leaves] for leaves in (UP, DOWN))
    permissions = {"publish": {"allow": up}, "subscribe": {"allow": down}}
    return {"user": user, "password": password, "permissions": permissions}


def find_program(name: str) -> str | None:
    """Where a program is: beside this interpreter, or on the path; None where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return str(beside)
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _write_secret(path: Path, text: str) -> None:
    """Whole or not at all, and readable by the hub's own user only."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(path)
