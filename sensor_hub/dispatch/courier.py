"""Takes one contact's notices out of the outbox to the service, one after the other.

A thread for each contact: a service that does not answer holds up nobody else's notices.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Delivery, Start
from sensor_hub.dispatch.ports import Notifier, NotifyError, Outbox, Time, UnheardError

log = logging.getLogger(__name__)

GAPS = (5.0, 15.0, 60.0, 240.0, 900.0, 1800.0, 3600.0, 3600.0)
"""Real seconds before the next attempt, after each that failed; after the last it is given up."""
LOOK_EVERY = 5.0
"""The outbox is looked at this often even if nobody rang."""


def deliver_due(
    outbox: Outbox, notifier: Notifier, contact: Contact, time: Time, *, turned: Callable[[], None] = lambda: None
) -> None:
    """Tries everything that is due for the contact once; `turned` hears of each attempt that came to an end."""
    for delivery in outbox.due(contact.id, time.wall()):
        _deliver(delivery, outbox, notifier, contact, time)
        turned()


def _deliver(delivery: Delivery, outbox: Outbox, notifier: Notifier, contact: Contact, time: Time) -> None:
    reference = delivery.notice.reference
    start = outbox.start(reference, time.now())
    if start is not Start.GO:
        log.info("notice %s was not sent: %s", reference, start.value)
        return
    try:
        notifier.send(delivery.marked(), contact)
    except UnheardError as error:
        outbox.unheard(reference, time.now(), str(error), retry_moment(delivery.attempts + 1, time.wall(), error))
        log.error("whether notice %s reached contact %s is not known: %s", reference, contact.id, error)
    except NotifyError as error:
        retry_at = retry_moment(delivery.attempts + 1, time.wall(), error)
        outbox.failed(reference, time.now(), str(error), retry_at)
        _tell_failure(delivery, error, given_up=retry_at is None)
    except Exception as error:  # noqa: BLE001 - a service's plug-in may raise anything: that is a failed attempt
        retry_at = retry_moment(delivery.attempts + 1, time.wall(), None)
        outbox.failed(reference, time.now(), type(error).__name__, retry_at)
        _tell_failure(delivery, error, given_up=retry_at is None)
    else:
        outbox.delivered(reference, time.now())
        if delivery.attempts:
            log.info("notice %s was delivered at attempt %d", reference, delivery.attempts + 1)


def retry_moment(attempts: int, wall: float, error: NotifyError | None) -> float | None:
    """When to try again after `attempts` of which none succeeded; None: not at all."""
    if (error is not None and error.permanent) or attempts > len(GAPS):
        return None
    return wall + GAPS[attempts - 1]


def _tell_failure(delivery: Delivery, error: Exception, *, given_up: bool) -> None:
    what = str(error) if isinstance(error, NotifyError) else type(error).__name__
    if given_up:
        log.error("notice %s to contact %s is given up: %s", delivery.notice.reference, delivery.notice.contact, what)
    elif delivery.attempts == 0:
        log.warning("notice %s to contact %s failed: %s", delivery.notice.reference, delivery.notice.contact, what)


class Courier:
    """Delivers for one contact until stopped."""

    def __init__(self, contact: Contact, outbox: Outbox, notifier: Notifier, time: Time) -> None:
        self.contact = contact
        self.outbox = outbox
        self.notifier = notifier
        self.time = time
        self.turns = 0
        """Grows as long as it works, with or without anything to deliver."""
        self._bell = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"courier-{contact.id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    def stop(self, within: float) -> None:
        """Ends after the attempt that is being made. One that takes longer is left: its notice stays `sending`."""
        self._stopping = True
        self._bell.set()
        self._thread.join(within)

    def _run(self) -> None:
        while not self._stopping:
            self._bell.clear()
            try:
                deliver_due(self.outbox, self.notifier, self.contact, self.time, turned=self._turned)
                self._turned()
                wait = self._seconds_to_next()
            except Exception:
                log.exception("delivery to contact %s stumbled; it goes on", self.contact.id)
                wait = LOOK_EVERY
            if not self._stopping:
                self._bell.wait(wait)

    def _turned(self) -> None:
        self.turns += 1

    def _seconds_to_next(self) -> float:
        due = self.outbox.next_due(self.contact.id)
        return LOOK_EVERY if due is None else min(LOOK_EVERY, max(0.05, due - self.time.wall()))


class Dispatch:
    """All couriers."""

    def __init__(self, contacts: Sequence[Contact], outbox: Outbox, notifier: Notifier, time: Time) -> None:
        self.outbox = outbox
        self.time = time
        self.couriers = [Courier(contact, outbox, notifier, time) for contact in contacts]

    def start(self) -> None:
        """Settles what a crash left, then delivers."""
        again, unknown = self.outbox.recover(self.time.now())
        if again or unknown:
            log.warning("of notices being sent at the last stop, %d go again and %d wait for a look", again, unknown)
        for courier in self.couriers:
            courier.start()

    def turns(self) -> Mapping[str, int]:
        """How often each courier has turned."""
        return {f"courier-{courier.contact.id}": courier.turns for courier in self.couriers}

    def ring(self) -> None:
        for courier in self.couriers:
            courier.ring()

    def stop(self, within: float) -> None:
        for courier in self.couriers:
            courier.ring()
        for courier in self.couriers:
            courier.stop(within)
