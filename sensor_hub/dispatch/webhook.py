"""Signed webhooks: each notice as a CloudEvent in structured JSON, signed in the manner of Standard Webhooks.

`webhook+https://host/path?secret_file=desk.secret` posts to `https://host/path`; other options stay in that address.
The file holds `whsec_` and at least 24 random bytes in base64; of several lines each signs, so that one can be renewed.
The signature is an HMAC-SHA256 over id, moment and body (https://www.standardwebhooks.com): the id is the notice's
reference, so that a repeat is known as one, and the moment keeps what somebody recorded from being sent later.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.address import AddressError, anchored_file
from sensor_hub.dispatch.asking import ask, refusal
from sensor_hub.dispatch.letter import Letter, read_letter
from sensor_hub.dispatch.loopback import LOOPBACK
from sensor_hub.dispatch.ports import NotifyError

SCHEMES = {"webhook+https": "https", "webhook+http": "http"}
TYPE = "sensor-hub.notice.v1"
SOURCE = "urn:sensor-hub"
PREFIX = "whsec_"
SHORTEST_SECRET = 24
"""Bytes (Standard Webhooks, "Signature scheme")."""
SECRET, SECRET_FILE = "secret", "secret_file"


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    url: str = field(repr=False)
    host: str
    secrets: tuple[str, ...] = field(repr=False)


def read_webhook(text: str) -> WebhookAddress:
    """AddressError says what is wrong with it, or with the file that holds the secret."""
    try:
        parts = urlsplit(text)
        options = parse_qsl(parts.query, keep_blank_values=True)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressError("it is not written like an address") from error
    scheme = SCHEMES[parts.scheme]
    if not host:
        raise AddressError("the receiver's host is missing")
    if scheme == "http" and host not in LOOPBACK:
        raise AddressError("webhook+http is for receivers on this machine; use webhook+https")
    ours = dict(pair for pair in options if pair[0] in {SECRET, SECRET_FILE})
    theirs = urlencode([pair for pair in options if pair[0] not in ours])
    url = urlunsplit((scheme, parts.netloc, parts.path, theirs, ""))
    return WebhookAddress(url, host, _secrets(ours.get(SECRET), ours.get(SECRET_FILE)))


def anchored(text: str, folder: Path) -> str:
    """The address with its file as seen from the settings' folder."""
    return anchored_file(text, SECRET_FILE, folder)


def _secrets(secret: str | None, file: str | None) -> tuple[str, ...]:
    if (secret is None) == (file is None):
        raise AddressError("one of secret_file and secret is needed")
    if secret is None:
        try:
            secret = Path(file or "").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise AddressError("secret_file cannot be read") from error
    secrets = tuple(secret.split())
    if not secrets or not all(map(_is_secret, secrets)):
        raise AddressError(f"a secret is not {PREFIX} and at least {SHORTEST_SECRET} random bytes in base64")
    return secrets


def _is_secret(text: str) -> bool:
    try:
        return text.startswith(PREFIX) and len(b64decode(text.removeprefix(PREFIX), validate=True)) >= SHORTEST_SECRET
    except binascii.Error:
        return False


class WebhookNotifier:
    """Posts each notice; `wall` is the real moment by which the signature counts."""

    def __init__(self, wall: Callable[[], float], source: str = SOURCE) -> None:
        self.wall = wall
        self.source = source

    def send(self, notice: Notice, contact: Contact) -> None:
        """See `Notifier`. Any answer of success means that it was taken."""
        try:
            address = read_webhook(contact.address)
        except AddressError as error:
            raise NotifyError(str(error), permanent=True) from error
        moment = datetime.fromtimestamp(self.wall(), UTC)
        message = to_structured_event(event_of(notice, self.source, moment))
        headers = {**message.headers, **signature(address.secrets, notice.reference, moment, message.body)}
        answer = ask("POST", address.url, "the receiver", headers=headers, data=message.body)
        if not answer.ok or answer.is_redirect:
            raise refusal(answer, "the receiver")


def event_of(notice: Notice, source: str, moment: datetime) -> CloudEvent:
    """The notice as it is sent at this moment. Its subject is the alert, so that several notices of one are known."""
    letter = read_letter(notice)
    attributes = {
        "id": notice.reference,
        "source": source,
        "type": TYPE,
        "time": moment,
        "datacontenttype": "application/json",
    }
    if notice.alert:
        attributes["subject"] = notice.alert
    return CloudEvent(attributes, data_of(letter))


def data_of(letter: Letter) -> dict[str, object]:
    """What programs get: the words as people get them, and what they would look for in them."""
    return {
        "reference": letter.reference,
        "urgency": letter.urgency.value,
        "title": letter.what,
        "text": letter.text,
        "link": letter.link,
        "simulated": letter.is_simulated,
        "again": letter.is_again,
    }


def signature(secrets: tuple[str, ...], reference: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The headers by which the receiver knows whose it is, when it was sent and whether it came before."""
    signed = [Webhook(secret).sign(reference, moment, body.decode()) for secret in secrets]
    return {
        "webhook-id": reference,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signed),
    }
