"""What is read of a packet is what paho would read; all that is odd is left to paho."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.packets import Arrived, publish_at


def packet(topic: bytes, payload: bytes, *, head: int = 0x32, number: int = 7) -> bytes:
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", number) if head & 0x06 else b"") + payload
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | 0x80 if left else digit])
        if not left:
            return bytes([head]) + length + body


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.one_of(st.binary(max_size=300), st.integers(0, 16_000).map(bytes)),
    st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x3A]),
    st.integers(1, 65535),
    st.binary(max_size=20),
)
def test_a_message_is_read_as_it_was_written(topic: str, payload: bytes, head: int, number: int, before: bytes) -> None:
    one = packet(topic.encode(), payload, head=head, number=number)
    arrived = Arrived(topic, payload, bool(head & 1), number if head & 2 else None)
    assert publish_at(before + one + b"\x32\x05", len(before)) == (arrived, len(before) + len(one))


@pytest.mark.parametrize("size", [0, 1, 200, 16_000])
def test_a_message_that_has_not_all_come_is_not_read(size: int) -> None:
    whole = packet(b"hall/motion", bytes(size))
    assert publish_at(whole, 0) is not None
    assert not any(publish_at(whole[:at], 0) for at in range(len(whole)))


@pytest.mark.parametrize(
    "odd",
    [
        packet(b"t", b"1", head=0x34),
        packet(b"", b"1"),
        packet(b"t", bytes(20_000)),
        b"\x40\x02\x00\x07",
        b"\xd0\x00",
        b"\x32\x01\x00",
        b"\x32\x03\x00\x09t",
        b"\x32\x04\x00\x01t\x00",
    ],
    ids=["QoS 2", "no topic", "large", "PUBACK", "PINGRESP", "too short", "topic beyond the end", "half a number"],
)
def test_what_is_odd_or_no_message_is_left_to_paho(odd: bytes) -> None:
    assert publish_at(odd + b"\x30\x04\x00\x01t1", 0) is None


@given(st.binary(max_size=40))
def test_no_bytes_can_fail_it(read: bytes) -> None:
    found = publish_at(b"\x32" + read, 0)
    assert found is None or found[1] <= len(read) + 1


def test_a_topic_that_is_not_utf8_is_empty() -> None:
    found = publish_at(packet(b"\xff\xfe", b"1"), 0)
    assert found is not None
    assert found[0] == Arrived("", b"1", retain=False, number=7)
