"""The far side of SMPP on a free loopback port: it answers each message with the status it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field

BIND_TRANSMITTER, SUBMIT, UNBIND, ENQUIRE = 2, 4, 6, 0x15
ANSWER = 0x80000000


@dataclass
class SmppNetwork:
    """`submit` None: it hangs up on a message that it has read. `asks`: whether the hub is there, before it answers."""

    bind: int = 0
    submit: int | None = 0
    asks: bool = False
    tls: ssl.SSLContext | None = None
    messages: list[bytes] = field(default_factory=list)

    def __enter__(self) -> SmppNetwork:
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes who waits in accept.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                # One that cannot greet by TLS is hung up on.
                talking = connection if self.tls is None else self.tls.wrap_socket(connection, server_side=True)
                with talking:
                    while self._talk(talking):
                        pass

    def _talk(self, connection: socket.socket) -> bool:
        head = _read(connection, 16)
        length, command, _, number = struct.unpack(">IIII", head)
        body = _read(connection, length - 16)
        if command == BIND_TRANSMITTER:
            _answer(connection, command, self.bind, number, b"net\0")
        elif command == SUBMIT:
            self.messages.append(body)
            if self.submit is None:
                return False
            if self.asks:
                connection.sendall(struct.pack(">IIII", 16, ENQUIRE, 0, 77))
            _answer(connection, command, self.submit, number, b"id-1\0" if self.submit == 0 else b"")
        elif command == UNBIND:
            _answer(connection, command, 0, number)
            return False
        return True


def _read(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        part = connection.recv(length - len(found))
        if not part:
            raise ConnectionResetError
        found += part
    return found


def _answer(connection: socket.socket, command: int, status: int, number: int, body: bytes = b"") -> None:
    connection.sendall(struct.pack(">IIII", 16 + len(body), command | ANSWER, status, number) + body)
