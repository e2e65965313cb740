"""The line over TLS with a real broker: messages of many sizes in bursts, each once, in order and acknowledged."""

from __future__ import annotations

import random
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

from gateway.line import READ, Line
from gateway.link import Identity, Link
from gateway.packets import LARGEST, Arrived
from gateway.settings import Server
from tests.brokers import Broker, free_port, has_mosquitto, start_mosquitto
from tests.gateway.builders import wait_until
from tests.gateway.test_packets import packet

pytestmark = pytest.mark.skipif(not has_mosquitto(), reason="mosquitto is not installed")
SIZES = [0, 1, 100, 127, 128, 4000, 8191, 8192, 16_300, 16_384, 16_385, 40_000, 300_000]
RETAINED = b"r" * 20_000


class Reader:
    """Keeps what a lasting session is sent; acknowledges what came at once, as it rests, unless told not to."""

    def __init__(self, server: Server) -> None:
        self.messages: list[Arrived] = []
        self.is_confirming = True
        self.is_listening = False
        self._open: list[int] = []
        self.link = Link(server, Identity("broker", "reader", is_lasting=True), self)

    def prepare(self, client: Client) -> None:
        client.on_subscribe = self._on_subscribe

    def _on_subscribe(self, *_: object) -> None:
        self.is_listening = True

    def opened(self, client: Client) -> None:
        client.subscribe("t/#", qos=1)

    def closed(self) -> None:
        self.is_listening = False

    def take(self, line: Line, message: Arrived) -> None:
        self.messages.append(message)
        if message.number is not None and self.is_confirming:
            line.confirm(message.number)

    def rest(self) -> None:
        self.link.flush()

    @property
    def payloads(self) -> list[bytes]:
        return [one.payload for one in self.messages if one.topic != "t/retained"]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate and key of 127.0.0.1."""
    authority, key = folder / "ca.crt", folder / "ca.key"
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *named]
    subprocess.run([*command, "-keyout", key, "-out", authority], check=True, capture_output=True)
    return authority, key


class Wire:
    """A mosquitto that speaks TLS to the reader and plainly to who publishes."""

    def __init__(self, folder: Path) -> None:
        (authority, key), port = make_certificate(folder), free_port()
        secure = [f"listener {port} 127.0.0.1", f"certfile {authority}", f"keyfile {key}"]
        self.broker: Broker = start_mosquitto(folder / "broker", settings=secure)
        self.server = Server("127.0.0.1", port, tls=True, ca=authority)
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.max_inflight_messages_set(0)
        self.client.connect("127.0.0.1", self.broker.port)
        self.client.loop_start()

    def say(self, payload: bytes, topic: str = "t/x", qos: int = 1, *, retain: bool = False) -> MQTTMessageInfo:
        return self.client.publish(topic, payload, qos=qos, retain=retain)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        self.broker.stop()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.close()


def read(wire: Wire) -> Reader:
    reader = Reader(wire.server)
    reader.link.start()
    wait_until(lambda: reader.is_listening)
    return reader


def leave(reader: Reader) -> None:
    reader.link.ask_to_stop()
    reader.link.join(10)
    assert not reader.link.is_alive


def test_messages_of_all_sizes_in_bursts_come_once_in_order_and_are_acknowledged(wire: Wire) -> None:
    chance = random.Random(3)
    wire.say(RETAINED, "t/retained", retain=True).wait_for_publish(10)
    reader = read(wire)
    sent: list[bytes] = []
    for _ in range(12):
        burst = [chance.randbytes(chance.choice(SIZES)) for _ in range(chance.choice([1, 5, 60]))]
        last = [wire.say(payload) for payload in burst][-1]
        sent += burst
        if chance.random() < 0.5:
            last.wait_for_publish(30)
            # Alone: of a burst with QoS 2 in it mosquitto itself loses some.
            sent.append(chance.randbytes(20_000))
            wire.say(sent[-1], qos=2).wait_for_publish(30)
    wait_until(lambda: len(reader.payloads) >= len(sent))
    assert reader.payloads == sent
    assert [(one.payload, one.retain) for one in reader.messages if one.topic == "t/retained"] == [(RETAINED, True)]
    leave(reader)
    # What was not acknowledged would come again: the session lasts.
    again = read(wire)
    wire.say(b"last").wait_for_publish(10)
    wait_until(lambda: b"last" in again.payloads)
    assert again.payloads == [b"last"]
    leave(again)


def test_what_was_not_acknowledged_comes_again_and_nothing_else(wire: Wire) -> None:
    reader = read(wire)
    wire.say(b"first").wait_for_publish(10)
    wait_until(lambda: reader.payloads == [b"first"])
    reader.is_confirming = False
    sent = [bytes([number]) * 5000 for number in range(15)]
    for payload in sent:
        wire.say(payload)
    wait_until(lambda: len(reader.payloads) == 16)
    leave(reader)
    again = read(wire)
    wait_until(lambda: len(again.payloads) == 15)
    assert again.payloads == sent
    leave(again)


def test_one_that_is_too_large_is_cut_and_the_next_are_whole(wire: Wire) -> None:
    reader = read(wire)
    for payload in (b"before", b"x" * (LARGEST + 1), b"after", b"y" * (LARGEST - 100)):
        wire.say(payload).wait_for_publish(30)
    wait_until(lambda: len(reader.messages) == 4)
    assert [one.is_whole for one in reader.messages] == [True, False, True, True]
    assert [len(one.payload) for one in reader.messages[2:]] == [5, LARGEST - 100]
    assert len(reader.messages[1].payload) < 200_000
    leave(reader)
    again = read(wire)
    wire.say(b"last").wait_for_publish(10)
    wait_until(lambda: again.payloads == [b"last"])
    leave(again)


def test_what_tls_has_unpacked_and_nobody_announces_is_read(tmp_path: Path) -> None:
    """A broker that writes many messages into one record, of which the first read takes half, to a message's end."""
    authority, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, key)
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader = Reader(Server("127.0.0.1", server.getsockname()[1], tls=True, ca=authority))
        reader.link.start()
        accepted, _ = server.accept()
        with context.wrap_socket(accepted, server_side=True) as broker:
            broker.recv(1000)
            broker.sendall(b"\x20\x02\x00\x00")
            # CONNECT was answered; what it subscribes to need not be.
            broker.recv(1000)
            sent = [b"%07d" % number for number in range(1, 1001)]
            packets = [packet(b"t/x", payload, number=number) for number, payload in enumerate(sent, 1)]
            assert {len(one) for one in packets} == {16}
            assert len(packets) * 16 > READ
            assert READ % 16 == 0
            broker.sendall(b"".join(packets))
            wait_until(lambda: len(reader.payloads) == len(sent))
            assert reader.payloads == sent
            reader.link.ask_to_stop()
            told = b""
            while got := broker.recv(10_000):
                told += got
            assert told.count(b"\x40\x02") >= len(sent)
    leave(reader)
