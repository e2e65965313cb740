"""Debian's kannel on free loopback ports: bearerbox, smsbox, and the fake network that its authors try it with."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.brokers import free_port
from tests.waiting import wait_for

FAKE_NETWORK = "/usr/lib/kannel/test/fakesmsc"
CONFIGURATION = """\
group = core
admin-port = {admin}
admin-password = admin
smsbox-port = {smsbox}
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 1
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = FAKE
port = {network}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = hub
http-request-retry = 20
http-queue-delay = 1
log-file = {folder}/smsbox.log
log-level = 1

group = sendsms-user
username = hub
password = "p&ss w:rd"
max-messages = 1

group = sms-service
keyword = default
max-messages = 0
get-url = "{replies}"
omit-empty = true
"""


@dataclass
class Kannel:
    folder: Path
    port: int = field(default_factory=free_port)
    replies: str = "http://127.0.0.1:1/"
    """Where text messages that come in are handed on."""
    network: int = field(default_factory=free_port)
    admin: int = field(default_factory=free_port)
    _programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Everything, with a network from which nothing comes in."""
        self.start_boxes()
        self.connect()

    def start_boxes(self) -> None:
        """Without a network: what is sent waits for one."""
        config = self.folder / "kannel.conf"
        ports = {"admin": self.admin, "smsbox": free_port(), "network": self.network, "sendsms": self.port}
        config.write_text(CONFIGURATION.format(folder=self.folder, replies=self.replies, **ports))
        self._run("bearerbox", str(config))
        wait_for(lambda: answers(status_url(self.admin)), what="bearerbox")
        self._run("smsbox", str(config))
        wait_for(lambda: answers(f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"), what="smsbox")

    def connect(self, incoming: str = "") -> None:
        """The network; from it comes one message (`sender receiver text words`), or none."""
        self._run(FAKE_NETWORK, "-r", str(self.network), "-m", str(len(incoming) and 1), incoming or "1 2 text x")
        wait_for(lambda: is_online(self.admin), what="the fake network")

    def stop(self) -> None:
        # Nothing that it would write down at its end is looked at.
        for program in self._programs:
            program.kill()
            program.wait()

    @property
    def sent(self) -> list[str]:
        """Each line that the network has printed."""
        return (self.folder / "fakesmsc.out").read_text(errors="replace").splitlines()

    def _run(self, *command: str) -> None:
        with (self.folder / f"{Path(command[0]).name}.out").open("wb") as out:
            self._programs.append(subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out))


def status_url(admin: int) -> str:
    return f"http://127.0.0.1:{admin}/status.txt?password=admin"


def is_online(admin: int) -> bool:
    with urllib.request.urlopen(status_url(admin), timeout=5) as answer:
        text = answer.read()
    return b"FAKE" in text and b"(online" in text


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
