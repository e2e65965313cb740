"""The way from the outbox to the hub (design, 4.4): batches up, `stored` down, and the retained `status`.

Rows leave the outbox only when the hub has said that it holds them. A broker's acknowledgement proves nothing: some
acknowledge what they deny, and a killed one forgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Condition, Event, Thread

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.flight import FIRST_PATIENCE, Flights
from gateway.line import Line
from gateway.link import Identity, Link
from gateway.outbox import Answer
from gateway.packets import Arrived
from gateway.passwords import Passwords
from gateway.report import Report
from gateway.settings import Server
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.problem import InputError
from sensor_hub.model.wire import MOST_READINGS, Stored, decode_stored, encode_batch, encode_status

log = logging.getLogger(__name__)

STATUS_EVERY = 5 * MINUTE
STATUS_GAP = 5.0
"""Real seconds between two statuses at least, however fast simulated time passes."""
OUTAGE = 60.0
"""Real seconds without an answer after which what waits is a backlog: live readings must not stand behind it."""
PROMPT = 5.0
"""Seconds within which the answer to a status serves as a clock."""
AFTER_FAULT = 1.0
GATHER = 0.02
"""Real seconds after all was sent for which the next rows gather: a flood goes up in large messages."""
LAST_WORDS = 1.0
"""Seconds that a stop waits for the hub's last answer, and again for the broker to take `offline`."""
NONSENSE = "not an answer of a hub"


def _take_none(_payload: bytes) -> None:
    return None


def _do_nothing() -> None:
    return None


class Uplink:
    """Sends what is in the outbox whenever the hub's broker can be reached."""

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
        self._outage = outage
        self._flights = Flights(patience)
        self._change = Condition()
        self._is_woken = self._is_closing = self._is_drained = False
        self._hurry = Event()
        """Nothing gathers any more."""
        self._ready: Client | None = None
        self._status_due = 0.0
        self._status_sent = self._heard = float("-inf")
        self._answers: int | None = None
        """The number of the subscription to the hub's answers."""
        self.login: Passwords | None = None
        """Which password is shown, where the hub may send another; None: the one that was set up."""
        self._take_settings: Callable[[bytes], None] = _take_none
        self._have_time: Callable[[], None] = _do_nothing
        self._thread = Thread(target=self._work, name="uplink", daemon=True)

    def listen(self, take_settings: Callable[[bytes], None], have_time: Callable[[], None]) -> None:
        """Whom to call with the hub's settings, and when its clock has made ours trusted while readings wait for it."""
        self._take_settings, self._have_time = take_settings, have_time

    @property
    def is_connected(self) -> bool:
        return self._ready is not None

    @property
    def heard(self) -> float:
        """When the hub answered last, by `Clock.elapsed`; minus infinity where it has not."""
        return self._heard

    @property
    def is_alive(self) -> bool:
        """Whether its threads run, connected or not."""
        return self._thread.is_alive() and self._link.is_alive

    def start(self) -> None:
        self._link.start()
        self._thread.start()

    def wake(self) -> None:
        """There are new rows."""
        with self._change:
            self._is_woken = True
            self._change.notify_all()

    def say(self) -> None:
        """There is news for the status."""
        self._status_due = min(self._status_due, self._status_sent + STATUS_GAP)
        self.wake()

    def close(self, reason: str) -> None:
        """Waits shortly for the hub's last answer, says why it goes and leaves; within about three seconds."""
        self._hurry.set()
        with self._change:
            if self._ready is not None and not self._flights.is_unheard:
                self._change.wait_for(lambda: self._ready is None or not self._flights.is_sending, LAST_WORDS)
            client = self._ready
            self._is_closing = self._is_woken = True
            self._change.notify_all()
        self._thread.join(LAST_WORDS)
        if client is not None:
            _say_goodbye(client, self._name.topic("status"), encode_status(self._report.status("offline", reason)))
        self._link.ask_to_stop()
        self._link.join(LAST_WORDS)

    def reconnect(self) -> None:
        """Leaves the broker in order and comes back; called in the link's thread."""
        client = self._ready
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
        with self._change:
            self._ready = None
            self._change.notify_all()

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
        self._seal_backlog(self._clock.elapsed())
        with self._change:
            self._flights.start_over()
            self._status_due = 0.0
            self._ready = client
            self._is_woken = True
            self._change.notify_all()

    def take(self, line: Line, message: Arrived) -> None:
        """Settings, or an answer of the hub."""
        if message.number is not None:
            line.confirm(message.number)
        if message.topic.endswith("/settings"):
            self._take_settings(message.payload)
            return
        stored = None if message.retain else _answer_in(message.payload)
        if stored is None:
            self._tally.count(NONSENSE)
            return
        self._take_answer(stored)

    def rest(self) -> None:
        """Each answer was taken as it came."""

    def _take_answer(self, stored: Stored) -> None:
        now = self._clock.elapsed()
        if now <= self._status_sent + PROMPT:
            self._clock.hear(stored.at)
            if self._outbox.held and self._clock.is_trusted:
                self._have_time()
        self._seal_backlog(now)
        self._heard = now
        with self._change:
            flight = self._flights.of(stored.stream)
            was_unheard = self._flights.is_unheard
        answer = self._outbox.answer(stored.stream, stored.upto, sent=flight.reached)
        with self._change:
            if answer in (Answer.RENEWED, Answer.BACK):
                self._status_due = 0.0
                self._flights.start_over()
                if answer is Answer.RENEWED:
                    self._flights.forget(stored.stream)
            elif answer is Answer.PROGRESS:
                flight.land(stored.upto, now)
            elif answer is Answer.FOREIGN:
                self._flights.forget(stored.stream)
                return
            if was_unheard:
                # Who answers one stream takes the others as well: nothing waits out the patience it had lost.
                self._flights.start_over()
            elif answer is Answer.NOTHING:
                return
            self._is_woken = True
            self._change.notify_all()

    def _seal_backlog(self, now: float) -> None:
        """The hub may be there again. What gathered meanwhile is sealed where it is more than one message holds."""
        if now >= self._heard + self._outage and self._outbox.live_waiting() > MOST_READINGS and self._outbox.seal():
            log.info("hub: the backlog goes up in turn with what comes now")
            with self._change:
                self._status_due = 0.0
                self._flights.keep_only(self._outbox.streams())

    def _work(self) -> None:
        while not self._is_closing:
            try:
                wait = self._send_due()
            except Exception:
                log.exception("hub: sending failed; trying again")
                wait = AFTER_FAULT
            if self._is_drained:
                self._hurry.wait(GATHER)
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
            self._status_sent = now
            self._publish(client, "status", encode_status(self._report.status("online")), retain=True)
            self._status_due = now + max(self._clock.real(STATUS_EVERY), STATUS_GAP)
        with self._change:
            if self._flights.lose_patience(now):
                log.info("hub: no answer; sending again, then waiting longer")
        # One batch of each in turn: live readings never stand behind more than one of the backlog.
        sent, self._is_drained = [True], False
        while any(sent):
            sent = [self._send_batch(client, stream) for stream in self._outbox.turn()]
        return max(0.0, min(self._status_due, self._flights.due) - self._clock.elapsed())

    def _send_batch(self, client: Client, stream: str) -> bool:
        """Sends the next rows of the stream; False where there are none, or enough are on their way."""
        with self._change:
            flight = self._flights.of(stream)
            if self._is_closing or self._ready is not client or not flight.has_room():
                return False
            sent = flight.sent
        batch = self._outbox.batch(sent, self._name.boot, stream)
        if batch is None:
            self._is_drained = True
            return False
        with self._change:
            if flight.sent != sent:
                return True  # An answer came in between: this batch may no longer be the next.
            flight.take_off(batch.upto, self._clock.elapsed())
        return self._publish(client, "readings", encode_batch(batch))

    def _publish(self, client: Client, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        """False where the connection is gone; what was to be sent then goes with the next."""
        code = client.publish(self._name.topic(leaf), payload, qos=1, retain=retain).rc
        return code == MQTTErrorCode.MQTT_ERR_SUCCESS


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
