"""What is wrong with the ways to contacts: a part of `sensor-hub check`."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.alerts.channel import Channel
from sensor_hub.alerts.notice import Letterhead
from sensor_hub.clock import Clock
from sensor_hub.database_door import has_data, open_stores
from sensor_hub.desk.contact_book import StoredContacts
from sensor_hub.dispatch.notifier import CONSOLE
from sensor_hub.model.moment import iso
from sensor_hub.remark import Remark
from sensor_hub.settings import Settings


def unconfirmed(settings: Settings) -> list[str]:
    """Contacts that urgent alerts go to, of whom no channel is confirmed; in a hub that has not run, all of them."""
    plan = settings.plan
    found = [contact.id for contact in plan.contacts]
    if has_data(settings):
        stores = open_stores(settings)
        try:
            found = StoredContacts(stores, plan, Clock(), Letterhead(None)).unconfirmed()
        finally:
            stores.database.close()
    urgent = plan.urgent_contacts()
    return [who for who in found if who in urgent]


def unconfirmed_refused(settings: Settings) -> Iterator[Remark]:
    """Those, where the settings say that they must be confirmed. Alerts go to them all the same."""
    if settings.requires_verified:
        for who in unconfirmed(settings):
            yield Remark(
                "contact.unconfirmed",
                f"contact {who}: nobody has confirmed that notices reach it, and urgent alerts go there",
                f"send a code: sensor-hub contact verify {who}",
            )


def unconfirmed_noted(settings: Settings) -> Iterator[Remark]:
    """Those in one line, where they need not be confirmed and go elsewhere than to the terminal."""
    away = {each.id for each in settings.contacts if not all(map(_is_console, each.channels))}
    found = [] if settings.requires_verified else [who for who in unconfirmed(settings) if who in away]
    if found:
        names = ", ".join(found)
        yield Remark(
            "contact.unconfirmed",
            f"nobody has confirmed that notices reach {names}",
            "send a code: sensor-hub contact verify CONTACT",
        )


def channels(settings: Settings) -> Iterator[Remark]:
    """Channels that have refused a notice for good; of a hub that has not run nothing is known."""
    if not has_data(settings):
        return
    stores = open_stores(settings)
    try:
        kept = {channel.key for contact in settings.contacts for channel in contact.channels}
        for broken in stores.channels.broken():
            if broken.key in kept:
                yield Remark(
                    "contact.broken",
                    f"contact {broken.contact}, channel {broken.label}: takes no notices since {iso(broken.since)} "
                    f"({broken.why})",
                    "put its address right",
                )
    finally:
        stores.database.close()


def _is_console(channel: Channel) -> bool:
    return channel.address.startswith(f"{CONSOLE}:")
