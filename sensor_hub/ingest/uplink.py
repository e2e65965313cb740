"""The hub's end of the wire: takes gateways' messages from the broker to the worker, and its answers back."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensor_hub.ingest.broker_client import BrokerClient
from sensor_hub.ingest.broker_stream import Published
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
"""Settings that wait for the broker. Those beyond are sent after their gateway's next status."""
MOST_UNACKNOWLEDGED = 100
"""Settings that the broker has and did not acknowledge yet: one start tells many gateways."""
MOST_ORIGINS = 20_000
"""Topics that are remembered."""
PATIENCE, LOOK_AGAIN = 0.5, 0.01
"""Seconds for which what there is no room for is held, and the broker with it, before it is left."""


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
    _set_up(client, address)
    return client


def _set_up(client: mqtt.Client, address: BrokerAddress) -> None:
    if address.username:
        client.username_pw_set(address.username, address.password)
    if address.has_tls:
        client.tls_set_context(ssl.create_default_context(cafile=address.ca))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from, as its topic says."""

    tenant: str
    home: str
    leaf: str
    is_ours: bool
    """Whether it names a tenant and a home that this hub may have."""
    reply: Reply


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
        self._origins: dict[bytes, Origin] = {}
        self._listener: Listener | None = None
        self._client: BrokerClient | None = None

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
        client = BrokerClient("", self._came)
        _set_up(client, self.address)
        client.on_connect = self._connected
        client.on_connect_fail = self._not_connected
        client.on_disconnect = self._disconnected
        client.reconnect_delay_set(*RECONNECT_WITHIN)
        client.max_inflight_messages_set(MOST_UNACKNOWLEDGED)
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

    def _came(self, messages: Sequence[Published]) -> None:
        for message in messages:
            try:
                item = self._item(message)
            except Exception as error:
                # Whatever a message holds, the next one is taken, and this one is kept to be looked at.
                log.exception("a message of %d bytes could not be taken", len(message.payload))
                reason = f"could not be taken ({type(error).__name__})"
                item = BatchCame("", None, (Rejection("message", reason, message.payload),), _no_reply, "")
            if item is not None:
                self._hand_over(item)

    def _item(self, message: Published) -> Item | None:
        payload = message.payload
        origin = self._origins.get(message.topic) or self._new_origin(message.topic)
        if origin.leaf == "settings":
            if self._listener is not None:
                self._listener.hear(origin.tenant, origin.home, payload)
            return None
        if not origin.is_ours:
            return BatchCame("", None, (Rejection("message", "no tenant or home of this hub", b""),), _no_reply, "")
        if origin.leaf == "readings":
            pack = decode_batch(payload)
            return BatchCame(origin.home, pack.batch, tuple(pack.rejections), origin.reply, origin.tenant)
        if not payload:  # a retained status that somebody has cleared
            return None
        try:
            return StatusCame(origin.home, decode_status(payload), origin.reply, origin.tenant)
        except InputError as error:
            rejection = Rejection("status", error.what, payload)
            return BatchCame(origin.home, None, (rejection,), origin.reply, origin.tenant)

    def _new_origin(self, name: bytes) -> Origin:
        tenant, home, leaf = name.decode().removeprefix(f"{ROOT}/").split("/")
        is_ours = is_slug(tenant) and is_slug(home) and self.tenant in {None, tenant}
        origin = Origin(tenant, home, leaf, is_ours, self._reply(topic(tenant, home, "stored").encode()))
        if len(self._origins) >= MOST_ORIGINS:
            self._origins.clear()
        self._origins[name] = origin
        return origin

    def _reply(self, name: bytes) -> Reply:
        def reply(stored: Stored) -> None:
            client = self._client
            # Not connected: the gateway asks again after it reconnects.
            if client is not None:
                client.send(name, encode_stored(stored))

        return reply

    def _hand_over(self, item: Item) -> None:
        if self.offer(item) or self._has_room_soon(item):
            if self._is_dropping:
                log.warning("the hub keeps up again; %d messages were left for later so far", self.dropped)
            self._is_dropping = False
            return
        self.dropped += 1
        if not self._is_dropping:
            log.warning("more comes than can be stored: messages are left unanswered, and will come again")
        self._is_dropping = True

    def _has_room_soon(self, item: Item) -> bool:
        """Holds the broker up for a moment, so that a burst is taken as fast as it can be stored."""
        if self._is_dropping:
            return False
        for _ in range(round(PATIENCE / LOOK_AGAIN)):
            time.sleep(LOOK_AGAIN)
            if self.offer(item):
                return True
        return False


def _no_reply(_stored: Stored) -> None:
    """Nobody is answered."""
