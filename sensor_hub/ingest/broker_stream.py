"""A connection to the broker that takes what has arrived in one go, and sends what it is given in one go.

What the broker publishes is taken apart here (MQTT 3.1.1, section 3.3). What is given to be published is put together
here, and its acknowledgements are taken. Every other packet goes to paho, whole and one at a time. paho itself asks the
system at least four times for a message, acknowledges it alone, and for each answer wakes its thread and keeps a book:
at thousands of messages a second that is most of what a hub does.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
from collections import deque
from typing import NamedTuple

MOST_AT_ONCE = 256 * 1024
"""Bytes taken from the system at once."""
PUBLISH, PUBACK = 3, b"\x40\x02"
QOS, EXACTLY_ONCE = 0b0110, 0b0100
MOST_LENGTH_BYTES = 4
"""Of a packet's length. A longer one is no MQTT."""
MOST_MIDS = 65_535
MOST_GIVEN = 10_000
"""Messages that are not acknowledged by the broker yet."""


class Published(NamedTuple):
    """A message as the broker sent it."""

    topic: bytes
    payload: bytes


class BrokerStream:
    """Stands where paho expects a socket. Used by paho's thread only, but for `give`."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._came = b""
        self._at = 0
        """Up to here `_came` is done with."""
        self._to_paho = 0
        """Up to here it is paho's to read."""
        self._unsent = bytearray()
        self._given: deque[bytes] = deque()
        self._mids = itertools.count()
        self._unacknowledged: set[int] = set()
        """Of what was given. One that paho uses too is acknowledged twice: once for each."""
        self._is_told = False
        """Whether paho's thread was told that something was given, and has not looked since."""
        self._is_at_end = False
        self._failure: OSError | None = None

    def give(self, topic: bytes, payload: bytes) -> bool:
        """A message of QoS 1 for the broker, by any thread; whether paho's thread has to be told that there is one.

        Nothing becomes of it where too many are not acknowledged.
        """
        if len(self._unacknowledged) >= MOST_GIVEN:
            return False
        mid = next(self._mids) % MOST_MIDS + 1
        self._unacknowledged.add(mid)
        self._given.append(_publish(topic, mid, payload))
        is_told, self._is_told = self._is_told, True
        return not is_told

    def fill(self) -> None:
        """Takes what has arrived."""
        part = b""
        try:
            part = self.connection.recv(MOST_AT_ONCE)
            self._is_at_end = not part
            while part and isinstance(self.connection, ssl.SSLSocket) and self.connection.pending():
                part += self.connection.recv(MOST_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            self._failure = error
        if part:
            self._came = self._came[self._at :] + part
            self._at = self._to_paho = 0

    def take(self) -> list[Published]:
        """The messages up to the next packet of another kind; they are acknowledged with the next `flush`."""
        came, at, messages = self._came, self._at, list[Published]()
        while (body := _body(came, at)) is not None:
            begin, end = body
            first, topic_end = came[at], begin + 2 + int.from_bytes(came[begin : begin + 2])
            payload = topic_end + (2 if first & QOS else 0)
            if first >> 4 != PUBLISH or first & QOS == EXACTLY_ONCE or payload > end:
                if came[at:begin] == PUBACK and (mid := int.from_bytes(came[begin:end])) in self._unacknowledged:
                    self._unacknowledged.discard(mid)
                    at = end
                    continue
                self._to_paho = end
                break
            if first & QOS:
                self._unsent += PUBACK + came[topic_end:payload]
            messages.append(Published(came[begin + 2 : topic_end], came[payload:end]))
            at = end
        self._at = at
        return messages

    @property
    def has_packet(self) -> bool:
        """Whether paho has something to read: a packet, or that the connection is lost."""
        return self._at < self._to_paho or self._is_at_end or self._failure is not None

    @property
    def has_unsent(self) -> bool:
        return bool(self._unsent or self._given)

    def flush(self) -> None:
        """Sends as much as the system takes now. That the connection is lost is found when it is read."""
        # First this: what is given from now on is told of again.
        self._is_told = False
        while self._given:
            self._unsent += self._given.popleft()
        with contextlib.suppress(OSError):
            while self._unsent:
                del self._unsent[: self.connection.send(self._unsent)]

    # What paho calls.

    def recv(self, size: int) -> bytes:
        if self._at < self._to_paho:
            part = self._came[self._at : min(self._at + size, self._to_paho)]
            self._at += len(part)
            return part
        if self._failure is not None:
            raise self._failure
        if self._is_at_end:
            return b""
        raise BlockingIOError

    def send(self, packet: bytes | bytearray) -> int:
        self._unsent += packet
        return len(packet)

    def fileno(self) -> int:
        return self.connection.fileno()

    def setblocking(self, flag: bool) -> None:
        self.connection.setblocking(flag)

    def close(self) -> None:
        """Sends the last words first."""
        self.flush()
        self.connection.close()


def _body(came: bytes, at: int) -> tuple[int, int] | None:
    """Where the packet that begins at `at` has its body, and where it ends; None where it has not come whole."""
    length, begin = 0, at + 1
    for place in range(MOST_LENGTH_BYTES):
        if begin >= len(came):
            return None
        byte = came[begin]
        begin += 1
        length |= (byte & 127) << 7 * place
        if byte < 128:
            break
    else:
        return begin, begin  # paho says what is wrong with it
    end = begin + length
    return (begin, end) if end <= len(came) else None


def _publish(topic: bytes, mid: int, payload: bytes) -> bytes:
    """The packet of a message of QoS 1 (MQTT 3.1.1, sections 2.2.3 and 3.3)."""
    left, length = 4 + len(topic) + len(payload), bytearray()
    while left > 127:
        length.append(left & 127 | 128)
        left >>= 7
    length.append(left)
    head = b"\x32" + length + len(topic).to_bytes(2) + topic
    return head + mid.to_bytes(2) + payload
