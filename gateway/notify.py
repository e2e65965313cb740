"""Tells systemd how the daemon is (sd_notify): one datagram to the socket it names, nothing where there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Supervisor:
    """Who watches over this process, by the environment that it started us in."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        variables = os.environ if environment is None else environment
        self._address = variables.get("NOTIFY_SOCKET", "")
        is_ours = variables.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        span = variables.get("WATCHDOG_USEC", "")
        self.watchdog: float | None = int(span) / 1e6 if is_ours and span.isdigit() and int(span) else None
        """Seconds after which it ends us unless it hears from us; None: it does not."""

    def ready(self) -> None:
        self._tell("READY=1")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self, reason: str) -> None:
        self._tell(f"STOPPING=1\nSTATUS=stopping: {_line(reason)}")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._tell(f"STATUS={_line(text)}")

    def _tell(self, message: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        # "@" is an abstract socket, whose name begins with a zero byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(1.0)
                channel.sendto(message.encode(), address)
        except OSError:
            return


def _line(text: str) -> str:
    return " ".join(text.split())
