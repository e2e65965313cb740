"""Puts together what sends notices and hears what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sensor_hub.alerts.notice import Letterhead
from sensor_hub.clock import Clock
from sensor_hub.dispatch.courier import Dispatch
from sensor_hub.dispatch.linked import LinkedNotifier
from sensor_hub.dispatch.notifier import notifier_of
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.dispatch.trouble import Troubles
from sensor_hub.model.moment import DAY
from sensor_hub.settings import Settings
from sensor_hub.storage.stores import SqliteStores
from sensor_hub.sweeping import Sweeper


class Dispatching(NamedTuple):
    dispatch: Dispatch
    receipts: Receipts


def letterhead_of(settings: Settings, clock: Clock) -> Letterhead:
    return Letterhead(settings.notice_url, clock.is_simulated)


def build_dispatching(
    settings: Settings, stores: SqliteStores, clock: Clock, sign: Callable[[str], str]
) -> Dispatching:
    """`sign` makes the signature of a notice's link. The contacts' channels are those of the settings from now on."""
    plan, outbox = settings.plan, stores.outbox
    stores.channels.set_up([channel for contact in plan.contacts for channel in contact.channels])
    troubles = Troubles(stores.channels, outbox, plan.managers(), clock, letterhead_of(settings, clock))
    receipts = Receipts(stores.receipts, outbox, {contact.id: contact for contact in plan.contacts}, clock)

    def after() -> None:
        troubles.tell()
        receipts.settle()

    dispatch = Dispatch(plan.contacts, outbox, LinkedNotifier(notifier_of(settings.data), sign), clock, after=after)
    receipts.ring = dispatch.ring
    return Dispatching(dispatch, receipts)


def sweeper_of(settings: Settings, stores: SqliteStores, clock: Clock) -> Sweeper:
    """Forgets notices when they are old enough."""
    return Sweeper(lambda most: stores.ledger.forget(clock.now() - settings.ledger_days * DAY, most))
