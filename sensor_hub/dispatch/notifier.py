"""The terminal, for trying things out; and the choice of a notifier by the scheme of an address."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.ports import Notifier, NotifyError

CONSOLE = "console"


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
