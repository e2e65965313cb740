"""Alarm receiving centres by SCAIP: `scaip://USER@centre.example:5061/UNIT`.

SCAIP (SS 91100:2014, CLC/TS 50134-9) is XML in SIP messages: a request `mrq`, and the centre's answer `mrs` with the
request's reference. USER is the centre's own name in SIP. UNIT is what the centre knows the hub by; `{home}` in it
stands for the home's id, else all homes share it and the home is the device. Options: `transport` (`tls` unless it says
`tcp` or `udp`), `ca_file` (the authority of the centre's certificate, where the system does not trust it), `from` (the
hub's own SIP address, as the centre expects it), `heartbeat` (minutes, 60; 0: none).

The centre's answer comes in its SIP answer, or as a message of its own on the same connection. Only an answer that it
took the message counts as delivered. What is urgent is a message (`ME`), all else is information (`IN`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from sensor_hub.alerts.contact import Contact, Detail
from sensor_hub.alerts.notice import Notice, Purpose
from sensor_hub.dispatch import scaip_codes as codes
from sensor_hub.dispatch.address import AddressError, anchored_file, parse_address
from sensor_hub.dispatch.ports import NotifyError, UnheardError
from sensor_hub.dispatch.sip import Link, Message, Outgoing, SipError, Target, answer, linked, message
from sensor_hub.model.kind import Kind, Urgency
from sensor_hub.model.room import Room

SCHEME, CA_FILE = "scaip", "ca_file"
PORTS = {"tls": 5061, "tcp": 5060, "udp": 5060}
CONTENT_TYPE = "application/scaip+xml"
VERSION = "01.00"
HOME = "{home}"
HUB = "hub"
"""Stands for the home in what is about none."""
LONGEST_TEXT, LONGEST_REF = 100, 16
HEARTBEAT_MINUTES, LONGEST_HEARTBEAT = 60, 1440
T1, T2 = 0.5, 4.0
"""Seconds before a request that may be lost is said again, doubled up to T2 (RFC 3261, 17.1.2.2)."""
ANSWERS_WITHIN = 32.0
"""Seconds for the SIP answer (64 times T1)."""
TREATED_WITHIN = 15.0
"""Seconds more for the centre's own answer."""
MOST_XML = 16_384
MOST_READ = 100
"""Messages and waits in one exchange: no centre keeps the hub busy for ever."""
FINAL = 200
REFUSED_FOR_EVER = frozenset({404, 410, 413, 414, 415, 416, 484, 485, 604, 606})
"""SIP answers about the address or the message itself (RFC 3261, 21)."""


class About(NamedTuple):
    """What an alert is about."""

    home: str
    kind: Kind
    subject: str


@dataclass(frozen=True, slots=True)
class ScaipAddress:
    target: Target
    unit: str
    sender: str
    heartbeat: int
    """Minutes; 0: none."""

    def unit_of(self, home: str) -> str:
        return self.unit.replace(HOME, home)


def read_scaip(text: str) -> ScaipAddress:
    """AddressError says what is wrong with it."""
    address = parse_address(text)
    address.only("transport", "from", "heartbeat", CA_FILE)
    if not address.host or not address.user:
        raise AddressError("the centre's user and host are missing (scaip://USER@centre.example/UNIT)")
    if address.password:
        raise AddressError("a password means nothing here: passwords by SIP (digest) are not offered")
    transport = address.options.get("transport", "tls")
    if transport not in PORTS:
        raise AddressError(f"transport is none of {', '.join(PORTS)}")
    minutes = address.options.get("heartbeat", str(HEARTBEAT_MINUTES))
    if not minutes.isdecimal() or int(minutes) > LONGEST_HEARTBEAT:
        raise AddressError(f"heartbeat is no number of minutes from 0 to {LONGEST_HEARTBEAT}")
    ca = address.options.get(CA_FILE)
    if ca is not None and not Path(ca).is_file():
        raise AddressError(f"{CA_FILE} names no file")
    target = Target(address.user, address.host, address.port or PORTS[transport], transport, ca)
    return ScaipAddress(target, address.part(0, "the unit"), address.options.get("from", ""), int(minutes))


def anchored(text: str, folder: Path) -> str:
    """The address with its file as seen from the settings' folder."""
    return anchored_file(text, CA_FILE, folder)


class ScaipNotifier:
    """Hands each notice over on a connection of its own. `about`: what the alert with this id is about."""

    def __init__(self, about: Callable[[str], About | None]) -> None:
        self.about = about

    def send(self, notice: Notice, contact: Contact) -> str | None:
        """See `Notifier`."""
        try:
            address = read_scaip(contact.address)
        except AddressError as error:
            raise NotifyError(str(error), permanent=True) from error
        about = self.about(notice.alert) if notice.alert else None
        hand_over(address, notice.reference, request(notice, about, contact.detail, address))
        return None


def request(notice: Notice, about: About | None, detail: Detail, address: ScaipAddress) -> bytes:
    """The `mrq`: codes alone, and the notice's title where the contact may read all."""
    is_urgent = notice.urgency is Urgency.URGENT and about is not None
    code = codes.Code(codes.CONTROLLER, codes.TEST if notice.purpose is Purpose.TEST else codes.LOG)
    fields = {"mty": codes.MESSAGE if is_urgent else codes.INFORMATION, "cid": address.unit_of(HUB)}
    if about is not None:
        code = codes.CODES.get(about.kind, codes.OTHER)
        fields |= {"cid": address.unit_of(about.home), "did": about.home}
        if about.subject in codes.ROOMS:
            fields["lco"] = codes.ROOMS[Room(about.subject)]
    fields |= {"dty": code.device, "stc": code.state}
    if detail is Detail.FULL:
        fields["stt"] = notice.title[:LONGEST_TEXT]
    return _mrq(notice.reference, fields)


def heartbeat(reference: str, address: ScaipAddress) -> bytes:
    """The `mrq` that says that the hub is there."""
    fields = {"mty": codes.HEARTBEAT, "cid": address.unit_of(HUB), "dty": codes.CONTROLLER, "hbo": "0"}
    return _mrq(reference, fields)


def _mrq(reference: str, fields: dict[str, str]) -> bytes:
    root = ElementTree.Element("mrq")
    # No voice call goes with it (crd).
    whole = {"ref": reference[:LONGEST_REF], "ver": VERSION, **fields, "sco": "0", "cha": "0", "crd": "no-voice:"}
    for name, value in whole.items():
        ElementTree.SubElement(root, name).text = value
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def hand_over(address: ScaipAddress, reference: str, body: bytes) -> None:
    """Returns when the centre has taken it. NotifyError otherwise; UnheardError where it may have it."""
    try:
        with linked(address.target, ANSWERS_WITHIN) as link:
            outgoing = message(link, address.sender, CONTENT_TYPE, body)
            link.write(outgoing.text)
            try:
                judge(_answers(link, outgoing, reference[:LONGEST_REF]))
            except ConnectionRefusedError:
                # So says the other machine of a datagram that nobody there wants.
                raise
            except (OSError, SipError) as error:
                raise UnheardError(f"the centre did not say whether it took it ({type(error).__name__})") from error
    except NotifyError:
        raise
    except OSError as error:
        raise NotifyError(f"the centre cannot be reached ({type(error).__name__})") from error


def judge(number: int) -> None:
    """What the centre's status number means; NotifyError where it did not take the message."""
    if number == codes.TAKEN:
        return
    if number == codes.ON_HOLD:
        raise UnheardError("the centre has it on hold, and did not say that it takes it")
    if number in codes.REFUSED_FOR_EVER:
        raise NotifyError(f"{codes.REFUSED_FOR_EVER[number]} ({number})", permanent=True)
    raise NotifyError(f"{codes.NOT_NOW.get(number, 'the centre does not take the message')} ({number})")


def _answers(link: Link, outgoing: Outgoing, reference: str) -> int:
    """The centre's status number; TimeoutError where it does not come."""
    for came in _messages(link, outgoing):
        number = _status_number(came.body, reference)
        if came.is_answer_to(outgoing.call_id):
            _check_sip(came)
        elif came.status is None:
            link.write(answer(came, "200 OK" if came.first.startswith("MESSAGE ") else "405 Method Not Allowed"))
        if number is not None:
            return number
    raise TimeoutError("no answer of the centre's own")


def _messages(link: Link, outgoing: Outgoing) -> Iterator[Message]:
    """What comes until the time is over. By UDP the request is said again until something is heard."""
    left, gap, heard = ANSWERS_WITHIN, T1, False
    for _ in range(MOST_READ):
        if left <= 0:
            return
        wait = left if link.is_reliable or heard else min(gap, left)
        try:
            came = link.read(wait)
        except TimeoutError:
            left, gap = left - wait, min(2 * gap, T2)
            if left > 0 and not link.is_reliable and not heard:
                link.write(outgoing.text)
            continue
        if came.is_answer_to(outgoing.call_id) and (came.status or 0) >= FINAL:
            left, heard = TREATED_WITHIN, True
        yield came


def _check_sip(came: Message) -> None:
    """NotifyError where the centre's SIP server does not take the message."""
    status = came.status or 0
    if status in {401, 407}:
        raise NotifyError("the centre wants a password by SIP, which is not offered", permanent=True)
    if status >= FINAL + 100:
        raise NotifyError(f"the centre does not take the message (SIP {status})", permanent=status in REFUSED_FOR_EVER)


def _status_number(body: bytes, reference: str) -> int | None:
    """Of the `mrs` to this request; None where the body is none."""
    if not body or len(body) > MOST_XML or b"<!" in body:
        return None
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    if root.tag != "mrs" or (root.findtext("ref") or "").strip() != reference:
        return None
    number = (root.findtext("snu") or "").strip()
    return int(number) if number.isdecimal() else None
