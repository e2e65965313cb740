"""Acknowledgements go out together and only after `wake`; what the socket does not take at once is not lost."""

from __future__ import annotations

import random
import select
import socket
import struct
from collections.abc import Iterator

import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from gateway.line import Ahead, Line
from gateway.packets import Arrived
from tests.gateway.test_packets import packet

CONNACK = b"\x20\x02\x00\x00"
PINGRESP = b"\xd0\x00"


class Taken:
    """Keeps what it is given, and how many had come each time."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.messages: list[Arrived] = []
        self.at_once: list[int] = []

    def take(self, _line: Line, message: Arrived) -> None:
        self.topics.append(message.topic)
        self.messages.append(message)

    def rest(self) -> None:
        self.at_once.append(len(self.topics))


class Pipe:
    """A line whose broker is the other end of a pair of sockets."""

    def __init__(self) -> None:
        ours, self.broker = socket.socketpair()
        self.waker, woken = socket.socketpair()
        self.taken = Taken()
        ours.setblocking(False)
        client = Ahead(CallbackAPIVersion.VERSION2, "c", clean_session=False, manual_ack=True)
        client._create_socket = lambda: ours  # type: ignore[method-assign]
        self.line = Line(client, self.taken, (self.waker, woken))
        client.connect("127.0.0.1", 1)
        self.sockets = [ours, self.broker, self.waker, woken]
        self.line.turn()
        self.broker.recv(1000)
        self.broker.sendall(CONNACK)
        self.line.turn()

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def publish(number: int, topic: str) -> bytes:
    return packet(topic.encode(), b"1", number=number)


def test_what_came_at_once_is_handed_on_at_once(pipe: Pipe) -> None:
    pipe.broker.sendall(b"".join(publish(number, f"t/{number}") for number in range(1, 21)))
    pipe.line.turn()
    assert pipe.taken.topics == [f"t/{number}" for number in range(1, 21)]
    assert pipe.taken.at_once[-1] == 20
    assert len(pipe.taken.at_once) == 2


def test_a_message_that_comes_in_pieces_is_taken_whole(pipe: Pipe) -> None:
    whole = publish(7, "hall/motion")
    for at in range(len(whole)):
        assert not pipe.taken.topics
        pipe.broker.sendall(whole[at : at + 1])
        pipe.line.turn()
    assert pipe.taken.topics == ["hall/motion"]


def test_messages_of_all_sizes_cut_anywhere_are_taken_whole_and_in_order(pipe: Pipe) -> None:
    chance = random.Random(1)
    sent: list[Arrived] = []
    stream = bytearray()
    for number in range(1, 400):
        size = chance.choice([0, 1, 100, 127, 128, 130, 5000, 16_383, 16_384, 70_000])
        head = chance.choice([0x30, 0x31, 0x32, 0x33])
        sent.append(Arrived(f"t/{number}", chance.randbytes(size), bool(head & 1), number if head & 2 else None))
        stream += packet(sent[-1].topic.encode(), sent[-1].payload, head=head, number=number)
        stream += chance.choice([b"", b"", PINGRESP])
    while stream:
        size = chance.choice([1, 2, 3, 50, 4000, 8192, 20_000])
        pipe.broker.sendall(stream[:size])
        del stream[:size]
        while pipe.line.client.has_more or select.select([pipe.sockets[0]], [], [], 0)[0]:
            assert pipe.line.turn() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert pipe.taken.messages == sent


def test_what_is_confirmed_is_acknowledged_together(pipe: Pipe) -> None:
    for number in (1, 2, 65535):
        pipe.line.confirm(number)
    pipe.line.flush()
    pipe.line.turn()
    assert pipe.broker.recv(1000) == b"\x40\x02\x00\x01\x40\x02\x00\x02\x40\x02\xff\xff"


def test_acknowledgements_that_the_socket_does_not_take_go_later(pipe: Pipe) -> None:
    count = 60_000
    pipe.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    for number in range(1, count + 1):
        pipe.line.confirm(number)
    pipe.line.flush()
    got = b""
    pipe.broker.settimeout(2)
    while len(got) < 4 * count:
        assert pipe.line.turn() == MQTTErrorCode.MQTT_ERR_SUCCESS
        got += pipe.broker.recv(100_000)
    assert got == b"".join(struct.pack("!BBH", 0x40, 2, number) for number in range(1, count + 1))


def test_a_farewell_comes_after_the_acknowledgements(pipe: Pipe) -> None:
    pipe.line.confirm(5)
    pipe.line.client.disconnect()
    pipe.line.turn()
    assert pipe.broker.recv(1000) == b"\x40\x02\x00\x05\xe0\x00"


def test_a_broker_that_is_gone_ends_the_line(pipe: Pipe) -> None:
    pipe.broker.close()
    pipe.line.confirm(1)
    codes = [pipe.line.turn() for _ in range(2)]
    assert codes[-1] != MQTTErrorCode.MQTT_ERR_SUCCESS
