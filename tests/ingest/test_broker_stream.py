"""What a broker sends, cut anywhere: the messages and their acknowledgements, and what is left to paho."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from sensor_hub.ingest.broker_stream import MOST_GIVEN, BrokerStream, Published

PINGRESP = b"\xd0\x00"


def publish(topic: str, payload: bytes, mid: int | None = None) -> bytes:
    """A PUBLISH packet; with an id it is one of QoS 1."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + (b"" if mid is None else mid.to_bytes(2, "big")) + payload
    length, rest = bytearray(), len(body)
    while True:
        rest, byte = rest >> 7, rest & 127
        length.append(byte | (128 if rest else 0))
        if not rest:
            return bytes([0x30 if mid is None else 0x32]) + bytes(length) + body


class Ends:
    def __init__(self) -> None:
        self.broker, hub = socket.socketpair()
        hub.setblocking(False)
        self.stream = BrokerStream(hub)

    def came(self) -> list[Published]:
        """Reads as the client does; what is left to paho is read to nothing."""
        self.stream.fill()
        messages = self.stream.take()
        while self.stream.has_packet:
            self.left += self.stream.recv(1000)
            messages += self.stream.take()
        return messages

    left = b""


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.broker.close()
    ends.stream.close()


def test_messages_cut_anywhere_come_whole_and_are_acknowledged_once(ends: Ends) -> None:
    rng = random.Random(1)
    sent = [(f"t/{n}", rng.randbytes(rng.choice([0, 1, 120, 20_000])), n if n % 3 else None) for n in range(1, 60)]
    wire = b"".join(publish(*one) + (PINGRESP if n % 7 == 0 else b"") for n, one in enumerate(sent))
    came: list[Published] = []
    while wire:
        size = rng.choice([1, 2, 3, 50, 3000, 30_000])
        ends.broker.sendall(wire[:size])
        wire = wire[size:]
        came += ends.came()
    assert came == [Published(topic.encode(), payload) for topic, payload, _ in sent]
    assert ends.left == PINGRESP * 9
    ends.stream.flush()
    mids = [mid for *_, mid in sent if mid is not None]
    assert ends.broker.recv(10_000) == b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)
    assert not ends.stream.has_unsent


def test_what_is_no_message_that_can_be_taken_apart_is_paho_s_to_judge(ends: Ends) -> None:
    too_short, endless = b"\x32\x03\x00\x05t", b"\x30\xff\xff\xff\xff\x01"
    ends.broker.sendall(too_short + endless)
    assert ends.came() == []
    assert ends.left.startswith(too_short + endless[:5])


def test_the_end_of_the_connection_is_told_after_all_that_came_before(ends: Ends) -> None:
    ends.broker.sendall(publish("t", b"last", 7))
    ends.stream.fill()
    ends.broker.close()
    ends.stream.fill()
    assert ends.stream.take() == [Published(b"t", b"last")]
    assert ends.stream.has_packet
    assert ends.stream.recv(1) == b""


def test_what_the_system_does_not_take_is_sent_later(ends: Ends) -> None:
    packet = bytes(4_000_000)
    assert ends.stream.send(packet) == len(packet)
    ends.stream.flush()
    assert ends.stream.has_unsent
    got = 0
    while got < len(packet):
        got += len(ends.broker.recv(1_000_000))
        ends.stream.flush()
    assert not ends.stream.has_unsent


def test_what_is_given_goes_out_as_messages_and_its_acknowledgements_are_not_left_to_paho(ends: Ends) -> None:
    given = [(b"t/1", b""), (b"t/2", b"x" * 20_000), (b"t/3", b"y")]
    told = [ends.stream.give(*one) for one in given]
    assert told == [True, False, False]
    assert ends.stream.has_unsent
    ends.stream.flush()
    wire = ends.broker.recv(100_000)
    packets = [publish(name.decode(), payload, mid) for mid, (name, payload) in enumerate(given, 1)]
    assert wire == b"".join(packets)
    ends.broker.sendall(b"\x40\x02\x00\x01" + publish("t", b"between") + b"\x40\x02\x00\x02" + b"\x40\x02\x00\x02")
    assert ends.came() == [Published(b"t", b"between")]
    assert ends.left == b"\x40\x02\x00\x02"
    assert ends.stream.give(b"t/4", b"z")


def test_beyond_what_a_broker_leaves_unacknowledged_nothing_is_given(ends: Ends) -> None:
    for _ in range(MOST_GIVEN):
        ends.stream.give(b"t", b"x")
    assert not ends.stream.give(b"t", b"beyond")
    got = b""
    while ends.stream.has_unsent:
        ends.stream.flush()
        got += ends.broker.recv(1_000_000)
    assert len(got) == MOST_GIVEN * len(publish("t", b"x", 1))
    ends.broker.sendall(b"\x40\x02\x00\x07")
    ends.came()
    assert ends.stream.give(b"t", b"again")
