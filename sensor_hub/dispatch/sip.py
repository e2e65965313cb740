"""As much of SIP as it takes to hand over one message: MESSAGE (RFC 3428) by UDP, TCP or TLS (RFC 3261).

Written here because the Python packages for SIP are about calls: they carry media and threads of their own, and none of
those that are kept sends a MESSAGE and says what became of it.
"""

from __future__ import annotations

import re
import secrets
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_BYTES = 65_536
"""Of one SIP message that is read."""
USER_AGENT = "sensor-hub"
_START = re.compile(rb"SIP/2\.0 (\d{3}) ?(.*)")
_SHORT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "l": "content-length",
    "c": "content-type",
    "m": "contact",
}


class SipError(Exception):
    """What came is no SIP message, or the other side hung up."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes, and how."""

    user: str
    host: str
    port: int
    transport: str
    """`tls`, `tcp` or `udp`."""
    ca: str | None = None
    """The file with the authority that signed its certificate; None: one that the system trusts."""

    @property
    def uri(self) -> str:
        return f"sip:{self.user}@{_bracketed(self.host)}:{self.port};transport={self.transport}"


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer that came. Names of headers are in small letters."""

    first: str
    headers: Mapping[str, str]
    body: bytes = b""
    vias: tuple[str, ...] = ()

    @property
    def status(self) -> int | None:
        """None: it is a request."""
        found = _START.match(self.first.encode())
        return None if found is None else int(found.group(1))

    def is_answer_to(self, call_id: str) -> bool:
        return self.status is not None and self.headers.get("call-id") == call_id


@dataclass(slots=True)
class Link:
    """A connection, or for UDP a socket that speaks with one other."""

    connection: socket.socket
    target: Target
    waiting: bytes = field(default=b"")

    @property
    def is_reliable(self) -> bool:
        """Whether nothing is lost on the way, so that nothing needs to be said again."""
        return self.target.transport != "udp"

    @property
    def here(self) -> str:
        host, port = self.connection.getsockname()[:2]
        return f"{_bracketed(host)}:{port}"

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def read(self, within: float) -> Message:
        """The next message. TimeoutError where none comes in time; SipError where none can come any more."""
        self.connection.settimeout(max(within, 0.001))
        if not self.is_reliable:
            return parse(self.connection.recv(MOST_BYTES))
        while (whole := _cut(self.waiting)) is None:
            data = self.connection.recv(MOST_BYTES)
            if not data or len(self.waiting) > MOST_BYTES:
                raise SipError("the other side hung up" if not data else "a message without end")
            self.waiting += data
        self.waiting = self.waiting[len(whole) :].lstrip(b"\r\n")
        return parse(whole)


@contextmanager
def linked(target: Target, within: float) -> Iterator[Link]:
    """OSError where the other side cannot be reached, or its certificate is not the right one."""
    if target.transport == "udp":
        family, kind, number, _, address = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)[0]
        connection = socket.socket(family, kind, number)
        connection.connect(address)
    else:
        connection = socket.create_connection((target.host, target.port), within)
        if target.transport == "tls":
            connection = ssl.create_default_context(cafile=target.ca).wrap_socket(
                connection, server_hostname=target.host
            )
    with connection:
        yield Link(connection, target)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A MESSAGE as it is sent, and by what its answer is known."""

    call_id: str
    text: bytes


def message(link: Link, sender: str, content_type: str, body: bytes) -> Outgoing:
    """A MESSAGE from the address `sender` (`hub@example.org`; empty: from here) to the link's target."""
    target, call_id = link.target, secrets.token_hex(12)
    user = sender.partition("@")[0] or "hub"
    lines = [
        f"MESSAGE {target.uri} SIP/2.0",
        f"Via: SIP/2.0/{target.transport.upper()} {link.here};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:{sender or f'hub@{link.here}'}>;tag={secrets.token_hex(6)}",
        f"To: <sip:{target.user}@{_bracketed(target.host)}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 MESSAGE",
        f"Contact: <sip:{user}@{link.here};transport={target.transport}>",
        f"User-Agent: {USER_AGENT}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
    ]
    return Outgoing(call_id, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def answer(request: Message, status: str = "200 OK") -> bytes:
    """Says that a request came (RFC 3261, 8.2.6)."""
    to = request.headers.get("to", "")
    lines = [
        f"SIP/2.0 {status}",
        *(f"Via: {via}" for via in request.vias),
        f"From: {request.headers.get('from', '')}",
        f"To: {to}" if ";tag=" in to else f"To: {to};tag={secrets.token_hex(6)}",
        f"Call-ID: {request.headers.get('call-id', '')}",
        f"CSeq: {request.headers.get('cseq', '')}",
        "Content-Length: 0",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def parse(data: bytes) -> Message:
    """SipError where it is no SIP message."""
    head, _, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    if "SIP/2.0" not in first:
        raise SipError("what came is not SIP")
    headers: dict[str, str] = {}
    vias = []
    for line in _unfolded(lines):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        name = _SHORT.get(name, name)
        if name == "via":
            vias.append(value.strip())
        headers.setdefault(name, value.strip())
    return Message(first, headers, body, tuple(vias))


def _unfolded(lines: list[str]) -> list[str]:
    whole: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and whole:
            whole[-1] += " " + line.strip()
        else:
            whole.append(line)
    return whole


def _cut(data: bytes) -> bytes | None:
    """The first whole message of a stream, by its Content-Length; None where it is not whole yet."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    end = data.find(b"\r\n\r\n", start)
    if end < 0:
        return None
    length = parse(data[start : end + 4]).headers.get("content-length", "0")
    if not length.isdecimal():
        raise SipError("a message of no known length")
    whole = end + 4 + int(length)
    return data[:whole] if len(data) >= whole else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
