"""The mail by which a link for a new password goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Letterhead, Notice, Purpose
from sensor_hub.desk.password_links import Mail
from sensor_hub.dispatch.carriers import notifier_of
from sensor_hub.model.kind import Urgency

TITLE = "A new password"


def mail_by(server: str, data: Path, wall: Callable[[], float], letterhead: Letterhead) -> Mail:
    """Sends links by this mail server; what it raises is a NotifyError. `data`: where the console keeps notices."""
    notifier = notifier_of(data, wall)

    def mail(address: str, link: str) -> None:
        notifier.send(reset_notice(link, letterhead), Contact("account", with_recipient(server, address)))

    return mail


def reset_notice(link: str, letterhead: Letterhead) -> Notice:
    """Names nobody: who gets it knows who they are."""
    lines = [
        "Somebody, probably you, asked for a new password for the pages of the hub.",
        "",
        "To set it, within an hour:",
        link,
        "",
        "If it was not you, do nothing: your password stays as it is.",
    ]
    title = TITLE
    if letterhead.is_simulated:
        title, lines = SIMULATED + title, [SIMULATED_LINE, "", *lines]
    # Of the link, but not the link: a reference is shown in logs.
    reference = hashlib.blake2b(link.encode(), digest_size=5).hexdigest()
    return Notice(reference, "", "account", Urgency.SOON, title, "\n".join(lines) + "\n", Purpose.CODE)


def with_recipient(server: str, address: str) -> str:
    """The address of a mail server, with a recipient."""
    parts = urlsplit(server)
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "to"]
    return urlunsplit(parts._replace(query=urlencode([*asked, ("to", address)])))
