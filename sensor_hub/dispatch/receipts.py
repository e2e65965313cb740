"""What becomes of a notice when its service tells later whether it arrived."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sensor_hub.alerts.channel import Tried
from sensor_hub.alerts.contact import Contact
from sensor_hub.alerts.delivery import Attempt
from sensor_hub.alerts.receipt import Reached, Receipt
from sensor_hub.dispatch.courier import next_moment
from sensor_hub.dispatch.ports import Outbox, Time

log = logging.getLogger(__name__)


class Kept(Protocol):
    """A receipt, and the notice and channel that it is about."""

    @property
    def row(self) -> int: ...
    @property
    def receipt(self) -> Receipt: ...
    @property
    def reference(self) -> str: ...
    @property
    def channel(self) -> str: ...


class ReceiptStore(Protocol):
    def add(self, receipt: Receipt, at: float) -> None:
        """Keeps it; the same again is nothing."""

    def kept(self) -> Sequence[Kept]:
        """Those that were not applied yet, of notices that are known."""

    def applied(self, row: int, reference: str) -> None:
        """What it says of this notice is in the ledger."""


class Receipts:
    """`take` may be called by any thread; `ring` is called when a notice is to go by another channel."""

    def __init__(self, store: ReceiptStore, outbox: Outbox, contacts: Mapping[str, Contact], time: Time) -> None:
        self.store = store
        self.outbox = outbox
        self.contacts = contacts
        self.time = time
        self.ring: Callable[[], None] = lambda: None
        self._turn = threading.Lock()

    def take(self, receipt: Receipt) -> None:
        """Keeps the receipt, then applies it if its notice is known."""
        self.store.add(receipt, self.time.now())
        self.settle()

    def settle(self) -> None:
        """Applies what is kept: one may have come before the hub had written down that the service took the notice."""
        with self._turn:
            for kept in self.store.kept():
                self._apply(kept)
                self.store.applied(kept.row, kept.reference)

    def _apply(self, kept: Kept) -> None:
        said, now = kept.receipt, self.time.now()
        if said.reached is Reached.ARRIVED:
            self.outbox.arrived(kept.reference, kept.channel, now)
        elif said.reached is Reached.FAILED:
            self._bounced(kept, now)

    def _bounced(self, kept: Kept, now: float) -> None:
        said = kept.receipt
        delivery = self.outbox.find(kept.reference)
        if delivery is None:
            return
        contact = self.contacts.get(delivery.notice.contact)
        channels = () if contact is None else contact.channels
        channel = next((each for each in channels if each.key == kept.channel), None)
        retry_at = None
        if channel is not None:
            ways = delivery.ways(channels).after(channel, Tried(1, is_refused=True))
            retry_at = next_moment(delivery, ways, self.time.wall())
            if said.is_permanent:
                self.outbox.broken(Attempt(kept.reference, delivery.attempts, channel), now, said.detail)
        self.outbox.bounced(kept.reference, kept.channel, now, said.detail, retry_at)
        log.warning("notice %s did not arrive, its service says: %s", kept.reference, said.detail)
        self.ring()
