"""Publishing messages when their moment has come, to a broker that may come and go."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from firmware_sim.clock import Clock, monotonic
from firmware_sim.wire import Message
from sensor_hub.model.problem import InputError

log = logging.getLogger(__name__)

WINDOW = 200
"""Messages that may be on their way, unanswered by the broker."""
QOS = 1
FIRST_CONNECTION = 3.0
"""Real seconds within which the broker must be there at the start."""
FAREWELL = 1.5
"""Real seconds that a stop waits for the broker's answers."""
STEP = 0.2
PROGRESS_EVERY = 3.0


@dataclass(frozen=True, slots=True)
class Broker:
    """The home's own MQTT broker."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = ""

    @property
    def where(self) -> str:
        return f"broker {self.host}:{self.port}"


class Link:
    """One connection: publishes in order, waits for answers in a window, and loses nothing when the broker restarts.

    paho sends again what was unanswered when the connection broke. Nothing new is published until all of that is
    answered, so the order of one device's messages stays; the retained `greeting` comes first after each connection.
    """

    def __init__(
        self, broker: Broker, *, greeting: Sequence[Message], farewell: Message, stop: threading.Event
    ) -> None:
        self.broker = broker
        self.greeting = greeting
        self.farewell = farewell
        self.stop = stop
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._answered: deque[int] = deque()
        self._unanswered: set[int] = set()
        self._connected = threading.Event()
        self._news = threading.Event()
        self._connections = 0
        self._greeted = 0
        self._refusal = ""

    def open(self) -> None:
        """Connects; InputError where there is no broker or it refuses."""
        client = self._client
        client.max_inflight_messages_set(WINDOW)
        client.reconnect_delay_set(1, 5)
        client.connect_timeout = 2.0
        client.will_set(self.farewell.topic, self.farewell.payload, QOS, retain=True)
        if self.broker.username:
            client.username_pw_set(self.broker.username, self.broker.password or None)
        client.on_connect, client.on_disconnect, client.on_publish = (
            self._on_connect,
            self._on_disconnect,
            self._on_publish,
        )
        self._connect(monotonic() + FIRST_CONNECTION)
        client.loop_start()
        self._news.wait(FIRST_CONNECTION)
        if not self._connected.is_set():
            self.close()
            raise InputError(self._refusal or "does not answer", where=self.broker.where, expected="an MQTT broker")

    def publish(self, message: Message) -> bool:
        """Hands over the message; False when stopped before that."""
        while not self.stop.is_set():
            self._settle()
            if not self._connected.is_set() or (self._greeted != self._connections and self._unanswered):
                self._pause()
            elif self._greeted != self._connections:
                self._greeted = self._connections
                for one in self.greeting:
                    self._send(one)
            elif len(self._unanswered) >= WINDOW:
                self._pause()
            else:
                self._send(message)
                return True
        return False

    def finish(self, within: float | None = None) -> bool:
        """Waits for all answers: until stopped, or for so many real seconds. Whether all came."""
        deadline = None if within is None else monotonic() + within
        self._settle()
        while self._unanswered:
            if self.stop.is_set() if deadline is None else monotonic() > deadline:
                return False
            self._pause()
            self._settle()
        return True

    def close(self) -> None:
        """Says goodbye, as Zigbee2MQTT does when it stops, and disconnects."""
        if self._connected.is_set():
            self._send(self.farewell)
            self.finish(FAREWELL)
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def unanswered(self) -> int:
        return len(self._unanswered)

    def _connect(self, deadline: float) -> None:
        while True:
            try:
                self._client.connect(self.broker.host, self.broker.port)
                return
            except (OSError, ValueError) as error:
                if monotonic() > deadline or self.stop.wait(STEP):
                    reason = f"cannot be reached ({error})"
                    raise InputError(reason, where=self.broker.where, expected="an MQTT broker") from error

    def _send(self, message: Message) -> None:
        # Where the connection broke meanwhile paho keeps the message and sends it after the next one.
        self._unanswered.add(self._client.publish(message.topic, message.payload, QOS, retain=message.retain).mid)

    def _settle(self) -> None:
        while self._answered:
            self._unanswered.discard(self._answered.popleft())

    def _pause(self) -> None:
        self._news.wait(STEP)
        self._news.clear()

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refusal = f"refuses the connection ({reason})"
            self._news.set()
            return
        if self._connections:
            log.warning("%s is there again", self.broker.where)
        self._connections += 1
        self._connected.set()
        self._news.set()

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if self._connected.is_set() and reason.is_failure:
            log.warning("%s is lost (%s), trying again", self.broker.where, reason)
        self._connected.clear()

    def _on_publish(
        self, _client: mqtt.Client, _data: object, mid: int, _reason: ReasonCode, _more: Properties | None
    ) -> None:
        # paho holds a lock here that `publish` needs: only note it.
        self._answered.append(mid)
        self._news.set()


Tell = Callable[[int, float], None]
"""Is told how many messages are published and the simulated moment reached, at most every few seconds."""


def play(messages: Iterable[Message], link: Link, clock: Clock, tell: Tell) -> int:
    """Publishes each message when the clock reaches its moment, never earlier, and at once where it is late.

    Returns how many the broker answered for, when all are through or the link's `stop` is set.
    """
    sent, told = 0, monotonic()
    for message in messages:
        if not clock.wait_until(message.at, link.stop) or not link.publish(message):
            break
        sent += 1
        if monotonic() - told >= PROGRESS_EVERY:
            told = monotonic()
            tell(sent, message.at)
    if not link.finish():
        link.finish(FAREWELL)
    return sent - link.unanswered
