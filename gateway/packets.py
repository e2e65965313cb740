"""A message as a broker's packet says it (MQTT 3.1.1, section 3.3), read where all of it has come.

paho reads a packet byte by byte and piece by piece, which costs more than all that the gateway makes of the message.
"""

from __future__ import annotations

from typing import NamedTuple

from paho.mqtt.client import MQTTMessage

LARGEST = 5 * 1024 * 1024
"""Bytes of a packet that is kept whole, more than anything that we read has. A copy of its settings that Zigbee2MQTT
publishes when asked has far more: it would take all the memory that the daemon may have, and come again at each start.
"""
_PUBLISH, _KIND = 0x30, 0xF0
_RETAIN, _AT_LEAST_ONCE, _EXACTLY_ONCE = 0x01, 0x02, 0x04
_GOES_ON = 0x80
"""Of a length's byte: another follows."""


class Arrived(NamedTuple):
    """One message. `topic` is empty where the broker lets one through that is not UTF-8."""

    topic: str
    payload: bytes
    retain: bool
    number: int | None
    """By which it is confirmed; None at QoS 0, where nobody waits for that."""
    is_whole: bool = True
    """False where it was larger than `LARGEST`: of its payload only a part was kept."""


def publish_at(read: bytes, place: int) -> tuple[Arrived, int] | None:
    """The message whose packet begins at `place`, and where that ends.

    None where it is another kind of packet, has not come whole, is odd in any way or has 16 KiB: all that is paho's.
    """
    start = place + 2
    if start >= len(read) or read[place] & (_KIND | _EXACTLY_ONCE) != _PUBLISH:
        return None
    head, length = read[place], read[place + 1]
    if length & _GOES_ON:
        if read[start] & _GOES_ON:
            return None
        length += (read[start] << 7) - _GOES_ON
        start += 1
    end, name = start + length, start + 2
    if end > len(read) or length < 2:
        return None
    body = name + (read[start] << 8 | read[start + 1])
    topic, number = read[name:body], None
    if head & _AT_LEAST_ONCE:
        if body + 2 > end:
            return None
        number = read[body] << 8 | read[body + 1]
        body += 2
    if body > end or not topic:
        return None
    return Arrived(_text(topic), read[body:end], bool(head & _RETAIN), number), end


def arrived(message: MQTTMessage, *, is_whole: bool) -> Arrived:
    """The message as paho has read it."""
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = ""
    return Arrived(topic, bytes(message.payload), message.retain, message.mid if message.qos else None, is_whole)


def _text(topic: bytes) -> str:
    try:
        return topic.decode()
    except UnicodeDecodeError:
        return ""
