"""What of the records of what is agreed somebody has to look at: those that are missing, and reviews that are due."""

from __future__ import annotations

from collections.abc import Iterator

from sensor_hub.clock import Clock
from sensor_hub.database_door import has_data, open_stores
from sensor_hub.model.home import Home, read_home
from sensor_hub.model.moment import local
from sensor_hub.model.problem import InputError
from sensor_hub.remark import Remark
from sensor_hub.settings import Settings, home_files
from sensor_hub.storage.stores import SqlStores


def consent_noted(settings: Settings) -> Iterator[Remark]:
    """A line for each. None of them is a fault: a home without a record is watched whole, as before there were any."""
    if not has_data(settings):
        return
    now = Clock().now() if settings.pace is None else settings.pace.start
    stores = open_stores(settings)
    try:
        for home in _homes(settings):
            yield from _of_home(stores, home, now)
    finally:
        stores.database.close()


def _of_home(stores: SqlStores, home: Home, now: float) -> Iterator[Remark]:
    if stores.erasures.is_erased(home.id):
        yield Remark(
            "home.erased",
            f"home {home.id}: it was erased and is not watched",
            "remove its file, and give who comes next another id",
        )
        return
    agreed = stores.consents.bare(home.id)
    if agreed is None:
        yield Remark(
            "consent.none",
            f"home {home.id}: there is no record of what is agreed; everything is collected",
            "write it down: sensor-hub consent set",
        )
    elif agreed.decision.is_review_due(local(now, home.zone).date()):
        told = agreed.decision.review_on
        yield Remark(
            "consent.review",
            f"home {home.id}: what is agreed was to be looked at again on {told}",
            "ask, and write it down anew",
        )


def _homes(settings: Settings) -> Iterator[Home]:
    for file in home_files(settings):
        try:
            yield read_home(file)
        except InputError:
            # Told among what is wrong.
            continue
