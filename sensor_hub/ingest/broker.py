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
from dataclasses import asdict, dataclass
from pathlib import Path

from sensor_hub.ingest.logins import JoinedLogins, Login, locked, mosquitto_line, write_secret
from sensor_hub.ingest.uplink import BrokerAddress
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import ROOT

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
OPENS_WITHIN = 10.0
STOPS_WITHIN = 2.0
LOOK_EVERY = 0.02
RESTART_GAP = 1.0
UP, DOWN = ("readings", "status"), ("stored", "settings")
HINT = "another port in [mqtt], or that broker's host, port and user"


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
        self._joined = JoinedLogins(self.folder / "gateways.json")
        self.gateways = gateways
        """Their names, `{tenant}/{home}`: users with the gateways' password, beside the user `gateway` for any home.

        One that has joined with a code has a password of its own instead.
        """
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

    @property
    def log_file(self) -> Path:
        return self.folder / "broker.log"

    @property
    def is_running(self) -> bool:
        """Whether one runs on this folder, whoever started it."""
        return self._running_pid() is not None

    def admit(self, login: Login) -> None:
        """A gateway that has joined gets in from now on, with this password only; also over a restart.

        May be called in another program than the one that started the broker.
        """
        self._rewrite(login.user, login.password)

    def dismiss(self, user: str) -> None:
        """A gateway that had joined is as one that never did: at most the gateways' common password lets it in."""
        self._rewrite(user, None)

    def address(self) -> BrokerAddress:
        """Where it is and who the hub is there, for a program beside the hub; InputError where it never ran."""
        if not self._credentials_file.exists():
            raise InputError("there is none yet", where=str(self._credentials_file), expected="a hub that has run")
        hub = self._credentials().hub
        return BrokerAddress(HOST, self.port, hub.user, hub.password)

    def _rewrite(self, user: str, password: str | None) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "gateways.lock"):
                self._joined.change(user, password)
                self._configure(self._credentials())
        except OSError as error:
            expected = "a folder that the hub may write"
            raise InputError(f"cannot be used ({error})", where=str(self.folder), expected=expected) from error
        pid = self._running_pid()
        if pid is not None:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGHUP)

    def _gateway_logins(self, credentials: Credentials) -> list[Login]:
        """Those of single homes."""
        logins = dict.fromkeys(self.gateways, credentials.gateway.password) | self._joined.passwords()
        return [Login(user, password) for user, password in logins.items()]

    @property
    def _credentials_file(self) -> Path:
        return self.folder / "credentials.json"

    def _credentials(self) -> Credentials:
        """Made once, so that gateways that were set up stay so."""
        path = self._credentials_file
        hub, gateway = Login("hub", secrets.token_urlsafe(24)), Login("gateway", secrets.token_urlsafe(24))
        if path.exists():
            try:
                kept = json.loads(path.read_text(encoding="utf-8"))
                hub, gateway = Login(**kept["hub"]), Login(**kept["gateway"])
            except (ValueError, KeyError, TypeError) as error:
                expected = "what the hub wrote there; without the file new ones are made"
                raise InputError("cannot be read", where=str(path), expected=expected) from error
        credentials = Credentials(HOST, self.port, hub, gateway)
        write_secret(path, json.dumps(asdict(credentials), indent=2) + "\n")
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
            _nats_gateway(credentials.gateway, "*.*"),
        ]
        users += [_nats_gateway(login, login.user.replace("/", ".")) for login in self._gateway_logins(credentials)]
        # JSON is a NATS configuration.
        config = {
            "server_name": "sensor-hub",
            "listen": f"{HOST}:-1",
            "jetstream": {"store_dir": str(self.folder / "jetstream")},
            "mqtt": {"listen": f"{HOST}:{self.port}"},
            "authorization": {"users": users},
        }
        path = self.folder / "nats.json"
        write_secret(path, json.dumps(config, indent=2) + "\n")
        return path

    def _write_mosquitto(self, credentials: Credentials) -> Path:
        passwords, rules = self.folder / "passwd", self.folder / "acl"
        logins = [credentials.hub, credentials.gateway, *self._gateway_logins(credentials)]
        write_secret(passwords, "".join(f"{mosquitto_line(login)}\n" for login in logins))
        write_secret(rules, _mosquitto_rules(credentials))
        lines = [
            f"listener {self.port} {HOST}",
            "allow_anonymous false",
            f"password_file {passwords}",
            f"acl_file {rules}",
            "set_tcp_nodelay true",
            "max_inflight_messages 1000",
            "max_queued_messages 100000",
            "persistence false",
            # Started by root it would become a user that may not read this folder.
            f"user {pwd.getpwuid(os.getuid()).pw_name}",
        ]
        path = self.folder / "mosquitto.conf"
        write_secret(path, "\n".join(lines) + "\n")
        return path

    def _spawn(self) -> None:
        self.log_file.unlink(missing_ok=True)
        # Only added to: so the hub, which reads it, may empty it.
        with self.log_file.open("ab") as out:
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
        where = str(self.log_file)
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

    def _running_pid(self) -> int | None:
        """The broker's, whoever started it; None where none runs on this folder."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            return pid if str(self.folder) in command else None
        return None

    def _end_orphan(self) -> None:
        """A hub that was killed left its broker running on the port."""
        pid = self._running_pid()
        if pid is None:
            return
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
            for _ in range(int(STOPS_WITHIN / LOOK_EVERY)):
                if not _is_open(self.port):
                    return
                self._stopping.wait(LOOK_EVERY)
            os.kill(pid, signal.SIGKILL)
            self._stopping.wait(10 * LOOK_EVERY)


def _nats_gateway(login: Login, place: str) -> dict[str, object]:
    """A user and its rights; `place` is the tenant and the home as NATS writes them."""
    up, down = ([f"care.1.{place}.{leaf}" for leaf in leaves] for leaves in (UP, DOWN))
    permissions = {"publish": {"allow": up}, "subscribe": {"allow": down}}
    return {"user": login.user, "password": login.password, "permissions": permissions}


def _mosquitto_rules(credentials: Credentials) -> str:
    """The same rights for mosquitto: the hub all, `gateway` any home's, others those of the home they are named by."""
    lines = [f"pattern write {ROOT}/%u/{leaf}" for leaf in UP] + [f"pattern read {ROOT}/%u/{leaf}" for leaf in DOWN]
    lines += [f"user {credentials.hub.user}", f"topic readwrite {ROOT}/#", f"user {credentials.gateway.user}"]
    lines += [f"topic write {ROOT}/+/+/{leaf}" for leaf in UP] + [f"topic read {ROOT}/+/+/{leaf}" for leaf in DOWN]
    return "\n".join(lines) + "\n"


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
