"""Handing a notice to a service: Apprise for all that are real, the terminal for trying things out."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO
from urllib.parse import parse_qs, urlsplit

import apprise

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.mail import SCHEMES, MailNotifier
from sensor_hub.dispatch.ports import Notifier, NotifyError

CONSOLE = "console"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class AppriseNotifier:
    """One Apprise address for each contact, so that each has an answer of their own."""

    def send(self, notice: Notice, contact: Contact) -> None:
        """Only a truthy result counts: a service may answer `None` when nothing matched."""
        service = apprise.Apprise()
        if not service.add(contact.address):
            raise NotifyError("not a valid notification address", permanent=True)
        if not service.notify(title=notice.title, body=notice.body, body_format=apprise.NotifyFormat.TEXT):
            raise NotifyError("the service did not take the notice", permanent=False)


class ConsoleNotifier:
    """Prints the notice and keeps it as a file of its own."""

    def __init__(self, out: TextIO, folder: Path) -> None:
        self.out = out
        self.folder = folder

    def send(self, notice: Notice, contact: Contact) -> None:
        text = f"To: {contact.id}\nSubject: {notice.title}\n\n{notice.body}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{notice.reference}.txt").write_text(text, encoding="utf-8")
            rule = "-" * 72
            self.out.write(f"{rule}\n{text}{rule}\n")
            self.out.flush()
        except (OSError, ValueError) as error:
            raise NotifyError(f"cannot be written ({error})", permanent=False) from error


class SchemeNotifier:
    """Chooses by the address's scheme."""

    def __init__(self, by_scheme: dict[str, Notifier], otherwise: Notifier) -> None:
        self.by_scheme = by_scheme
        self.otherwise = otherwise

    def send(self, notice: Notice, contact: Contact) -> str | None:
        scheme = contact.address.partition("://")[0]
        return self.by_scheme.get(scheme, self.otherwise).send(notice, contact)


def notifier_of(data: Path) -> Notifier:
    """All services; what goes to the terminal is kept in the data folder."""
    # Apprise's own log names people's addresses.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    console = ConsoleNotifier(sys.stdout, data / "mail")
    return SchemeNotifier({CONSOLE: console, **dict.fromkeys(SCHEMES, MailNotifier())}, AppriseNotifier())


def is_address(address: str) -> bool:
    """Whether a notice could be sent there at all."""
    return address.partition("://")[0] == CONSOLE or bool(apprise.Apprise().add(address))


def stays_here(address: str) -> bool:
    """Whether everything sent there stays on this machine: the terminal, or a server on the loopback."""
    parts = urlsplit(address)
    if parts.scheme == CONSOLE:
        return True
    servers = [parts.hostname or "", *parse_qs(parts.query).get("smtp", [])]
    return parts.scheme in {"mailto", "json", "xml", "form"} and all(server in LOOPBACK for server in servers)
