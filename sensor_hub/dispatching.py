"""Puts together what sends notices and hears what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from sensor_hub.alerts.notice import Letterhead
from sensor_hub.clock import Clock
from sensor_hub.desk.alert_pictures import AlertPictures
from sensor_hub.desk.reads import StoredReads
from sensor_hub.dispatch.carriers import notifier_of
from sensor_hub.dispatch.courier import Dispatch
from sensor_hub.dispatch.heartbeats import Heartbeats
from sensor_hub.dispatch.linked import LinkedNotifier
from sensor_hub.dispatch.receipts import Receipts
from sensor_hub.dispatch.scaip import About
from sensor_hub.dispatch.trouble import Troubles
from sensor_hub.history.port import History
from sensor_hub.model.home import Home
from sensor_hub.model.kind import Kind
from sensor_hub.settings import Settings
from sensor_hub.storage.companions import SqlCompanions
from sensor_hub.storage.stores import SqlStores
from sensor_hub.web.callbacks import RECEIPTS


class Dispatching(NamedTuple):
    dispatch: Dispatch
    receipts: Receipts
    heartbeats: Heartbeats


def letterhead_of(settings: Settings, clock: Clock) -> Letterhead:
    return Letterhead(settings.notice_url, clock.is_simulated)


def build_dispatching(
    settings: Settings,
    stores: SqlStores,
    homes: Sequence[Home],
    clock: Clock,
    sign: Callable[[str], str],
    history: History | None = None,
) -> Dispatching:
    """`sign` makes the signature of a notice's link; the charts of mails show `history`.

    The contacts' channels are those of the settings from now on.
    """
    plan, outbox = settings.plan, stores.outbox
    stores.channels.set_up([channel for contact in plan.contacts for channel in contact.channels])
    troubles = Troubles(stores.channels, outbox, plan, clock, letterhead_of(settings, clock), stores.tenants.of)
    receipts = Receipts(stores.receipts, outbox, {contact.id: contact for contact in plan.contacts}, clock)

    def after() -> None:
        troubles.tell()
        receipts.settle()

    companions = SqlCompanions(stores.database)
    pictures = AlertPictures(StoredReads(stores, homes, lambda: True, history), clock.now)
    service = notifier_of(
        settings.data,
        clock.wall,
        kannel_receipts=_kannel_receipts(settings),
        about=_about(stores),
        draw=pictures.draw,
    )
    notifier = LinkedNotifier(service, sign, companions, clock.now)
    dispatch = Dispatch(plan.contacts, outbox, notifier, clock, after=after)
    receipts.ring = dispatch.ring
    return Dispatching(dispatch, receipts, Heartbeats(plan, outbox, clock, letterhead_of(settings, clock)))


def _about(stores: SqlStores) -> Callable[[str], About | None]:
    def about(alert: str) -> About | None:
        row = stores.registry.alert(alert)
        return None if row is None else About(row.home, Kind(row.kind), row.subject)

    return about


def _kannel_receipts(settings: Settings) -> str | None:
    """Where Kannel tells what became of a message; None where it cannot reach the hub, or is not let in."""
    if settings.notice_url is None or settings.callbacks.token is None:
        return None
    return f"{settings.notice_url}{RECEIPTS}/kannel?{urlencode({'token': settings.callbacks.token})}"
