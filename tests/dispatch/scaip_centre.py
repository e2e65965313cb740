"""A stand-in for an alarm receiving centre on a free loopback port: SIP by UDP, TCP or TLS, answers as it is told to.

It was written here, from the same descriptions as the hub's side: it shows that the hub keeps to these, and nothing of
what a real centre does.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field

from sensor_hub.dispatch.sip import SipError, parse


@dataclass
class Centre:
    """`reply`: in its SIP `answer`, as a `message` of its own, or `never`; `status` None: no SIP answer at all."""

    transport: str = "tcp"
    number: int = 0
    reply: str = "message"
    status: int | None = 200
    is_trying: bool = False
    """It says 100 Trying first."""
    drops: int = 0
    """Datagrams that are lost on the way to it."""
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    """The `mrq` that came."""
    heard: list[str] = field(default_factory=list)
    """First lines of what the hub answered to it."""
    acknowledged: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Centre:
        if self.transport == "udp":
            self._server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._server.bind(("127.0.0.1", 0))
        else:
            self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve_datagrams if self.transport == "udp" else self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.transport == "udp":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", self._server.getsockname())
        else:
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def address(self, unit: str = "unit-7", options: str = "") -> str:
        port = self._server.getsockname()[1]
        host = "localhost" if self.tls else "127.0.0.1"
        return f"scaip://alarm@{host}:{port}/{unit}?transport={self.transport}&heartbeat=5{options}"

    def texts(self, tag: str) -> list[str]:
        """What stands in this tag of each request."""
        found = [re.search(f"<{tag}>(.*?)</{tag}>", request) for request in self.requests]
        return ["" if each is None else each.group(1) for each in found]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            try:
                with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as talk:
                    while data := talk.recv(65536):
                        for out in self._answers(data):
                            talk.sendall(out)
                        if self.status is None:
                            break
            except (OSError, SipError):
                continue

    def _serve_datagrams(self) -> None:
        while True:
            try:
                data, other = self._server.recvfrom(65536)
                if not data:
                    return
                if self.drops:
                    self.drops -= 1
                    continue
                for out in self._answers(data):
                    self._server.sendto(out, other)
            except OSError:
                if self._server.fileno() < 0:
                    return
                # Only the hub's socket is gone.
                continue

    def _answers(self, data: bytes) -> list[bytes]:
        came = parse(data)
        if came.status is not None:
            self.heard.append(came.first)
            self.acknowledged.set()
            return []
        assert came.headers["content-type"] == "application/scaip+xml"
        self.requests.append(came.body.decode())
        if self.status is None:
            return []
        reference = re.search("<ref>(.*?)</ref>", came.body.decode())
        assert reference is not None
        mrs = f"<mrs><ref>{reference.group(1)}</ref><snu>{self.number}</snu></mrs>".encode()
        head = [f"{name}: {came.headers[name.lower()]}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        out = [_text("SIP/2.0 100 Trying", head)] if self.is_trying else []
        body = mrs if self.reply == "answer" else b""
        out.append(_text(f"SIP/2.0 {self.status} Said", head, body))
        if self.reply == "message":
            own = [*head[:3], "Call-ID: its-own", "CSeq: 7 MESSAGE", "Content-Type: application/scaip+xml"]
            out.append(_text("MESSAGE sip:hub@127.0.0.1 SIP/2.0", own, mrs))
        return out


def _text(first: str, head: list[str], body: bytes = b"") -> bytes:
    return "\r\n".join([first, *head, f"Content-Length: {len(body)}", "", ""]).encode() + body
