"""A real mail server on a free loopback port, with STARTTLS and a login."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.brokers import free_port

USER, PASSWORD = b"hub", b"secret"


@dataclass
class Box:
    """What arrived. A recipient that begins with `bad` is refused, for now one that begins with `busy`.

    It hangs up on a mail to `mute` after it took it.
    """

    mails: list[Message] = field(default_factory=list)
    peers: list[tuple[str, int]] = field(default_factory=list)
    """On which connection each came."""
    transports: list[asyncio.Transport] = field(default_factory=list)
    most: int = 1000
    """Mails that it takes on one connection: it asks for a new one at the next."""
    came: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("bad"):
            return "550 no such user"
        if address.startswith("busy"):
            return "450 come again"
        if self.peers.count(session.peer) >= self.most:
            return "421 too many on this connection"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content))
        self.peers.append(session.peer)
        self.transports.append(server.transport)
        self.came.set()
        if envelope.rcpt_tos[0].startswith("mute"):
            server.transport.abort()
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(make_header(decode_header(mail["Subject"]))) for mail in self.mails]

    def bodies(self) -> list[str]:
        return [_text(mail) for mail in self.mails]


def _text(mail: Message) -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


class MailServer:
    def __init__(self, folder: Path, *, has_tls: bool = True, box: Box | None = None) -> None:
        self.box = box or Box()
        self.port = free_port()
        self.has_tls = has_tls
        context = own_certificate(folder) if has_tls else None
        self._controller = Controller(
            self.box,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=has_tls,
            auth_required=has_tls,
            authenticator=_judge if has_tls else None,
        )
        self._controller.start()

    def address(self, to: str = "duty@example.org") -> str:
        """Its Apprise URL. The certificate is its own: it is not verified here."""
        if self.has_tls:
            return f"mailto://hub:secret@127.0.0.1:{self.port}/?mode=starttls&verify=no&from=hub@example.org&to={to}"
        return f"mailto://127.0.0.1:{self.port}/?mode=insecure&from=hub@example.org&to={to}"

    def stop(self) -> None:
        """Hangs up on whoever is still there."""
        for transport in self.box.transports:
            self._controller.loop.call_soon_threadsafe(transport.abort)
        self._controller.stop()


def _judge(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
    # Not handled: the server itself says 535. Otherwise the client would wait for an answer that never comes.
    return AuthResult(success=(login.login, login.password) == (USER, PASSWORD), handled=False)


def own_certificate(folder: Path) -> ssl.SSLContext:
    """What a server on the loopback needs for TLS, signed by nobody but itself."""
    key, certificate = folder / "mail.key", folder / "mail.crt"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        certificate,
        *subject,
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
