"""Connections to mail servers that stay open for a moment: in a night of many alerts most of a mail is the greeting."""

from __future__ import annotations

import contextlib
import smtplib
import threading

KEPT_FOR = 10.0
"""Seconds without a mail after which a connection is closed; servers allow minutes (RFC 5321, 4.5.3.2.7)."""

OK = 250


class MailConnections:
    """Any thread may take one and bring it back; nobody else has it meanwhile."""

    def __init__(self, kept_for: float = KEPT_FOR) -> None:
        self.kept_for = kept_for
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[smtplib.SMTP, threading.Timer]] = {}

    def take(self, address: str) -> smtplib.SMTP | None:
        """One to this address on which mails were sent, if the server still answers on it."""
        with self._lock:
            server, timer = self._kept.pop(address, (None, None))
        if server is None or timer is None:
            return None
        timer.cancel()
        try:
            answers = server.noop()[0] == OK
        except (OSError, smtplib.SMTPException):
            answers = False
        if not answers:
            part(server)
            return None
        return server

    def bring_back(self, address: str, server: smtplib.SMTP) -> None:
        """It may be taken again; a second one to the same address takes the place of the first."""
        timer = threading.Timer(self.kept_for, self._close, (address, server))
        timer.daemon = True
        with self._lock:
            before = self._kept.pop(address, None)
            self._kept[address] = (server, timer)
        timer.start()
        if before is not None:
            before[1].cancel()
            part(before[0])

    def _close(self, address: str, server: smtplib.SMTP) -> None:
        with self._lock:
            kept = self._kept.get(address)
            if kept is None or kept[0] is not server:
                return
            del self._kept[address]
        part(server)


def part(server: smtplib.SMTP) -> None:
    """Ends a connection. What the server took it has taken, however it parts."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.quit()
