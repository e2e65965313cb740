"""Tells who looks after the hub, once, that a channel of somebody takes no notices any more."""

from __future__ import annotations

from collections.abc import Callable

from sensor_hub.alerts.notice import Letterhead
from sensor_hub.alerts.own_notice import notice_of_trouble
from sensor_hub.alerts.plan import Plan
from sensor_hub.dispatch.ports import Channels, Outbox, Time


class Troubles:
    """`tell` may be called by any courier at any time: the same trouble is one notice."""

    def __init__(
        self,
        channels: Channels,
        outbox: Outbox,
        plan: Plan,
        time: Time,
        letterhead: Letterhead,
        tenant_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.channels = channels
        self.outbox = outbox
        self.plan = plan
        self.time = time
        self.letterhead = letterhead
        self.tenant_of = tenant_of
        """Whose a home is; None: nothing of it was heard."""

    def tell(self) -> None:
        """Puts a notice into the outbox for each channel of whose trouble nobody has heard."""
        for broken in self.channels.broken(untold=True):
            about = (broken.contact, broken.label, broken.why)
            for manager in self.plan.managers_of(broken.contact, self.tenant_of):
                # Who can be reached by nothing else hears of it on the page only.
                if manager.id != broken.contact or manager.further:
                    notice = notice_of_trouble(manager, about, broken.since, self.letterhead)
                    self.outbox.add(notice, self.time.now(), self.time.wall())
            self.channels.told(broken.key, self.time.now())
