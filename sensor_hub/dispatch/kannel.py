"""Text messages through a Kannel on the premises: `kannel://user:password@host:port/FROM/TO`, `kannels://` over TLS.

Kannel gives no id of its own; one that begins with the notice's reference serves as such.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import requests

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.address import AddressError, parse_address, telephone
from sensor_hub.dispatch.asking import ask, refusal
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.text_message import text_of

SCHEMES = {"kannel": "http", "kannels": "https"}
SENDSMS_PORT = 13013
PATH = "/cgi-bin/sendsms"
ACCEPTED = 202
EVERY_RECEIPT = 31
"""Delivered 1, not delivered 2, waiting 4, taken by the network 8, refused by it 16."""
UNAUTHORISED = 403


@dataclass(frozen=True, slots=True)
class KannelAddress:
    url: str
    host: str
    user: str
    password: str = field(repr=False)
    sender: str
    recipient: str


def read_kannel(text: str) -> KannelAddress:
    """AddressError says what is wrong with it."""
    address = parse_address(text)
    address.only()
    if not (address.user and address.password):
        raise AddressError("kannel's user and password are missing")
    if not address.host:
        raise AddressError("kannel's host is missing")
    host = f"[{address.host}]" if ":" in address.host else address.host
    return KannelAddress(
        url=f"{SCHEMES[address.scheme]}://{host}:{address.port or SENDSMS_PORT}{PATH}",
        host=address.host,
        user=address.user,
        password=address.password,
        sender=address.part(0, "the sender"),
        recipient=telephone(address.part(1, "the recipient")),
    )


class KannelNotifier:
    """Sends each notice as one text message.

    `receipts`: an address with a query, which Kannel shall call with `id`, `type` (its `%d`: what became of the
    message) and `answer`; None: it tells nothing.
    """

    def __init__(self, receipts: str | None = None) -> None:
        self.receipts = receipts

    def send(self, notice: Notice, contact: Contact) -> str:
        """See `Notifier`; gives a name that begins with the notice's reference, by which receipts name the message."""
        try:
            address = read_kannel(contact.address)
        except AddressError as error:
            raise NotifyError(str(error), permanent=True) from error
        # One notice may go to two telephones of a person.
        name = f"{notice.reference}.{secrets.token_hex(3)}"
        try:
            answer = ask("POST", address.url, "kannel", headers=self._headers(address, name), data=_text(notice))
        except UnheardError as error:
            raise UnheardError(str(error), provider_id=name) from error
        if answer.status_code != ACCEPTED:
            raise refusal(answer, "kannel")
        return name

    def _headers(self, address: KannelAddress, name: str) -> dict[str, str | bytes]:
        """In the headers, so that the password stands in no log of addresses."""
        headers: dict[str, str | bytes] = {
            **_login(address),
            "X-Kannel-From": address.sender.encode(),
            "X-Kannel-To": address.recipient,
        }
        if self.receipts is not None:
            # What begins with a percent sign Kannel fills in.
            receipts = self.receipts.replace("%", "%%")
            headers["X-Kannel-DLR-Mask"] = str(EVERY_RECEIPT)
            headers["X-Kannel-DLR-Url"] = f"{receipts}&id={name}&type=%d&answer=%A".encode()
        return headers


def _text(notice: Notice) -> bytes:
    return text_of(notice).encode()


def _login(address: KannelAddress) -> dict[str, str | bytes]:
    return {
        # Without it Kannel does not read the text as what it is.
        "Content-Type": "text/plain; charset=UTF-8",
        "X-Kannel-Username": address.user.encode(),
        "X-Kannel-Password": address.password.encode(),
    }


def kannel_trouble(text: str, within: float) -> str | None:
    """What would not work, asked without sending anything: kannel looks at the login before it misses a recipient."""
    address = read_kannel(text)
    try:
        answer = requests.post(address.url, headers=_login(address), timeout=within, allow_redirects=False)
    except requests.RequestException as error:
        return f"kannel cannot be reached ({type(error).__name__})"
    return "kannel refuses the user and password" if answer.status_code == UNAUTHORISED else None
