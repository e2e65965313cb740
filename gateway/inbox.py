"""What came in and is not on the disk yet, and the thread that puts it there.

Everything that waits is committed together, and only then acknowledged to its source: what the gateway had in hand when
the power failed, the source's broker delivers again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Condition, Lock, Thread
from typing import NamedTuple

from gateway.adapters.message import Rejected
from gateway.clock import Clock
from gateway.outbox import Appended, Outbox, Sample
from sensor_hub.model.metric import Metric
from sensor_hub.model.reading import Reading

log = logging.getLogger(__name__)

FULL = 20
"""Deliveries that are committed without lingering: mosquitto sends no more than 20 before one is acknowledged."""
MOST_WAITING = 2000
"""Deliveries in memory. Whoever brings more waits, and so in the end the source's broker."""
RETRY = 1.0
SAMPLES_EACH = 20
"""Rejected messages kept on the disk for each reason, from one start to the next; all are counted."""
UNSURE = "the moment is unsure: no trusted time for ten minutes"
LOOK_EVERY = 15.0
"""Seconds after which readings that wait for their moments are looked at again."""
AT_ONCE = frozenset({Metric.SMOKE, Metric.WATER_LEAK, Metric.SOS, Metric.BUTTON})


class Delivery(NamedTuple):
    """What one message brought. `done` is called when it is on the disk."""

    readings: Sequence[Reading] = ()
    samples: Sequence[Sample] = ()
    done: Callable[[], None] | None = None

    @property
    def is_pressing(self) -> bool:
        # A loop: every message asks.
        for reading in self.readings:  # noqa: SIM110
            if reading.metric in AT_ONCE and reading.value:
                return True
        return False


class Tally:
    """How often something was rejected, by reason. Any thread may count."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def count(self, reason: str, times: int = 1) -> int:
        """Adds to the reason's count and returns it; a reason's first time is logged."""
        with self._lock:
            self._counts[reason] += times
            counted = self._counts[reason]
        if counted == times:
            log.warning("rejected for the first time: %s (further ones are only counted)", reason)
        return counted

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)

    def note(self, rejected: Sequence[Rejected], *, topic: str, at: float) -> list[Sample]:
        """Counts what an adapter rejected; returns what of it is to be kept."""
        return [
            Sample(at, one.reason, one.device, one.detail[:500], topic[:200])
            for one in rejected
            if self.count(one.reason) <= SAMPLES_EACH
        ]


class Inbox:
    """Takes deliveries from any thread and commits them from one of its own."""

    def __init__(self, outbox: Outbox, clock: Clock, tally: Tally, *, linger: float) -> None:
        """`linger`: seconds of the program for which a commit waits for more, to spare an SD card."""
        self._outbox = outbox
        self._clock = clock
        self.tally = tally
        self.linger = linger
        self._committed: list[Callable[[], None]] = []
        self._change = Condition()
        self._waiting: list[Delivery] = []
        self._is_pressing = False
        self._is_closing = False
        self._failures = 0
        self._thread = Thread(target=self._work, name="inbox", daemon=True)

    def on_commit(self, call: Callable[[], None]) -> None:
        """`call` is called after each commit."""
        self._committed.append(call)

    def start(self) -> None:
        self._thread.start()

    def put(self, *deliveries: Delivery) -> None:
        """Hands over deliveries; waits where too many wait already. What comes after `close` is not taken."""
        with self._change:
            while len(self._waiting) >= MOST_WAITING and not self._is_closing:
                self._change.wait()
            if self._is_closing:
                return
            was_empty = not self._waiting
            self._waiting += deliveries
            self._is_pressing |= any([delivery.is_pressing for delivery in deliveries])  # noqa: C419 - a flood comes by
            if was_empty or self._is_due():
                self._change.notify_all()

    def look(self) -> None:
        """There may be a trusted time now for what waits for one."""
        with self._change:
            self._change.notify_all()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def close(self, timeout: float) -> bool:
        """Commits what is in hand; False where that could not be done in time."""
        with self._change:
            self._is_closing = True
            self._change.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive() and not self._waiting

    def _is_due(self) -> bool:
        return self._is_pressing or self._is_closing or len(self._waiting) >= FULL

    def _work(self) -> None:
        while deliveries := self._gather():
            if self._commit(deliveries):
                self._confirm(deliveries)
            elif not self._put_back(deliveries):
                return

    def _gather(self) -> list[Delivery]:
        """All that waits, once it has waited long enough; nothing when closing and nothing waits."""
        with self._change:
            while not self._waiting and not self._is_closing:
                if self._outbox.held and not self._clock.must_hold:
                    return [Delivery()]
                self._change.wait(LOOK_EVERY if self._outbox.held else None)
            due = self._clock.elapsed() + self._clock.real(self.linger)
            while not self._is_due() and (left := due - self._clock.elapsed()) > 0:
                self._change.wait(left)
            gathered, self._waiting = self._waiting, []
            self._is_pressing = False
            self._change.notify_all()
        return gathered

    def _commit(self, deliveries: Sequence[Delivery]) -> bool:
        readings = [reading for delivery in deliveries for reading in delivery.readings]
        samples = [sample for delivery in deliveries for sample in delivery.samples]
        if not readings and not samples and not self._outbox.held:
            return True
        try:
            appended = self._accept(readings, samples)
        except (sqlite3.Error, OSError) as error:
            self._failures += 1
            if self._failures == 1:
                log.error("the outbox cannot be written (%s); trying again until it can", error)
            return False
        if self._failures:
            log.info("the outbox can be written again, after %d failed attempts", self._failures)
            self._failures = 0
        self._count(appended)
        return True

    def _accept(self, readings: Sequence[Reading], samples: Sequence[Sample]) -> Appended:
        """Readings wait for their moments while there is no trusted time, but not for ever."""
        self._clock.look()
        if self._clock.must_hold:
            return self._outbox.hold(readings, self._clock.anchor, samples)
        is_sure = self._clock.is_trusted
        if self._outbox.held or not is_sure:
            if readings or samples:
                self._outbox.hold(readings, self._clock.anchor, samples)
            settled = self._outbox.settle(self._clock.anchor, at=self._clock.now(), is_sure=is_sure)
            if not is_sure and settled.accepted:
                self.tally.count(UNSURE, settled.accepted)
            return settled
        return self._outbox.append(readings, at=self._clock.now(), samples=samples)

    def _count(self, appended: Appended) -> None:
        if appended.unfit:
            self.tally.count("value cannot be sent", appended.unfit)
        if appended.given_up:
            self.tally.count("given up: the outbox is full", appended.given_up)

    def _confirm(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.done is not None:
                delivery.done()
        for call in self._committed:
            call()

    def _put_back(self, deliveries: list[Delivery]) -> bool:
        """Keeps what could not be written, and pauses; False when closing, which does not wait for a broken disk."""
        with self._change:
            self._waiting[:0] = deliveries
            if self._is_closing:
                return False
            self._change.wait_for(lambda: self._is_closing, RETRY)
            return True
