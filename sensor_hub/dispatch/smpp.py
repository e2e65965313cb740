"""Text messages by SMPP 3.4: `smpp://user:password@host:port/FROM/TO`, `smpps://` over TLS.

Apprise has a channel of this name, which does not wait for the network's answer. This one does, and gives its id of the
message. It stays only for as long as one message takes, so that receipts would come to nobody: none are asked for.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, gsm
from smpplib.client import Client
from smpplib.exceptions import ConnectionError as LostError
from smpplib.exceptions import PDUError, UnknownCommandError

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Notice
from sensor_hub.dispatch.address import AddressError, parse_address, telephone
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.text_message import text_of

SCHEMES = {"smpp": 2775, "smpps": 3550}
"""And the usual port of each."""
ANSWERS_WITHIN = 30.0
"""Seconds for each step."""
MOST_READ = 5
GSM, LATIN_1 = "gsm", "latin-1"
REFUSED_FOR_EVER = frozenset(
    {
        consts.SMPP_ESME_RINVMSGLEN,
        consts.SMPP_ESME_RINVSRCADR,
        consts.SMPP_ESME_RINVDSTADR,
        consts.SMPP_ESME_RINVSRCTON,
        consts.SMPP_ESME_RINVSRCNPI,
        consts.SMPP_ESME_RINVDSTTON,
        consts.SMPP_ESME_RINVDSTNPI,
    }
)
"""What the network says of the message itself (SMPP 3.4, 5.1.3)."""
_LOST = (OSError, LostError)


@dataclass(frozen=True, slots=True)
class SmppAddress:
    host: str
    port: int
    has_tls: bool
    user: str
    password: str = field(repr=False)
    sender: str
    recipient: str
    coding: str
    """In which letters the network takes a text: as it takes it by default, or as Latin-1."""


def read_smpp(text: str) -> SmppAddress:
    """AddressError says what is wrong with it."""
    address = parse_address(text)
    address.only("coding")
    if not (address.user and address.password):
        raise AddressError("the user and password of the SMPP account are missing")
    if not address.host:
        raise AddressError("the SMPP host is missing")
    coding = address.options.get("coding", GSM)
    if coding not in {GSM, LATIN_1}:
        raise AddressError(f"coding is neither {GSM} nor {LATIN_1}")
    return SmppAddress(
        host=address.host,
        port=address.port or SCHEMES[address.scheme],
        has_tls=address.scheme == "smpps",
        user=address.user,
        password=address.password,
        sender=address.part(0, "the sender"),
        recipient=telephone(address.part(1, "the recipient")),
        coding=coding,
    )


class SmppNotifier:
    """Sends each notice as one text message, over a connection of its own."""

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`; gives the network's id of the message."""
        try:
            address = read_smpp(contact.address)
        except AddressError as error:
            raise NotifyError(str(error), permanent=True) from error
        with _bound(address, ANSWERS_WITHIN) as client:
            return _submit(client, address, text_of(notice))


def smpp_trouble(text: str, within: float) -> str | None:
    """What would not work, asked as far as the login."""
    try:
        with _bound(read_smpp(text), within):
            return None
    except NotifyError as error:
        return str(error)


@contextlib.contextmanager
def _bound(address: SmppAddress, within: float) -> Iterator[Client]:
    """Logged in; NotifyError where the network does not let the hub in."""
    client = _Client(address, within)
    try:
        client.connect()
        client.bind_transmitter(system_id=address.user, password=address.password)
    except PDUError as error:
        _close(client)
        raise NotifyError("the SMPP service refuses the user and password") from error
    except _LOST as error:
        _close(client)
        raise NotifyError(f"the SMPP service cannot be reached ({type(error).__name__})") from error
    try:
        yield client
    finally:
        # What the network took it has taken, however it parts.
        with contextlib.suppress(PDUError, *_LOST):
            client.unbind()
        _close(client)


def _submit(client: Client, address: SmppAddress, text: str) -> str | None:
    is_number = address.sender.removeprefix("+").isdigit()
    try:
        sent = client.send_message(
            source_addr_ton=consts.SMPP_TON_INTL if is_number else consts.SMPP_TON_ALNUM,
            source_addr_npi=consts.SMPP_NPI_ISDN if is_number else consts.SMPP_NPI_UNK,
            source_addr=address.sender.removeprefix("+"),
            dest_addr_ton=consts.SMPP_TON_INTL,
            dest_addr_npi=consts.SMPP_NPI_ISDN,
            destination_addr=address.recipient.removeprefix("+"),
            data_coding=consts.SMPP_ENCODING_DEFAULT if address.coding == GSM else consts.SMPP_ENCODING_ISO88591,
            short_message=gsm.gsm_encode(text) if address.coding == GSM else text.encode("latin-1", "replace"),
        )
        answer = next(pdu for pdu in _read(client) if pdu.command == "submit_sm_resp" and pdu.sequence == sent.sequence)
    except (PDUError, UnknownCommandError, StopIteration, *_LOST) as error:
        what = type(error).__name__
        raise UnheardError(f"the SMPP service did not say whether it took the notice ({what})") from error
    if answer.is_error():
        code = int(answer.status)
        raise NotifyError(f"the SMPP service refuses the notice ({code:#x})", permanent=code in REFUSED_FOR_EVER)
    return (answer.message_id or b"").rstrip(b"\0").decode("latin-1") or None


def _read(client: Client) -> Iterator[Any]:
    """A few: a network may ask whether the hub is still there before it answers."""
    for _ in range(MOST_READ):
        yield client.read_pdu()


def _close(client: Client) -> None:
    client.state = consts.SMPP_CLIENT_STATE_OPEN
    client.disconnect()


class _Client(Client):  # type: ignore[misc]
    """Over IPv6 too, and one that looks at the name in the certificate."""

    def __init__(self, address: SmppAddress, within: float) -> None:
        super().__init__(address.host, address.port, timeout=within, allow_unknown_opt_params=True)
        self.has_tls = address.has_tls

    def connect(self) -> None:
        connection = socket.create_connection((self.host, self.port), self.timeout)
        if self.has_tls:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=self.host)
        self._socket = connection
        self.state = consts.SMPP_CLIENT_STATE_OPEN
