"""What goes up to the hub and when: batches in turn, again where no answer came, and the status (design, 4.4)."""

from __future__ import annotations

import logging
from threading import Condition, Event, Thread

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from gateway.flight import Flights
from gateway.outbox import Answer
from gateway.report import Report
from sensor_hub.model.moment import MINUTE
from sensor_hub.model.wire import MOST_READINGS, Stored, encode_batch, encode_status

log = logging.getLogger(__name__)

STATUS_EVERY = 5 * MINUTE
STATUS_GAP = 5.0
"""Real seconds between two statuses at least, however fast simulated time passes."""
PROMPT = 5.0
"""Seconds within which an answer is prompt: the one to a status then serves as a clock."""
AFTER_FAULT = 1.0
GATHER = 0.02
"""Real seconds after all was sent for which the next rows gather: a flood goes up in large messages."""
LAST_WORDS = 1.0
"""Seconds that a stop waits for the hub's last answer, and again for the thread to end."""


class Sender:
    """Sends the outbox's rows while there is a client to send by, and learns from the answers. Any thread may call."""

    def __init__(self, report: Report, *, patience: float, outage: float) -> None:
        self._name = report.name
        self._report = report
        self._outbox = report.outbox
        self._clock = report.clock
        self._outage = outage
        self._flights = Flights(patience)
        self._change = Condition()
        self._is_woken = self._is_closing = self._is_drained = False
        self._hurry = Event()
        """Nothing gathers any more."""
        self._ready: Client | None = None
        self._status_due = 0.0
        self._status_sent = self._heard = float("-inf")
        self._thread = Thread(target=self._work, name="uplink", daemon=True)

    @property
    def client(self) -> Client | None:
        """By which it sends; None while there is none whose hub can be heard."""
        return self._ready

    @property
    def heard(self) -> float:
        """When the hub answered last, by `Clock.elapsed`; minus infinity where it has not."""
        return self._heard

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
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

    def begin(self, client: Client) -> None:
        """Sends by this client from now on, all that was not answered once more."""
        self._seal_backlog(self._clock.elapsed())
        with self._change:
            self._flights.start_over()
            self._status_due = 0.0
            self._ready = client
            self._is_woken = True
            self._change.notify_all()

    def pause(self) -> None:
        """The connection is gone."""
        with self._change:
            self._ready = None
            self._change.notify_all()

    def stop(self) -> Client | None:
        """Waits shortly for the hub's last answer and sends no more; the client that can still say goodbye."""
        self._hurry.set()
        with self._change:
            if self._ready is not None and not self._flights.is_unheard:
                self._change.wait_for(lambda: self._ready is None or not self._flights.is_sending, LAST_WORDS)
            client = self._ready
            self._is_closing = self._is_woken = True
            self._change.notify_all()
        self._thread.join(LAST_WORDS)
        return client

    def was_asked(self) -> bool:
        """Whether the hub was sent a status so lately that what it says now is the answer, and prompt."""
        return self._clock.elapsed() <= self._status_sent + PROMPT

    def take(self, stored: Stored) -> None:
        """The hub's answer."""
        now = self._clock.elapsed()
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
            # Before it is made: what is news from here on, or another connection, wants the next one.
            self._status_sent, self._status_due = now, now + max(self._clock.real(STATUS_EVERY), STATUS_GAP)
            self._publish(client, "status", encode_status(self._report.status("online")), retain=True)
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
            if flight.sent != sent or self._ready is not client:
                return True  # An answer or another connection came in between: this batch may not be the next.
            flight.take_off(batch.upto, self._clock.elapsed())
        return self._publish(client, "readings", encode_batch(batch))

    def _publish(self, client: Client, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        """False where the connection is gone; what was to be sent then goes with the next."""
        code = client.publish(self._name.topic(leaf), payload, qos=1, retain=retain).rc
        return code == MQTTErrorCode.MQTT_ERR_SUCCESS
