"""Shows alarm receiving centres that the hub is there, and tells who looks after the hub where one does not answer."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator

from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.own_notice import heartbeat_notice
from sensor_hub.alerts.plan import Plan
from sensor_hub.dispatch.ports import NotifyError, Outbox, Time
from sensor_hub.dispatch.scaip import SCHEME, ScaipAddress, hand_over, heartbeat, read_scaip
from sensor_hub.model.moment import MINUTE

log = logging.getLogger(__name__)

MISSES_TOLD = 2
"""So many in a row are told: one may be lost on the way."""


class Heartbeat:
    """Of one centre."""

    def __init__(self, contact: str, address: ScaipAddress) -> None:
        self.contact = contact
        self.address = address
        self.misses = 0

    def beat(self) -> str | None:
        """Why it was not answered, where somebody is to be told of that now; once for each spell."""
        reference = secrets.token_hex(8)
        try:
            hand_over(self.address, reference, heartbeat(reference, self.address))
        except NotifyError as error:
            self.misses += 1
            return str(error) if self.misses == MISSES_TOLD else None
        if self.misses >= MISSES_TOLD:
            log.info("the centre of contact %s answers again, after %d heartbeats", self.contact, self.misses)
        self.misses = 0
        return None


class Heartbeats:
    """All of a plan's centres, each with a thread of its own, in real time."""

    def __init__(self, plan: Plan, outbox: Outbox, time: Time, letterhead: Letterhead) -> None:
        self.outbox = outbox
        self.time = time
        self.letterhead = letterhead
        self.plan = plan
        self.all = [each for contact in plan.contacts for each in _heartbeats(contact)]
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(each,), name=f"heartbeat-{each.contact}", daemon=True)
            for each in self.all
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, within: float) -> None:
        """One that waits for an answer is left."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(within)

    def beat(self, one: Heartbeat) -> None:
        """Once; tells everybody who looks after the hub where it must be told."""
        why = one.beat()
        if why is None:
            return
        log.error("the centre of contact %s does not answer heartbeats: %s", one.contact, why)
        now = self.time.now()
        for manager in self.plan.managers_of(one.contact, lambda _: None):
            if manager.id != one.contact or manager.further:
                notice = heartbeat_notice(manager, one.contact, why, now, self.letterhead)
                self.outbox.add(notice, now, self.time.wall())

    def _run(self, one: Heartbeat) -> None:
        while not self._stopping.is_set():
            try:
                self.beat(one)
            except Exception:
                log.exception("the heartbeat of contact %s stumbled; it goes on", one.contact)
            self._stopping.wait(one.address.heartbeat * MINUTE)


def _heartbeats(contact: Contact) -> Iterator[Heartbeat]:
    for channel in contact.channels:
        if channel.address.startswith(f"{SCHEME}://"):
            address = read_scaip(channel.address)
            if address.heartbeat:
                yield Heartbeat(contact.id, address)
