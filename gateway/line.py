"""One open connection: what has come is read in one go, and what is on the disk is acknowledged in one go.

paho's own loop is woken for each acknowledgement and writes each alone, which costs more than all else that a message
takes. So this one turns the client by paho's calls for outside loops, takes what was published from what was read, and
packs the acknowledgements itself.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
from collections import deque
from typing import Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from gateway.packets import LARGEST, Arrived, arrived, publish_at

LOOP = 1.0
"""Seconds after which the client looks at its keep-alive; messages wake it at once."""
READ, MOST_READ = 8192, 65_536
KEPT = 80_000
"""Bytes kept of a packet that is too large: its topic, its number and something of its payload."""
MOST_AT_ONCE = 100
"""Messages that are read before they are handed on and others are answered."""
_PUBACK = struct.Struct("!BBH")
_PUBACK_HEAD = (0x40, 2)
_WOULD_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_DONE = MQTTErrorCode.MQTT_ERR_SUCCESS


class Ahead(Client):
    """A client that reads all that has come at once. paho takes a byte, a length and a body, each from the kernel.

    `_sock_recv`, `_packet_read` and `_in_packet` are not promised by paho: the package brings the version that the
    tests ran with.
    """

    _read = b""
    _place = 0
    _is_between = False
    """Whether `_place` is where a packet begins."""

    @property
    def has_more(self) -> bool:
        """Whether something was read that was not looked at yet."""
        return self._place < len(self._read)

    @property
    def is_too_large(self) -> bool:
        """Whether the packet that paho reads now is not kept whole."""
        return self._in_packet["remaining_length"] > LARGEST

    def _sock_recv(self, bufsize: int) -> bytes:
        place = self._place
        if place >= len(self._read):
            if self.is_too_large:
                del self._in_packet["packet"][KEPT:]
            self._read, place = super()._sock_recv(min(max(bufsize, READ), MOST_READ)), 0
        self._place = place + bufsize
        return self._read[place : place + bufsize]

    def _packet_read(self) -> MQTTErrorCode:
        code = super()._packet_read()
        self._is_between = code == _DONE
        return code

    def next_publish(self) -> Arrived | None:
        """The message that was read and comes next; None where there is none, or paho has to read the packet."""
        found = publish_at(self._read, self._place) if self._is_between else None
        if found is None:
            return None
        self._place = found[1]
        return found[0]


class Taker(Protocol):
    """Whom messages are for; called in the thread that turns the line."""

    def take(self, line: Line, message: Arrived) -> None:
        """One message. One that has a number is the taker's to `confirm`."""

    def rest(self) -> None:
        """All that had come is taken."""


class Line:
    """One connection's client. One thread turns it; any thread may `confirm` and `wake`."""

    def __init__(self, client: Ahead, taker: Taker, wakes: tuple[socket.socket, socket.socket]) -> None:
        """`wakes`: a pair of connected sockets; the caller closes them."""
        self.client = client
        self._taker = taker
        self._waker, self._woken = wakes
        self._is_woken = False
        self._confirmed: deque[int] = deque()
        self._unsent = b""
        """Acknowledgements that the socket did not take at once."""
        self._is_midway = False
        """Whether the client may have sent a part of a packet: nothing may come between."""
        client.on_message = self._on_message
        # With it set, other threads only queue what they send, and this one writes.
        client.on_socket_register_write = self._on_register_write

    def confirm(self, number: int) -> None:
        """The message of this number is on the disk. The broker hears it after the next `wake`."""
        self._confirmed.append(number)

    def wake(self) -> None:
        """There may be something to send."""
        if not self._is_woken:
            self._is_woken = True
            try:
                self._waker.send(b"\0")
            except OSError:
                return  # The line is gone.

    def flush(self) -> None:
        """What was confirmed is to be told the broker."""
        if self._confirmed:
            self.wake()

    def turn(self) -> MQTTErrorCode:
        """Waits until there is something to do, and does it."""
        connection = self.client.socket()
        if connection is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        # What was read ahead, or unpacked by TLS, the kernel does not announce.
        has_more = self.client.has_more or (isinstance(connection, ssl.SSLSocket) and connection.pending() > 0)
        is_writing = self._unsent or self._confirmed or self.client.want_write()
        writing = [connection] if is_writing else []
        readable, writable, _ = select.select([connection, self._woken], writing, [], 0.0 if has_more else LOOP)
        if self._woken in readable:
            self._woken.recv(4096)
            # Before anything is looked at: who comes now wakes again.
            self._is_woken = False
        code = self._read() if has_more or connection in readable else _DONE
        if code == _DONE and (writable or self._confirmed or self.client.want_write()):
            code = self._write()
        return self.client.loop_misc() if code == _DONE else code

    def _read(self) -> MQTTErrorCode:
        """All that has come, up to a limit."""
        code = _DONE
        try:
            for _ in range(MOST_AT_ONCE):
                message = self.client.next_publish()
                if message is not None:
                    self._taker.take(self, message)
                else:
                    code = self.client.loop_read()
                if code != _DONE or not self.client.has_more:
                    break
        finally:
            self._taker.rest()
        return code

    def _write(self) -> MQTTErrorCode:
        """Acknowledgements first: after a farewell nothing can be sent."""
        if not self._is_midway and not self._acknowledge():
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        if self._unsent or not self.client.want_write():
            return _DONE
        code = self.client.loop_write()
        self._is_midway = self.client.want_write()
        return code

    def _acknowledge(self) -> bool:
        """False where the connection is gone."""
        if not self._unsent and self._confirmed:
            numbers = [self._confirmed.popleft() for _ in range(len(self._confirmed))]
            self._unsent = b"".join([_PUBACK.pack(*_PUBACK_HEAD, number) for number in numbers])
        connection = self.client.socket()
        if not self._unsent or connection is None:
            return True
        try:
            self._unsent = self._unsent[connection.send(self._unsent) :]
        except _WOULD_WAIT:
            return True
        except OSError:
            return False
        return True

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._taker.take(self, arrived(message, is_whole=not self.client.is_too_large))

    def _on_register_write(self, _client: Client, _data: object, _socket: object) -> None:
        self.wake()
