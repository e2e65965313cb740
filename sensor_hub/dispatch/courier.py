"""Takes one contact's notices out of the outbox to the services of their channels, one after the other.

A thread for each contact: a service that does not answer holds up nobody else's notices.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from sensor_hub.alerts.channel import Channel, Tried, Ways
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt, Delivery, Start
from sensor_hub.dispatch.ports import Notifier, NotifyError, Outbox, Time, UnheardError

log = logging.getLogger(__name__)

GAPS = (5.0, 15.0, 60.0, 240.0, 900.0, 1800.0, 3600.0, 3600.0)
"""Real seconds before the next attempt on a channel, after each that failed; after the last it has no more."""
LOOK_EVERY = 5.0
"""The outbox is looked at this often even if nobody rang."""
STOPPED = "the hub stopped while it was sent"


def deliver_due(
    outbox: Outbox, notifier: Notifier, contact: Contact, time: Time, *, turned: Callable[[], None] = lambda: None
) -> None:
    """Tries everything that is due for the contact once; `turned` hears of each attempt that came to an end."""
    for delivery in outbox.due(contact.id, time.wall()):
        _Handing(delivery, outbox, contact, time).deliver(notifier)
        turned()


def settle_stuck(outbox: Outbox, contacts: Mapping[str, Contact], time: Time) -> tuple[int, int]:
    """What was being sent when the hub stopped may have arrived. How many go by another channel, and how many not."""
    on, off = 0, 0
    for delivery, key in outbox.stuck():
        contact = contacts.get(delivery.notice.contact)
        channels = () if contact is None else contact.channels
        # One that was begun before channels had keys went by the first.
        channel = next((each for each in channels if each.key == key), next(iter(channels), None))
        sent = channel or Channel(delivery.notice.contact, 1, "")
        ways = delivery.ways(channels).after(sent, Tried(1, is_unheard=True))
        retry_at = next_moment(delivery, ways, time.wall())
        attempt = Attempt(delivery.notice.reference, delivery.attempts, sent)
        outbox.unheard(attempt, time.now(), STOPPED, retry_at)
        on, off = (on, off + 1) if retry_at is None else (on + 1, off)
    return on, off


def next_moment(delivery: Delivery, ways: Ways, wall: float, same: Channel | None = None) -> float | None:
    """When the notice is to be tried again, by a channel that is fresh or else by the `same`; None: not at all."""
    notice = delivery.notice
    if notice.purpose.is_sent_once:
        return None
    following = ways.fresh(notice.urgency) or same
    if following is None:
        return None
    tries = ways.tries(following)
    if tries > len(GAPS):
        return None
    return wall + GAPS[tries - 1] if tries else wall


class _Handing:
    """One notice that is handed to a service once."""

    def __init__(self, delivery: Delivery, outbox: Outbox, contact: Contact, time: Time) -> None:
        self.delivery = delivery
        self.outbox = outbox
        self.contact = contact
        self.time = time
        self.ways = delivery.ways(contact.channels)

    def deliver(self, notifier: Notifier) -> None:
        notice = self.delivery.notice
        channel = self.ways.fresh(notice.urgency) or self.ways.repeat() or self.contact.channels[0]
        attempt = Attempt(notice.reference, self.delivery.attempts + 1, channel)
        start = self.outbox.start(attempt, self.time.now())
        if start is not Start.GO:
            log.info("notice %s was not sent: %s", notice.reference, start.value)
            return
        try:
            provider_id = notifier.send(self.delivery.marked(), self.contact.by(channel))
        except UnheardError as error:
            self._unheard(attempt, error)
        except NotifyError as error:
            self._failed(attempt, str(error), is_final=error.permanent)
        except Exception as error:  # noqa: BLE001 - a service's plug-in may raise anything: that is a failed attempt
            self._failed(attempt, type(error).__name__)
        else:
            self.outbox.delivered(attempt, self.time.now(), provider_id)
            if self.delivery.attempts:
                log.info("notice %s was delivered at attempt %d", notice.reference, attempt.number)

    def _unheard(self, attempt: Attempt, error: UnheardError) -> None:
        retry_at = self._retry_moment(attempt.channel, is_unheard=True)
        self.outbox.unheard(attempt, self.time.now(), str(error), retry_at, error.provider_id)
        log.error(
            "whether notice %s reached contact %s by channel %s is not known: %s",
            *(attempt.reference, self.contact.id, attempt.channel.label, error),
        )

    def _failed(self, attempt: Attempt, what: str, *, is_final: bool = False) -> None:
        retry_at = self._retry_moment(attempt.channel, is_refused=is_final)
        settle = self.outbox.refused if is_final else self.outbox.failed
        settle(attempt, self.time.now(), what, retry_at)
        words = (attempt.reference, self.contact.id, attempt.channel.label, what)
        if retry_at is None:
            log.error("notice %s to contact %s is given up; by channel %s: %s", *words)
        elif is_final or attempt.number == 1:
            log.warning("notice %s to contact %s failed by channel %s: %s", *words)

    def _retry_moment(self, channel: Channel, *, is_refused: bool = False, is_unheard: bool = False) -> float | None:
        now = Tried(self.ways.tries(channel) + 1, is_refused, is_unheard)
        # One that goes again by the channel by which it may have arrived is tried there as often as any other.
        same = None if is_refused or is_unheard else channel
        return next_moment(self.delivery, self.ways.after(channel, now), self.time.wall(), same)


class Courier:
    """Delivers for one contact until stopped."""

    def __init__(
        self,
        contact: Contact,
        outbox: Outbox,
        notifier: Notifier,
        time: Time,
        *,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self.contact = contact
        self.outbox = outbox
        self.notifier = notifier
        self.time = time
        self.after = after
        """Called when everything that was due was tried."""
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
                self.after()
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
    """All couriers. `after`: called by each of them when everything that was due was tried."""

    def __init__(
        self,
        contacts: Sequence[Contact],
        outbox: Outbox,
        notifier: Notifier,
        time: Time,
        *,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self.outbox = outbox
        self.time = time
        self.contacts = {contact.id: contact for contact in contacts}
        self.couriers = [Courier(contact, outbox, notifier, time, after=after) for contact in contacts]

    def start(self) -> None:
        """Settles what a crash left, then delivers."""
        on, off = settle_stuck(self.outbox, self.contacts, self.time)
        if on or off:
            log.warning("of notices being sent at the last stop, %d go by another channel and %d cannot", on, off)
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
