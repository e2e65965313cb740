"""paho's client with all that has arrived read at once: what a hub with many gateways needs."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from sensor_hub.ingest.broker_stream import BrokerStream, Published

REST = 0.002
"""Seconds between two reads. What comes meanwhile costs one wake-up, not one each."""


class BrokerClient(mqtt.Client):
    """Connects, connects again, pings, subscribes and publishes as paho does; messages come in `on_messages`.

    That is called by paho's thread, with all that came; they are acknowledged when it returns. 3.1.1 is what every
    broker speaks.
    """

    def __init__(self, client_id: str, on_messages: Callable[[Sequence[Published]], None]) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311)
        self.on_messages = on_messages

    @property
    def _stream(self) -> BrokerStream | None:
        """The connection, if there is one."""
        connection: object = self.socket()
        return connection if isinstance(connection, BrokerStream) else None

    def _create_socket(self) -> Any:
        connection = super()._create_socket()
        assert isinstance(connection, socket.socket)
        # An answer does not wait until the broker has acknowledged what was sent before it.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return BrokerStream(connection)

    def send(self, topic: bytes, payload: bytes) -> None:
        """A message of QoS 1, by any thread, with all else that is sent by then: nobody waits for it.

        It is lost with the connection, and where the broker has not acknowledged very many before it.
        """
        stream = self._stream
        if stream is not None and self.is_connected() and stream.give(topic, payload):
            waker = self._sockpairW
            with contextlib.suppress(OSError):
                if waker is not None:
                    waker.send(b"0")

    def want_write(self) -> bool:
        stream = self._stream
        return super().want_write() or (stream is not None and stream.has_unsent)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        stream = self._stream
        if stream is None:
            return super().loop_read(max_packets)
        stream.fill()
        while True:
            messages = stream.take()
            if messages:
                self.on_messages(messages)
            if not stream.has_packet:
                break
            code = super().loop_read(max_packets)
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._stream is not stream:
                return code
        stream.flush()
        time.sleep(REST)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def loop_write(self) -> MQTTErrorCode:
        code = super().loop_write()
        if (stream := self._stream) is not None:
            stream.flush()
        return code
