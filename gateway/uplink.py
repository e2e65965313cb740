"""The connection to the hub (design, 4.4): batches and the retained `status` go up, `stored` and settings come down.

Rows leave the outbox only when the hub has said that it holds them. A broker's acknowledgement proves nothing: some
acknowledge what they deny, and a killed one forgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from paho.mqtt.client import Client
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.flight import FIRST_PATIENCE
from gateway.line import Line
from gateway.link import Identity, Link
from gateway.packets import Arrived
from gateway.passwords import Passwords
from gateway.report import Report
from gateway.sender import Sender
from gateway.settings import Server
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import Stored, decode_stored, encode_status

log = logging.getLogger(__name__)

OUTAGE = 60.0
"""Real seconds without an answer after which what waits is a backlog: live readings must not stand behind it."""
LAST_WORDS = 1.0
"""Seconds that a stop waits for the broker to take `offline`, and again for it to let us go."""
NONSENSE = "not an answer of a hub"


def _take_none(_payload: bytes) -> None:
    return None


def _do_nothing() -> None:
    return None


class Uplink:
    """Keeps the connection to the hub's broker, lets a `Sender` send by it and hands on what comes."""

    def __init__(
        self, hub: Server, report: Report, *, patience: float = FIRST_PATIENCE, outage: float = OUTAGE
    ) -> None:
        self._name = name = report.name
        self._report = report
        self._outbox = report.outbox
        self._clock = report.clock
        self._tally = report.tally
        # A name of its own for each home: who comes back with it ends the connection that a power cut left half open,
        # so that its last will cannot come after our first status.
        self._link = Link(hub, Identity("hub", f"{name.tenant}/{name.home}", is_lasting=False), self)
        self._sender = Sender(report, patience=patience, outage=outage)
        self._answers: int | None = None
        """The number of the subscription to the hub's answers."""
        self.login: Passwords | None = None
        """Which password is shown, where the hub may send another; None: the one that was set up."""
        self._take_settings: Callable[[bytes], None] = _take_none
        self._have_time: Callable[[], None] = _do_nothing

    def listen(self, take_settings: Callable[[bytes], None], have_time: Callable[[], None]) -> None:
        """Whom to call with the hub's settings, and when its clock has made ours trusted while readings wait for it."""
        self._take_settings, self._have_time = take_settings, have_time

    @property
    def is_connected(self) -> bool:
        return self._sender.client is not None

    @property
    def heard(self) -> float:
        """When the hub answered last, by `Clock.elapsed`; minus infinity where it has not."""
        return self._sender.heard

    @property
    def is_alive(self) -> bool:
        """Whether its threads run, connected or not."""
        return self._sender.is_alive and self._link.is_alive

    def start(self) -> None:
        self._link.start()
        self._sender.start()

    def wake(self) -> None:
        """There are new rows."""
        self._sender.wake()

    def say(self) -> None:
        """There is news for the status."""
        self._sender.say()

    def close(self, reason: str) -> None:
        """Waits shortly for the hub's last answer, says why it goes and leaves; within about three seconds."""
        client = self._sender.stop()
        if client is not None:
            _say_goodbye(client, self._name.topic("status"), encode_status(self._report.status("offline", reason)))
        self._link.ask_to_stop()
        self._link.join(LAST_WORDS)

    def reconnect(self) -> None:
        """Leaves the broker in order and comes back; called in the link's thread."""
        client = self._sender.client
        if client is not None:
            client.disconnect()

    def prepare(self, client: Client) -> None:
        if self.login is not None:
            client.username_pw_set(*self.login.next())
        will = encode_status(self._report.status("offline", "connection lost"))
        client.will_set(self._name.topic("status"), will, qos=1, retain=True)
        client.on_subscribe = self._on_subscribe

    def opened(self, client: Client) -> None:
        if self.login is not None:
            self.login.opened()
        self._answers = client.subscribe(self._name.topic("stored"), qos=1)[1]
        client.subscribe(self._name.topic("settings"), qos=1)

    def closed(self) -> None:
        self._sender.pause()

    def _on_subscribe(
        self, client: Client, _data: object, mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        """Nothing is sent before: its answer could come while nobody listens."""
        if mid != self._answers:
            if any(reason.is_failure for reason in reasons):
                log.warning("hub: the broker does not let us hear the hub's settings; check the user's rights")
            return
        if any(reason.is_failure for reason in reasons):
            log.error("hub: the broker does not let us hear its answers; check the user's rights")
            return
        self._sender.begin(client)

    def take(self, line: Line, message: Arrived) -> None:
        """Settings, or an answer of the hub."""
        if message.number is not None:
            line.confirm(message.number)
        if message.topic.endswith("/settings") and message.is_whole:
            self._take_settings(message.payload)
            return
        stored = None if message.retain or not message.is_whole else _answer_in(message.payload)
        if stored is None:
            self._tally.count(NONSENSE)
            return
        if self._sender.was_asked():
            self._clock.hear(stored.at)
            if self._outbox.held and self._clock.is_trusted:
                self._have_time()
        self._sender.take(stored)

    def rest(self) -> None:
        """Each answer was taken as it came."""


def _answer_in(payload: bytes) -> Stored | None:
    """None where it is no answer of a hub."""
    try:
        stored = decode_stored(payload)
    except (InputError, RecursionError):
        return None
    return stored if stored.upto >= 0 else None


def _say_goodbye(client: Client, topic: str, offline: bytes) -> None:
    try:
        client.publish(topic, offline, qos=1, retain=True).wait_for_publish(LAST_WORDS)
    except (RuntimeError, ValueError):
        log.info("hub: gone before we could say that we stop; the broker says it for us")
