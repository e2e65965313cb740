"""The way from the outbox to the hub (design, 4.4): batches up, `stored` down, and the retained `status`.

Rows leave the outbox only when the hub has said that it holds them. A broker's acknowledgement proves nothing: some
acknowledge what they deny, and a killed one forgets.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from threading import Condition, Thread

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.clock import Clock
from gateway.flight import FIRST_PATIENCE, Flight
from gateway.inbox import Tally
from gateway.link import Identity, Link
from gateway.outbox import Answer, Outbox
from gateway.settings import Server
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import Status, decode_stored, encode_batch, encode_status, topic

log = logging.getLogger(__name__)

STATUS_EVERY = 5 * MINUTE
STATUS_GAP = 5.0
"""Real seconds between two statuses at least, however fast simulated time passes."""
AFTER_FAULT = 1.0
LAST_WORDS = 1.0
"""Seconds that a stop waits for the hub's last answer, and again for the broker to take `offline`."""
NONSENSE = "not an answer of a hub"


@dataclass(frozen=True, slots=True)
class Name:
    """Who speaks: a home's gateway, from one start to the next (`boot`)."""

    tenant: str
    home: str
    version: str
    boot: str = field(default_factory=lambda: secrets.token_hex(4))

    def topic(self, leaf: str) -> str:
        return topic(self.tenant, self.home, leaf)


class Uplink:
    """Sends what is in the outbox whenever the hub's broker can be reached."""

    def __init__(
        self, name: Name, hub: Server, outbox: Outbox, clock: Clock, tally: Tally, *, patience: float = FIRST_PATIENCE
    ) -> None:
        self._name = name
        self._outbox = outbox
        self._clock = clock
        self._tally = tally
        # A name of its own for each home: who comes back with it ends the connection that a power cut left half open,
        # so that its last will cannot come after our first status.
        self._link = Link(hub, Identity("hub", f"{name.tenant}/{name.home}", is_lasting=False), self)
        self._flight = Flight(patience)
        self._stream = outbox.stream
        self._change = Condition()
        self._is_woken = self._is_closing = False
        self._ready: Client | None = None
        self._status_due = 0.0
        self._thread = Thread(target=self._work, name="uplink", daemon=True)

    def start(self) -> None:
        self._link.start()
        self._thread.start()

    def wake(self) -> None:
        """There are new rows."""
        with self._change:
            self._is_woken = True
            self._change.notify_all()

    def close(self, reason: str) -> None:
        """Waits shortly for the hub's last answer, says why it goes and leaves; within about three seconds."""
        with self._change:
            if self._ready is not None and not self._flight.is_unheard:
                self._change.wait_for(lambda: self._ready is None or not self._flight.batches, LAST_WORDS)
            client = self._ready
            self._is_closing = self._is_woken = True
            self._change.notify_all()
        self._thread.join(LAST_WORDS)
        if client is not None:
            self._say_goodbye(client, reason)
        self._link.ask_to_stop()
        self._link.join(LAST_WORDS)

    def prepare(self, client: Client) -> None:
        client.will_set(self._name.topic("status"), self._status("offline", "connection lost"), qos=1, retain=True)
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe

    def opened(self, client: Client) -> None:
        client.subscribe(self._name.topic("stored"), qos=1)

    def closed(self) -> None:
        with self._change:
            self._ready = None
            self._change.notify_all()

    def _on_subscribe(
        self, client: Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        """Nothing is sent before: its answer could come while nobody listens."""
        if any(reason.is_failure for reason in reasons):
            log.error("hub: the broker does not let us hear its answers; check the user's rights")
            return
        with self._change:
            self._flight.start_over()
            self._status_due = 0.0
            self._ready = client
            self._is_woken = True
            self._change.notify_all()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        try:
            stored = decode_stored(bytes(message.payload))
        except (InputError, RecursionError):
            self._tally.count(NONSENSE)
            return
        if message.retain or stored.upto < 0:
            self._tally.count(NONSENSE)
            return
        answer = self._outbox.answer(stored.stream, stored.upto)
        with self._change:
            if answer is Answer.PROGRESS:
                self._flight.land(stored.upto, self._clock.elapsed())
            elif answer is Answer.RENEWED or (answer is Answer.NOTHING and self._flight.is_unheard):
                self._flight.start_over()
            else:
                return
            self._is_woken = True
            self._change.notify_all()

    def _work(self) -> None:
        while not self._is_closing:
            try:
                wait = self._send_due()
            except Exception:
                log.exception("hub: sending failed; trying again")
                wait = AFTER_FAULT
            with self._change:
                self._change.wait_for(lambda: self._is_woken, wait)
                self._is_woken = False

    def _send_due(self) -> float | None:
        """Sends all that may go now; returns the seconds until there is something to do, None while disconnected."""
        client = self._ready
        if client is None:
            return None
        now = self._clock.elapsed()
        if now >= self._status_due:
            self._publish(client, "status", self._status("online"), retain=True)
            self._status_due = now + max(self._clock.real(STATUS_EVERY), STATUS_GAP)
        with self._change:
            if self._flight.lose_patience(now):
                log.info("hub: no answer; sending again, then waiting %.0f s", self._flight.patience)
        while self._send_batch(client):
            pass
        return max(0.0, min(self._status_due, self._flight.due) - self._clock.elapsed())

    def _send_batch(self, client: Client) -> bool:
        """Sends the next rows; False where there are none, or enough are on their way."""
        if self._is_closing or self._ready is not client or not self._flight.has_room():
            return False
        if self._stream != self._outbox.stream:
            self._stream = self._outbox.stream
            with self._change:
                self._flight.start_over()
        sent = self._flight.sent
        batch = self._outbox.batch(sent, self._name.boot)
        if batch is None:
            return False
        with self._change:
            if self._flight.sent != sent:
                return True  # An answer came in between: this batch may no longer be the next.
            self._flight.take_off(batch.upto, self._clock.elapsed())
        return self._publish(client, "readings", encode_batch(batch))

    def _publish(self, client: Client, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        """False where the connection is gone; what was to be sent then goes with the next."""
        code = client.publish(self._name.topic(leaf), payload, qos=1, retain=retain).rc
        return code == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _say_goodbye(self, client: Client, reason: str) -> None:
        try:
            offline = self._status("offline", reason)
            client.publish(self._name.topic("status"), offline, qos=1, retain=True).wait_for_publish(LAST_WORDS)
        except (RuntimeError, ValueError):
            log.info("hub: gone before we could say that we stop; the broker says it for us")

    def _status(self, state: str, reason: str = "") -> bytes:
        status = Status(
            state=state,
            boot=self._name.boot,
            version=self._name.version,
            at=self._clock.now(),
            streams={self._outbox.stream: self._outbox.waiting()},
            oldest=self._outbox.oldest(),
            rejected=self._tally.counts(),
            reason=reason,
        )
        return encode_status(status)
