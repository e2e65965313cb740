"""What is wrong with the ways to contacts: a part of `sensor-hub check`."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.app import open_stores
from sensor_hub.model.moment import iso
from sensor_hub.settings import Settings
from sensor_hub.storage.database import DATABASE


def channels(settings: Settings) -> Iterator[str]:
    """Channels that have refused a notice for good; of a hub that has not run nothing is known."""
    if not (settings.data / DATABASE).exists():
        return
    stores = open_stores(settings.data)
    try:
        kept = {channel.key for contact in settings.contacts for channel in contact.channels}
        for broken in stores.channels.broken():
            if broken.key in kept:
                yield (
                    f"contact {broken.contact}, channel {broken.label}: takes no notices since {iso(broken.since)} "
                    f"({broken.why}); put its address right"
                )
    finally:
        stores.database.close()
