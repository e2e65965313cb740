"""Writes a mail: the notice's text, the same as HTML, and the alert's chart in it.

Its id is made of the notice's reference, so that mail programs know a repeat; all mails about one alert to one contact
refer to one mail, which is never sent, and so stand together (RFC 5322, 3.6.4). It is marked as sent by a machine, so
that no absence is announced to the hub (RFC 3834, 5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.letter import read_letter
from sensor_hub.dispatch.mail_html import html_of
from sensor_hub.model.kind import Urgency

URGENT = {"Importance": "high", "X-Priority": "1 (Highest)"}
QUIET = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply, RN, NRN"}
CHART = "chart.png"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and the same in words."""

    png: bytes
    words: str


def write_mail(notice: Notice, domain: str, at: float, picture: Picture | None = None) -> EmailMessage:
    """The mail without sender and recipients. `domain` of its ids; `at`: the real moment."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(notice.title.split())
    mail["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    mail["Message-ID"] = f"<{notice.reference}.notice@{domain}>"
    if notice.alert:
        thread = f"<{_thread(notice)}.alert@{domain}>"
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    for name, value in {**QUIET, **(URGENT if notice.urgency is Urgency.URGENT else {})}.items():
        mail[name] = value
    mail["Content-Language"] = "en"
    mail.set_content(notice.body)
    letter = read_letter(notice)
    if picture is None:
        mail.add_alternative(html_of(letter), subtype="html")
        return mail
    chart = f"{notice.reference}.chart@{domain}"
    mail.add_alternative(html_of(letter, picture=chart, words=picture.words), subtype="html")
    _, page = mail.iter_parts()
    assert isinstance(page, EmailMessage)
    page.add_related(
        picture.png, maintype="image", subtype="png", cid=f"<{chart}>", filename=CHART, disposition="inline"
    )
    return mail


def _thread(notice: Notice) -> str:
    return hashlib.blake2b(f"{notice.alert}\n{notice.contact}".encode(), digest_size=8).hexdigest()
