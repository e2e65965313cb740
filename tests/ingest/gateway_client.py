"""A gateway's client at the broker: publishes, and collects the hub's answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.model.wire import Stored, decode_stored, topic


class GatewayClient:
    def __init__(self, port: int, tenant: str, home: str, login: tuple[str, str] | None = None) -> None:
        self.port = port
        self.tenant = tenant
        self.home = home
        self.answers: list[Stored] = []
        self.subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        if login is not None:
            self._client.username_pw_set(*login)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._came
        self._client.reconnect_delay_set(1, 1)

    def start(self) -> None:
        self._client.connect_async("127.0.0.1", self.port)
        self._client.loop_start()
        assert self.subscribed.wait(60)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, leaf: str, payload: bytes, *, retain: bool = False) -> None:
        """Only where connected: a client that is not would keep the message."""
        if self._client.is_connected():
            self._client.publish(topic(self.tenant, self.home, leaf), payload, qos=1, retain=retain)

    def publish_until(self, leaf: str, payload: bytes, holds: Callable[[], bool], within: float = 60.0) -> None:
        """As a gateway does: again until it is answered."""
        end = time.monotonic() + within
        while not holds():
            assert time.monotonic() < end, "nobody answered"
            self.publish(leaf, payload)
            wait = time.monotonic() + 0.2
            while not holds() and time.monotonic() < wait:
                time.sleep(0.01)

    def settle(self, count: Callable[[], int]) -> None:
        """Until what was published has come: nothing new for a while."""
        last, since = count(), time.monotonic()
        while time.monotonic() - since < 0.3:
            time.sleep(0.01)
            if count() != last:
                last, since = count(), time.monotonic()

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(topic(self.tenant, self.home, "stored"), qos=1)

    def _came(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.answers.append(decode_stored(bytes(message.payload)))
