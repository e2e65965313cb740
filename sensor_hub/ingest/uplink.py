"""The hub's end of the wire: takes gateways' messages from the broker to the worker, and its answers back."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.ingest.decode import decode_batch, decode_status
from sensor_hub.model.problem import InputError
from sensor_hub.model.reading import is_slug
from sensor_hub.model.wire import ROOT, Stored, encode_stored, topic
from sensor_hub.watch.items import BatchCame, Item, Reply, StatusCame
from sensor_hub.watch.ports import Rejection

log = logging.getLogger(__name__)

SUBSCRIPTIONS = [(f"{ROOT}/+/+/{leaf}", 1) for leaf in ("settings", "readings", "status")]
"""What a status may lead to needs the settings: they come first."""
RECONNECT_WITHIN = (1, 10)
"""Seconds between attempts: the first gap, and the longest."""
MOST_UNSENT = 10_000
"""Answers that wait for the broker. Those beyond are dropped: the gateway asks again."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and who the hub is there."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    has_tls: bool = False
    ca: str | None = None
    """The file of the authority that signed the broker's certificate; None: those that the system trusts."""


def new_client(address: BrokerAddress, client_id: str) -> mqtt.Client:
    """A client for the broker, not connected yet. 3.1.1 is what every broker speaks."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv311)
    if address.username:
        client.username_pw_set(address.username, address.password)
    if address.has_tls:
        client.tls_set_context(ssl.create_default_context(cafile=address.ca))
    return client


class Listener(Protocol):
    """Who wants to know what the broker keeps for gateways."""

    def connected(self) -> None: ...
    def hear(self, tenant: str, home: str, payload: bytes) -> None: ...
    def stop(self) -> None: ...


class Uplink:
    """Subscribed to all gateways. What the worker has no room for is dropped unanswered, and so comes again."""

    def __init__(self, address: BrokerAddress, offer: Callable[[Item], bool], tenant: str | None = None) -> None:
        self.address = address
        self.offer = offer
        self.tenant = tenant
        """Whose homes the hub takes; None: anybody's."""
        self.dropped = 0
        self.failures = 0
        self._is_dropping = False
        self._listener: Listener | None = None
        self._client: mqtt.Client | None = None

    @property
    def is_connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def listen(self, listener: Listener) -> None:
        """Who is told of the settings that the broker keeps for gateways."""
        self._listener = listener

    def publish_retained(self, name: str, payload: bytes) -> None:
        """Leaves a message at the broker; nothing happens where it cannot be reached."""
        client = self._client
        if client is not None and client.is_connected():
            client.publish(name, payload, qos=1, retain=True)

    def start(self) -> None:
        """Connects, and again whenever the connection is lost; returns at once."""
        client = new_client(self.address, "")
        client.on_connect = self._connected
        client.on_connect_fail = self._not_connected
        client.on_disconnect = self._disconnected
        client.on_message = self._came
        client.reconnect_delay_set(*RECONNECT_WITHIN)
        client.max_queued_messages_set(MOST_UNSENT)
        self._client = client
        client.connect_async(self.address.host, self.address.port, keepalive=30)
        client.loop_start()

    def stop(self) -> None:
        """Leaves the broker."""
        client, self._client = self._client, None
        if self._listener is not None:
            self._listener.stop()
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._tell_failure(str(reason))
            return
        log.info("connected to the broker after %d failed attempts", self.failures)
        self.failures = 0
        if self._listener is not None:
            self._listener.connected()
        # A clean session: the broker has forgotten what the hub wants to hear.
        client.subscribe(SUBSCRIPTIONS)

    def _not_connected(self, _client: mqtt.Client, _data: Any) -> None:
        self._tell_failure("it does not answer")

    def _disconnected(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure and self.failures == 0:
            self._tell_failure(str(reason))

    def _tell_failure(self, reason: str) -> None:
        self.failures += 1
        if self.failures == 1:
            log.warning("no connection to the broker (%s); it is tried again", reason)

    def _came(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        try:
            item = self._item(message.topic, payload)
        except Exception as error:
            # Whatever a message holds, the next one is taken, and this one is kept to be looked at.
            log.exception("a message of %d bytes could not be taken", len(payload))
            rejection = Rejection("message", f"could not be taken ({type(error).__name__})", payload)
            item = BatchCame("", None, (rejection,), _no_reply, "")
        if item is not None:
            self._hand_over(item)

    def _item(self, name: str, payload: bytes) -> Item | None:
        tenant, home, leaf = name.removeprefix(f"{ROOT}/").split("/")
        if leaf == "settings":
            if self._listener is not None:
                self._listener.hear(tenant, home, payload)
            return None
        if not is_slug(tenant) or not is_slug(home) or self.tenant not in {None, tenant}:
            return BatchCame("", None, (Rejection("message", "no tenant or home of this hub", b""),), _no_reply, "")
        reply = self._reply(topic(tenant, home, "stored"))
        if leaf == "readings":
            pack = decode_batch(payload)
            return BatchCame(home, pack.batch, tuple(pack.rejections), reply, tenant)
        if not payload:  # a retained status that somebody has cleared
            return None
        try:
            return StatusCame(home, decode_status(payload), reply, tenant)
        except InputError as error:
            return BatchCame(home, None, (Rejection("status", error.what, payload),), reply, tenant)

    def _reply(self, name: str) -> Reply:
        def reply(stored: Stored) -> None:
            client = self._client
            # Not connected: paho would keep it and send it late. The gateway asks again after it reconnects.
            if client is not None and client.is_connected():
                client.publish(name, encode_stored(stored), qos=1)

        return reply

    def _hand_over(self, item: Item) -> None:
        if self.offer(item):
            if self._is_dropping:
                log.warning("the hub keeps up again; %d messages were left for later so far", self.dropped)
            self._is_dropping = False
            return
        self.dropped += 1
        if not self._is_dropping:
            log.warning("more comes than can be stored: messages are left unanswered, and will come again")
        self._is_dropping = True


def _no_reply(_stored: Stored) -> None:
    """Nobody is answered."""
